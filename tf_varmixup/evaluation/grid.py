"""A classifier against every corruption at every severity (Hendrycks and Dietterich 2019,
arXiv:1903.12261)."""

import dataclasses
import itertools
import operator

import numpy as np

from ..corruptions.ahead import corrupted_ahead, pictures_at_once
from ..metrics import classification_summary
from .prediction import collect_logits, even_batch_size


@dataclasses.dataclass(frozen=True, eq=False)
class GridCell:
    """What a classifier made of one corruption at one severity.

    Attributes:
        corruption: name of the corruption.
        severity: 1 to 5.
        logits: `float32` `(n, K)`.
        labels: `int64` `(n,)`.
        published: whether the pictures were the benchmark's published ones.
    """

    corruption: str
    severity: int
    logits: np.ndarray
    labels: np.ndarray
    published: bool = False

    def summary(self, temperature=1.0):
        """Return the figures of `classification_summary` at a temperature, as a dict of floats."""
        return classification_summary(self.logits, self.labels, temperature)


def grid_cells(predict, cells, batch_size=500):
    """Run a classifier over cells, one after the other as they are asked for.

    Args:
        predict: callable from a `uint8` batch `(B, H, W, C)` to logits `(B, K)`; within a cell all
            batches have one shape.
        cells: a `CorruptionBenchmark`, or other `CorruptionCell`s.
        batch_size: largest size of a batch.

    Yields:
        A `GridCell` a cell.

    Raises:
        ValueError: if `batch_size` is not a positive integer, or `predict` does not return `(B,
            K)`.

    Example:
        >>> next(grid_cells(predict, [benchmark.cell("fog", 3)])).summary()["accuracy"]
    """

    def part_size(cell):
        size = even_batch_size(len(cell), batch_size)
        return size * max(1, pictures_at_once(cell) // size)

    for cell, parts in itertools.groupby(
        corrupted_ahead(cells, part_size), key=operator.itemgetter(0)
    ):
        size = even_batch_size(len(cell), batch_size)
        logits = np.concatenate(
            [collect_logits(predict, pictures, size) for _, _, pictures in parts]
        )
        yield GridCell(cell.corruption, cell.severity, logits, cell.labels, cell.published)


def evaluate_grid(predict, benchmark, batch_size=500, on_cell=None):
    """Run a classifier over a data set under each corruption at each severity.

    Args:
        predict: as of `grid_cells`.
        benchmark: a `CorruptionBenchmark`, or other cells to go through.
        batch_size: largest size of a batch.
        on_cell: None, or a callable that is given each `GridCell` once it is done.

    Returns:
        A list of `GridCell`, in the order of the cells.

    Raises:
        ValueError: as `grid_cells`.

    Example:
        >>> predict = tf.function(lambda images: model(images, training=False))
        >>> cells = evaluate_grid(predict, CorruptionBenchmark(data.test))
        >>> mean_summary(cells)["accuracy"]
    """
    cells = []
    for cell in grid_cells(predict, benchmark, batch_size):
        cells.append(cell)
        if on_cell is not None:
            on_cell(cell)
    return cells
