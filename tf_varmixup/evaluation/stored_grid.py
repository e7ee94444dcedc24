"""The corruption grid with a memory: each corruption is stored once it is done."""

import itertools
import os
import pathlib
from collections.abc import Iterator

import numpy as np

from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.evaluation.grid import GridCell, grid_cells
from tf_varmixup.evaluation.predictor import Predictor
from tf_varmixup.files import whole


def stored_grid_cells(
    folder: str | os.PathLike[str],
    predict: Predictor,
    benchmark: CorruptionBenchmark,
    batch_size: int = 500,
) -> Iterator[GridCell]:
    """Run a classifier over a grid, corruption by corruption, reading those that are stored.

    Args:
        folder: Where each corruption's logits are kept, a file each, whole or not at all.
        predict: A `Predictor`.
        benchmark: A `CorruptionBenchmark`.
        batch_size: Largest size of a batch.

    Yields:
        A `GridCell` per cell, by corruption and then severity.

    Example:
        >>> from tf_varmixup.corruptions import CorruptionBenchmark
        >>> images, labels = np.zeros((2, 8, 8, 1), "uint8"), np.array([0, 1])
        >>> benchmark = CorruptionBenchmark((images, labels), ["contrast"])
        >>> predict = lambda images, indices: tf.zeros((len(images), 2))
        >>> len(list(stored_grid_cells("grid", predict, benchmark)))
        5
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    stored = {corruption: folder / f"{corruption}.npz" for corruption in benchmark.corruptions}
    missing = [corruption for corruption, path in stored.items() if not path.exists()]
    cells = itertools.starmap(benchmark.cell, itertools.product(missing, benchmark.severities))
    new = grid_cells(predict, cells, batch_size)
    for corruption, path in stored.items():
        if corruption not in missing:
            yield from _read(path, corruption)
            continue
        found = []
        for cell in itertools.islice(new, len(benchmark.severities)):
            found.append(cell)
            yield cell
        _write(path, found)


def _read(path: pathlib.Path, corruption: str) -> list[GridCell]:
    with np.load(path, allow_pickle=False) as stored:
        published = bool(stored["published"])
        return [
            GridCell(corruption, int(severity), logits, stored["labels"], published)
            for severity, logits in zip(stored["severities"], stored["logits"], strict=True)
        ]


def _write(path: pathlib.Path, cells: list[GridCell]) -> None:
    with whole(path) as partial:
        np.savez(
            partial,
            severities=np.array([cell.severity for cell in cells]),
            logits=np.stack([cell.logits for cell in cells]),
            labels=cells[0].labels,
            published=np.array(cells[0].published),
        )
