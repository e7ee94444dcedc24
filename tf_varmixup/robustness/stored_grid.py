"""The corruption grid as a run evaluates it: each corruption is stored once it is done."""

import os
import pathlib

import numpy as np

from .grid import GridCell, evaluate_grid


def evaluate_stored_grid(folder, predict, benchmark, batch_size=500, on_cell=None):
    """Evaluate the grid corruption by corruption; those that an earlier, interrupted call stored in the folder are read instead.

    Args:
        folder: where each corruption's logits are kept, a file each, whole or not at all.
        predict: as of `evaluate_grid`.
        benchmark: a `CorruptionBenchmark`.
        batch_size: as of `evaluate_grid`.
        on_cell: None, or a callable that is given each `GridCell`, stored ones too.

    Returns:
        A list of `GridCell`, by corruption and then severity.

    Example:
        >>> cells = evaluate_stored_grid(run.checkpoints / "grid", predict, CorruptionBenchmark(data.test, "all"))
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    cells = []
    for corruption in benchmark.corruptions:
        path = folder / f"{corruption}.npz"
        if path.exists():
            found = _read(path, corruption)
            for cell in found if on_cell is not None else ():
                on_cell(cell)
        else:
            found = evaluate_grid(predict, (benchmark.cell(corruption, severity) for severity in benchmark.severities), batch_size, on_cell)
            _write(path, found)
        cells += found
    return cells


def _read(path, corruption):
    with np.load(path, allow_pickle=False) as stored:
        published = bool(stored["published"])
        return [
            GridCell(corruption, int(severity), logits, stored["labels"], published)
            for severity, logits in zip(stored["severities"], stored["logits"], strict=True)
        ]


def _write(path, cells):
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as file:
        np.savez(
            file,
            severities=np.array([cell.severity for cell in cells]),
            logits=np.stack([cell.logits for cell in cells]),
            labels=cells[0].labels,
            published=np.array(cells[0].published),
        )
    os.replace(partial, path)
