"""Intervals beside the metrics: a bootstrap over images."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tf_varmixup.evaluation.grid import GridCell
from tf_varmixup.evaluation.percentiles import LEVEL, RESAMPLES, check_level, percentile_interval
from tf_varmixup.evaluation.replicates import replicates
from tf_varmixup.evaluation.resampling import Resamples
from tf_varmixup.metrics.predictions import Predictions

# Lower and upper bound of each metric.
Intervals = dict[str, list[float]]


def classification_intervals(
    logits: Any,
    labels: Any,
    temperature: float = 1.0,
    num_bins: int = 15,
    detailed: bool = True,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Intervals:
    """Compute an interval for each metric of `classification_summary`, by a bootstrap over images.

    The images are drawn with replacement, as many as there are, and every metric is computed again,
    `resamples` times. The interval is between two percentiles of these numbers, after they are
    shifted so that their mean is the metric itself. It is an interval of what the metric is on
    average over test sets of this size. For means over images, such as accuracy, NLL and the Brier
    score, that is the classifier's own value. Binned calibration errors are larger on average than
    the classifier's, the more so the fewer images there are, and larger once more when images are
    drawn twice, which the shift takes away; what the first images add stays in the number and in
    its interval, and a calibrated classifier's ECE is above 0 in both.

    Why not BCa: its correction takes the share of the resampled numbers that lie below the metric,
    which is nearly 0 for the ECE of a calibrated classifier, where both bounds become the smallest
    resampled number.

    Args:
        logits: Array `(N, K)`.
        labels: Integer array `(N,)` of class numbers.
        temperature: Positive number that the logits are divided by.
        num_bins: Number of bins of the confidence.
        detailed: Whether to do so for the metrics that are meant for whole test sets too.
        level: Share of such intervals that cover, between 0 and 1.
        resamples: Number of resamples.
        seed: Integer that the draws follow from.

    Returns:
        A dict of `[low, high]` with the names of `classification_summary`; NaN where the metric is.

    Raises:
        ValueError: As `classification_summary`, or if `level`, `resamples` or `seed` is not as
            above.

    Example:
        >>> logits, labels = np.log([[0.8, 0.2]] * 100), np.arange(100) % 5 // 4
        >>> [round(one, 2) for one in classification_intervals(logits, labels)["accuracy"]]
        [0.71, 0.87]

    Source:
        Efron 1979, "Bootstrap methods: another look at the jackknife"; Efron and Tibshirani 1993,
        "An Introduction to the Bootstrap", chapters 10 (bias) and 13 (percentiles).
    """
    check_level(level)
    predictions = Predictions.of(logits, labels, temperature, num_bins)
    drawn = Resamples(len(predictions.labels), resamples, seed)
    return _intervals([predictions], {drawn.count: drawn}, level, detailed)


def mean_intervals(
    cells: Sequence[GridCell],
    temperature: float = 1.0,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Intervals:
    """Compute an interval for each metric of `mean_summary`, a mean over the cells of a grid.

    The same images are drawn in all cells of as many images, since their errors go together: an
    image that is misclassified in fog often is in snow. `classification_intervals` says what the
    intervals are.

    Args:
        cells: List of `GridCell`, whose images are in one order.
        temperature: Positive number that the logits are divided by.
        level: Share of such intervals that cover, between 0 and 1.
        resamples: Number of resamples.
        seed: Integer that the draws follow from.

    Returns:
        A dict of `[low, high]` with the names of `mean_summary`.

    Raises:
        ValueError: If there are no cells, or a number is not as above.

    Example:
        >>> logits, labels = np.log([[0.8, 0.2]] * 100), np.arange(100) % 5 // 4
        >>> cells = [GridCell("fog", severity, logits, labels) for severity in (1, 2)]
        >>> [round(one, 2) for one in mean_intervals(cells)["accuracy"]]
        [0.71, 0.87]
    """
    check_level(level)
    if not cells:
        raise ValueError("Expected at least one cell. Received: none.")
    sizes = {len(cell.labels) for cell in cells}
    drawn = {size: Resamples(size, resamples, seed) for size in sizes}
    predictions = (Predictions.of(cell.logits, cell.labels, temperature) for cell in cells)
    return _intervals(predictions, drawn, level, detailed=False)


def value_intervals(
    values: Mapping[str, Any], level: float = LEVEL, resamples: int = RESAMPLES, seed: int = 0
) -> Intervals:
    """Compute an interval for each mean of values per image, by a bootstrap over images.

    Args:
        values: Arrays `(N,)` by the name of the metric, such as `MeasuredValues.values`; rows are
            drawn together.
        level: Share of such intervals that cover, between 0 and 1.
        resamples: Number of resamples.
        seed: Integer that the draws follow from.

    Returns:
        A dict of `[low, high]`; NaN where a value is not finite.

    Raises:
        ValueError: If the arrays are not `(N,)` of one N, or a number is not as above.

    Example:
        >>> broken = np.arange(100) % 5 == 4
        >>> [round(one, 2) for one in value_intervals({"accuracy": ~broken})["accuracy"]]
        [0.71, 0.87]
    """
    check_level(level)
    arrays = {name: np.asarray(one, np.float64) for name, one in values.items()}
    shapes = {one.shape for one in arrays.values()}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        raise ValueError(f"Expected values (N,) of one N. Received: shapes {sorted(shapes)}.")
    if not arrays:
        return {}
    columns = np.stack(list(arrays.values()), axis=1)
    drawn = Resamples(len(columns), resamples, seed)
    with np.errstate(invalid="ignore"):
        means = np.concatenate([counts @ columns for counts in drawn]) / len(columns)
    return {
        name: percentile_interval(arrays[name].mean(), numbers, level, name)
        for name, numbers in zip(arrays, means.T, strict=True)
    }


def _intervals(
    predictions: Iterable[Predictions], drawn: Mapping[int, Resamples], level: float, detailed: bool
) -> Intervals:
    total: dict[str, np.ndarray] = {}
    number = 0
    for one in predictions:
        number += 1
        size = len(one.labels)
        # The first row is the images as they are.
        found = replicates(one, itertools.chain([np.ones((1, size))], drawn[size]), detailed)
        total = {name: total.get(name, 0.0) + values for name, values in found.items()}
    return {
        name: percentile_interval(values[0] / number, values[1:] / number, level, name)
        for name, values in total.items()
    }
