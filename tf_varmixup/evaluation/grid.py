"""Run a classifier under every corruption at every severity."""

import dataclasses
import itertools
import operator
from collections.abc import Iterable, Iterator

import numpy as np

from tf_varmixup.corruptions.ahead import corrupted_ahead, images_at_once
from tf_varmixup.corruptions.cell import CorruptionCell
from tf_varmixup.evaluation.prediction import collect_logits, even_batch_size
from tf_varmixup.evaluation.predictor import Predictor
from tf_varmixup.metrics import classification_summary


@dataclasses.dataclass(frozen=True, eq=False)
class GridCell:
    """What a classifier made of one corruption at one severity.

    Attributes:
        corruption: Name of the corruption.
        severity: 1 to 5.
        logits: `float32 (n, K)`.
        labels: `int64 (n,)`.
        published: Whether the images were the benchmark's published ones.

    Example:
        >>> cell = GridCell("fog", 3, np.log([[0.8, 0.2]]), np.array([0]))
        >>> cell.summary()["accuracy"]
        1.0
    """

    corruption: str
    severity: int
    logits: np.ndarray
    labels: np.ndarray
    published: bool = False

    def summary(self, temperature: float = 1.0) -> dict[str, float]:
        """Return the metrics of `classification_summary` at a temperature but the detailed ones."""
        return classification_summary(self.logits, self.labels, temperature, detailed=False)


def grid_cells(
    predict: Predictor, cells: Iterable[CorruptionCell], batch_size: int = 500
) -> Iterator[GridCell]:
    """Run a classifier over cells, one after the other as they are asked for.

    Args:
        predict: A `Predictor`; within a cell all batches have one shape.
        cells: A `CorruptionBenchmark`, or other `CorruptionCell`s.
        batch_size: Largest size of a batch.

    Yields:
        A `GridCell` per cell.

    Raises:
        ValueError: If `batch_size` is not a positive integer, or `predict` does not return
            `(B, K)`.

    Example:
        >>> from tf_varmixup.corruptions import CorruptionBenchmark
        >>> images, labels = np.zeros((2, 8, 8, 1), "uint8"), np.array([0, 1])
        >>> benchmark = CorruptionBenchmark((images, labels), ["contrast"], severities=[3])
        >>> predict = lambda images, indices: tf.one_hot(indices, 2)
        >>> [cell.summary()["accuracy"] for cell in grid_cells(predict, benchmark)]
        [1.0]

    Source: Hendrycks and Dietterich, arXiv 1903.12261.
    """

    def part_size(cell: CorruptionCell) -> int:
        size = even_batch_size(len(cell), batch_size)
        return size * max(1, images_at_once(cell) // size)

    parts = corrupted_ahead(cells, part_size)
    for cell, of_cell in itertools.groupby(parts, key=operator.itemgetter(0)):
        size = even_batch_size(len(cell), batch_size)
        logits = [collect_logits(predict, images, size, start) for _, start, images in of_cell]
        yield GridCell(
            cell.corruption, cell.severity, np.concatenate(logits), cell.labels, cell.published
        )


def evaluate_grid(
    predict: Predictor, benchmark: Iterable[CorruptionCell], batch_size: int = 500
) -> list[GridCell]:
    """Run a classifier over a dataset under each corruption at each severity.

    Args:
        predict: A `Predictor`.
        benchmark: A `CorruptionBenchmark`, or other cells to go through.
        batch_size: Largest size of a batch.

    Returns:
        A list of `GridCell`, in the order of the cells.

    Raises:
        ValueError: As `grid_cells`.

    Example:
        >>> from tf_varmixup.corruptions import CorruptionBenchmark
        >>> images, labels = np.zeros((2, 8, 8, 1), "uint8"), np.array([0, 1])
        >>> benchmark = CorruptionBenchmark((images, labels), ["contrast"], severities=[1, 3])
        >>> len(evaluate_grid(lambda images, indices: tf.zeros((len(images), 2)), benchmark))
        2
    """
    return list(grid_cells(predict, benchmark, batch_size))
