"""The corruption grid with a memory: each corruption is stored once it is done."""

import hashlib
import itertools
import os
import pathlib
from collections.abc import Iterator

import numpy as np

from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.evaluation.grid import GridCell, grid_cells
from tf_varmixup.evaluation.predictor import Predictor
from tf_varmixup.files import KeptFiles

_FIRST = 32  # images by which a classifier is told from others


def stored_grid_cells(
    folder: str | os.PathLike[str] | KeptFiles,
    predict: Predictor,
    benchmark: CorruptionBenchmark,
    batch_size: int = 500,
) -> Iterator[GridCell]:
    """Run a classifier over a grid, corruption by corruption, reading those that are stored.

    Args:
        folder: Where each corruption's logits are kept, a file each, whole or not at all. Files
            that are damaged, of other images or of another classifier, which is told by what it
            makes of the first images, are made again. `KeptFiles` have a key of their own.
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
    kept = folder
    if not isinstance(kept, KeptFiles):
        kept = KeptFiles(pathlib.Path(kept), key=_fingerprint(predict, benchmark))
    stored = {
        corruption: _find(kept, corruption, benchmark) for corruption in benchmark.corruptions
    }
    missing = [corruption for corruption, path in stored.items() if path is None]
    cells = itertools.starmap(benchmark.cell, itertools.product(missing, benchmark.severities))
    new = grid_cells(predict, cells, batch_size)
    for corruption, path in stored.items():
        if path is not None:
            yield from _read(path, corruption)
            continue
        found = []
        for cell in itertools.islice(new, len(benchmark.severities)):
            found.append(cell)
            yield cell
        store_cells(kept, found)


def missing_corruptions(kept: KeptFiles, benchmark: CorruptionBenchmark) -> list[str]:
    """Return the corruptions of a grid that are not stored, or not as they were written.

    Args:
        kept: Where each corruption's logits are kept.
        benchmark: A `CorruptionBenchmark`.

    Returns:
        A list of names.
    """
    return [name for name in benchmark.corruptions if _find(kept, name, benchmark) is None]


def store_cells(kept: KeptFiles, cells: list[GridCell]) -> None:
    """Store the cells of one corruption, to be read by `stored_grid_cells`.

    Args:
        kept: Where each corruption's logits are kept.
        cells: A `GridCell` per severity of the benchmark, in its order.
    """
    with kept.writing(f"{cells[0].corruption}.npz") as partial:
        np.savez(
            partial,
            severities=np.array([cell.severity for cell in cells]),
            logits=np.stack([cell.logits for cell in cells]),
            labels=cells[0].labels,
            published=np.array(cells[0].published),
        )


def _fingerprint(predict: Predictor, benchmark: CorruptionBenchmark) -> str:
    """Return what tells a classifier on a grid from others, as far as the third decimal."""
    cell = benchmark.cell(benchmark.corruptions[0], benchmark.severities[0])
    first = np.asarray(cell.source[:_FIRST])
    images = cell.source if isinstance(cell.source, np.ndarray) else first
    logits = np.round(np.asarray(predict(first, np.arange(len(first))), "float64"), 3) + 0.0
    found = hashlib.sha256(f"{cell.seed}".encode())
    for part in (logits, images, cell.labels):
        found.update(np.ascontiguousarray(part).tobytes())
    return found.hexdigest()


def _find(kept: KeptFiles, corruption: str, benchmark: CorruptionBenchmark) -> pathlib.Path | None:
    """Return the file of a corruption, if it is as it was written and has the benchmark's cells."""
    path = kept.find(f"{corruption}.npz")
    if path is None:
        return None
    with np.load(path, allow_pickle=False) as stored:
        of_severities = tuple(stored["severities"]) == benchmark.severities
        count = len(benchmark.cell(corruption, benchmark.severities[0]))
        return path if of_severities and stored["logits"].shape[1] == count else None


def _read(path: pathlib.Path, corruption: str) -> list[GridCell]:
    with np.load(path, allow_pickle=False) as stored:
        published = bool(stored["published"])
        return [
            GridCell(corruption, int(severity), logits, stored["labels"], published)
            for severity, logits in zip(stored["severities"], stored["logits"], strict=True)
        ]
