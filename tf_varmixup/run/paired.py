"""A metric's numbers by seed: their mean, their difference to others, and which is the best."""

import math
from collections.abc import Mapping, Sequence

from tf_varmixup.metrics.seeds import mean_and_deviation, paired_difference

# A metric of several runs by seed; None is the key of what has no seed.
Values = Mapping[int | None, float]


def summarized(values: Values) -> tuple[float, float]:
    """Return the mean over seeds and the standard deviation of a sample.

    Args:
        values: Mapping of seed to number.

    Returns:
        A tuple of two floats. Both are NaN where there is no value or one is missing, the latter
        for one seed.

    Example:
        >>> summarized({0: 1.0, 1: 2.0, 2: 3.0})
        (2.0, 1.0)
    """
    if not values or not all(map(math.isfinite, values.values())):
        return math.nan, math.nan
    return mean_and_deviation(list(values.values()))


def difference(values: Values, baseline: Values, level: float = 0.95) -> tuple[float, float, float]:
    """Return the difference to a baseline, paired by seed, with its interval.

    Args:
        values: Mapping of seed to number.
        baseline: The baseline's.
        level: Level of the interval.

    Returns:
        A tuple `(difference, low, high)` over the seeds that both have; the bounds are NaN where
        that is one. Without a seed in common it is the difference of the means, without an
        interval.

    Example:
        >>> difference({0: 3.0, 7: 5.0}, {0: 1.0, 1: 0.0})
        (2.0, nan, nan)
    """
    if not math.isfinite(summarized(values)[0] - summarized(baseline)[0]):
        return math.nan, math.nan, math.nan
    common = [seed for seed in values if seed in baseline]
    if not common:
        return summarized(values)[0] - summarized(baseline)[0], math.nan, math.nan
    return paired_difference(
        [values[seed] for seed in common], [baseline[seed] for seed in common], level
    )


def best_of(rows: Sequence[Values], better: str, level: float = 0.95) -> int | None:
    """Return which of several rows is the best, where the numbers support it.

    A row is the best if its paired difference to every other row has an interval, and that interval
    excludes 0 on the side that is better. With one seed each, none is.

    Args:
        rows: A mapping of seed to number per row; rows that lack the metric do not take part.
        better: "higher", "lower", "zero" where the nearest to 0 is the best, or "" where none is.
        level: Level of each interval; it is not corrected for how many there are.

    Returns:
        The index of the row, or None.

    Example:
        >>> best_of([{0: 0.5, 1: 0.6}, {0: 0.7, 1: 0.81}], "higher")
        1
        >>> best_of([{0: 0.5}, {0: 0.7}], "higher") is None
        True
    """
    if not better:
        return None
    cost = {"higher": float.__neg__, "lower": float.__pos__, "zero": float.__abs__}[better]
    costs = [{seed: cost(float(value)) for seed, value in values.items()} for values in rows]
    means = {index: summarized(values)[0] for index, values in enumerate(costs)}
    means = {index: mean for index, mean in means.items() if math.isfinite(mean)}
    if len(means) < 2:
        return None
    best = min(means, key=means.__getitem__)
    others = (difference(costs[index], costs[best], level) for index in means if index != best)
    # A bound that is NaN is not above 0.
    return best if all(low > 0.0 for _, low, _ in others) else None
