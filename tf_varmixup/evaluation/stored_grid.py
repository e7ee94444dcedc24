"""The corruption grid as a run evaluates it: each corruption is stored once it is done."""

import itertools
import os
import pathlib

import numpy as np

from .grid import GridCell, grid_cells


def evaluate_stored_grid(folder, predict, benchmark, batch_size=500, on_cell=None):
    """Evaluate the grid corruption by corruption; those that an earlier, interrupted call stored in
    the folder are read instead.

    Args:
        folder: where each corruption's logits are kept, a file each, whole or not at all.
        predict: as of `grid_cells`.
        benchmark: a `CorruptionBenchmark`.
        batch_size: as of `grid_cells`.
        on_cell: None, or a callable that is given each `GridCell`, stored ones too.

    Returns:
        A list of `GridCell`, by corruption and then severity.

    Example:
        >>> cells = evaluate_stored_grid(run.checkpoints / "grid", predict, CorruptionBenchmark(data.test, "all"))
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    stored = {corruption: folder / f"{corruption}.npz" for corruption in benchmark.corruptions}
    missing = [corruption for corruption, path in stored.items() if not path.exists()]
    new = grid_cells(
        predict,
        itertools.starmap(benchmark.cell, itertools.product(missing, benchmark.severities)),
        batch_size,
    )
    cells = []
    for corruption, path in stored.items():
        found = []
        for cell in (
            itertools.islice(new, len(benchmark.severities))
            if corruption in missing
            else _read(path, corruption)
        ):
            found.append(cell)
            if on_cell is not None:
                on_cell(cell)
        if corruption in missing:
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
