"""Means over the cells of a grid."""

import numpy as np


def mean_summary(cells, temperature=1.0):
    """Average every figure of `classification_summary` over the cells of a grid.

    Each cell counts the same, as the benchmark counts them.

    Args:
        cells: list of `GridCell`.
        temperature: positive number the logits are divided by.

    Returns:
        A dict of Python floats `accuracy`, `nll`, `brier`, `ece`, `signed_gap`,
        `overconfidence_error`.

    Raises:
        ValueError: if there are no cells.

    Example:
        >>> metrics["corrupted_after_temperature"] = mean_summary(cells, temperature)
    """
    if not cells:
        raise ValueError("expected at least one cell, received none")
    summaries = [cell.summary(temperature) for cell in cells]
    return {name: float(np.mean([summary[name] for summary in summaries])) for name in summaries[0]}


def mean_corruption_error(cells):
    """Return the mean corruption error (mCE) of CIFAR-C: the mean error over the cells, not
    normalised by a baseline's.

    That is how AugMix (arXiv:1912.02781) and RobustBench report it on CIFAR-C; ImageNet-C's divides
    by AlexNet's errors.

    Args:
        cells: list of `GridCell`.

    Returns:
        A Python float in [0, 1].

    Raises:
        ValueError: if there are no cells.

    Example:
        >>> mean_corruption_error(evaluate_grid(predict, CorruptionBenchmark(data.test)))
    """
    return 1.0 - mean_summary(cells)["accuracy"]
