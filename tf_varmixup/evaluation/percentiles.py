"""The interval of a number from what it is in each resample."""

import numpy as np

from tf_varmixup.checks import check_share
from tf_varmixup.metrics.measures import measure_or_plain

LEVEL = 0.95
RESAMPLES = 1000


def percentile_interval(
    value: float, numbers: np.ndarray, level: float = LEVEL, name: str = ""
) -> list[float]:
    """Make the interval of a number from what it is in each resample.

    The resampled numbers are shifted so that their mean is the number, and the interval is between
    two of their percentiles.

    Args:
        value: The number.
        numbers: Array `(R,)`, what it is in each resample.
        level: Share of such intervals that cover, between 0 and 1.
        name: Name of the metric, within whose range the interval stays, or nothing.

    Returns:
        A list `[low, high]`, NaN where the number is not finite. Resamples in which the number is
        not defined, such as the AUROC of errors where all images are right, are left out.

    Raises:
        ValueError: If `level` is not between 0 and 1.

    Example:
        >>> low, high = percentile_interval(0.5, np.linspace(0.5, 0.7, 101), level=0.9)
        >>> round(low, 3), round(high, 3)
        (0.41, 0.59)

    Source:
        Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapters 10 and 13.
    """
    level = check_level(level)
    numbers = numbers[~np.isnan(numbers)]
    if not np.isfinite(value) or not np.isfinite(numbers).all() or len(numbers) == 0:
        return [float("nan")] * 2
    bounds = np.quantile(numbers, [(1 - level) / 2, (1 + level) / 2]) + (value - numbers.mean())
    known = measure_or_plain(name)
    lowest = 0.0 if known.better in ("higher", "lower") else -np.inf
    highest = 1.0 if known.unit == "%" else np.inf
    return [float(bound) for bound in np.clip(bounds, lowest, highest)]


def check_level(level: float) -> float:
    """Return a number between 0 and 1, both excluded, or raise ValueError.

    Args:
        level: The number.

    Returns:
        The number.

    Raises:
        ValueError: If it is none.

    Example:
        >>> check_level(0.95)
        0.95
    """
    if check_share("level", level) == 0.0:
        raise ValueError(f"Expected level to be between 0 and 1. Received: {level!r}.")
    return float(level)
