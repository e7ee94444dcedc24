"""Numbers of several trainings: over seeds, and against a baseline's, in NumPy."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student_t

from tf_varmixup.checks import check_share


def mean_and_deviation(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """Return the mean of a metric over seeds and its standard deviation.

    Args:
        values: A number per seed, at least one.

    Returns:
        A tuple of the mean and the standard deviation of a sample, with n - 1 in the denominator;
        the latter is NaN for one seed, which says nothing about the spread.

    Raises:
        ValueError: If there are no values.

    Example:
        >>> mean_and_deviation([1.0, 2.0, 3.0])
        (2.0, 1.0)
    """
    given = _checked("values", values)
    deviation = float(np.std(given, ddof=1)) if len(given) > 1 else math.nan
    return float(np.mean(given)), deviation


def paired_difference(
    values: Sequence[float] | np.ndarray,
    baseline_values: Sequence[float] | np.ndarray,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """Return the mean difference to a baseline over seeds, with a confidence interval.

    The seeds of both are paired: what a seed does to both, as its initial weights and its order of
    the images, cancels in the difference. The interval is Student's, for differences that are
    normal over seeds: mean +- t(level, n - 1) * deviation / sqrt(n). It is about other seeds with
    the same test images.

    Args:
        values: A number per seed, at least one.
        baseline_values: The baseline's numbers of the same seeds in the same order.
        level: Share of such intervals that cover the true difference, between 0 and 1.

    Returns:
        A tuple `(difference, low, high)`; the bounds are NaN for one seed, which gives no interval.

    Raises:
        ValueError: If there are no values, the numbers of both differ, or `level` is not between 0
            and 1.

    Example:
        >>> [round(one, 3) for one in paired_difference([3.0, 5.0, 4.0], [1.0, 2.0, 3.0])]
        [2.0, -0.484, 4.484]

    Source:
        Student 1908, "The probable error of a mean".
    """
    if check_share("level", level) == 0.0:
        raise ValueError(f"Expected level to be between 0 and 1. Received: {level!r}.")
    given = _checked("values", values)
    baseline = _checked("baseline_values", baseline_values)
    if len(given) != len(baseline):
        raise ValueError(
            f"Expected baseline_values of the same {len(given)} seeds. Received: {len(baseline)}."
        )
    mean, deviation = mean_and_deviation(given - baseline)
    half = student_t.ppf((1 + level) / 2, max(len(given) - 1, 1)) * deviation
    half /= math.sqrt(len(given))
    return mean, float(mean - half), float(mean + half)


def _checked(name: str, values: Sequence[float] | np.ndarray) -> np.ndarray:
    given = np.asarray(values, np.float64)
    if given.ndim != 1 or len(given) < 1:
        raise ValueError(f"Expected {name} to be a number per seed. Received: shape {given.shape}.")
    return given
