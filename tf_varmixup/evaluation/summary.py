"""Means over the cells of a grid."""

from collections.abc import Sequence

import numpy as np

from tf_varmixup.evaluation.grid import GridCell


def mean_summary(cells: Sequence[GridCell], temperature: float = 1.0) -> dict[str, float]:
    """Average every metric over the cells of a grid.

    Each cell counts the same, as the benchmark counts them.

    Args:
        cells: List of `GridCell`.
        temperature: Positive number the logits are divided by.

    Returns:
        A dict of Python floats with the names of `classification_summary`.

    Raises:
        ValueError: If there are no cells.

    Example:
        >>> cell = GridCell("fog", 3, np.log([[0.8, 0.2]]), np.array([0]))
        >>> mean_summary([cell, cell])["accuracy"]
        1.0
    """
    if not cells:
        raise ValueError("Expected at least one cell. Received: none.")
    summaries = [cell.summary(temperature) for cell in cells]
    return {name: float(np.mean([summary[name] for summary in summaries])) for name in summaries[0]}


def mean_corruption_error(cells: Sequence[GridCell]) -> float:
    """Return the mean corruption error (mCE) of CIFAR-C, not normalized by a baseline's.

    It is the mean error over the cells, as AugMix (arXiv:1912.02781) and RobustBench report it on
    CIFAR-C; ImageNet-C's divides by AlexNet's errors.

    Args:
        cells: List of `GridCell`.

    Returns:
        A Python float in [0, 1].

    Raises:
        ValueError: If there are no cells.

    Example:
        >>> mean_corruption_error([GridCell("fog", 3, np.log([[0.2, 0.8]]), np.array([0]))])
        1.0
    """
    return 1.0 - mean_summary(cells)["accuracy"]
