"""Formulas of calibration errors over bins of equally many images, in NumPy.

Each takes the confidence `(N,)`, which is the probability of the predicted class, and whether the
prediction is right, `(N,)`.
"""

import numpy as np

from tf_varmixup.checks import check_count
from tf_varmixup.metrics.calibration import check_confidence


def equal_mass_bins(
    confidence: np.ndarray, correct: np.ndarray, num_bins: int = 15
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Average confidence and accuracy in bins of equally many images.

    The images in the order of their confidence are cut into parts whose sizes differ by at most 1,
    the larger ones first. Images of the same confidence are not parted: they all go where the first
    of them does.

    Args:
        confidence: Array `(N,)` in [0, 1], N at least 1.
        correct: Boolean array `(N,)`.
        num_bins: Largest number of bins; ties and few images make it smaller.

    Returns:
        A tuple `(count, confidence, accuracy)` of arrays `(B,)`, B at most `num_bins`.

    Raises:
        ValueError: If the shapes differ or `num_bins` is not a positive integer.

    Example:
        >>> count, _, accuracy = equal_mass_bins(
        ...     np.array([0.5, 0.5, 0.5, 0.9]), np.array([True, False, True, True]), num_bins=2
        ... )
        >>> count.tolist(), accuracy.round(2).tolist()
        ([3, 1], [0.67, 1.0])
    """
    num_bins = check_count("num_bins", num_bins)
    check_confidence(confidence, correct)
    order = np.argsort(confidence)
    values, hits = confidence[order], np.asarray(correct, np.float64)[order]
    parts = np.arange(1, min(num_bins, len(values)))
    size, larger = divmod(len(values), num_bins)
    ends = size * parts + np.minimum(parts, larger)
    cuts = np.searchsorted(values, values[ends - 1], side="right")
    edges = np.unique([0, *cuts, len(values)])
    count = np.diff(edges)
    sums = (np.add.reduceat(part, edges[:-1]) for part in (values, hits))
    mean_confidence, accuracy = (total / count for total in sums)
    return count, mean_confidence, accuracy


def adaptive_ece(confidence: np.ndarray, correct: np.ndarray, num_bins: int = 15) -> float:
    """Return the expected calibration error over bins of equally many images.

    Args:
        confidence: Array `(N,)` in [0, 1], N at least 1.
        correct: Boolean array `(N,)`.
        num_bins: Largest number of bins.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: If the shapes differ or `num_bins` is not a positive integer.

    Example:
        >>> round(adaptive_ece(np.array([0.8, 0.8]), np.array([True, False])), 4)
        0.3

    Source:
        Nguyen and O'Connor 2015, arXiv:1508.05154; Nixon et al. 2019, arXiv:1904.01685. Ties stay
        together, as in Kumar et al. 2019.
    """
    count, mean_confidence, accuracy = equal_mass_bins(confidence, correct, num_bins)
    return float(np.sum(count * np.abs(mean_confidence - accuracy)) / len(confidence))


def debiased_calibration_error(
    confidence: np.ndarray, correct: np.ndarray, num_bins: int = 15
) -> float:
    """Return the root mean square calibration error, less what chance alone would give.

    sqrt(max(0, sum_b (n_b / n) ((conf_b - acc_b)^2 - acc_b (1 - acc_b) / (n_b - 1)))) over bins of
    equally many images. Bins of a single image say nothing and count 0. Of a perfectly calibrated
    classifier the sum is 0 on average, where other errors are above 0.

    Args:
        confidence: Array `(N,)` in [0, 1], N at least 1.
        correct: Boolean array `(N,)`.
        num_bins: Largest number of bins.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: If the shapes differ or `num_bins` is not a positive integer.

    Example:
        >>> confidence, correct = np.full(8, 0.9), np.arange(8) % 2 == 0
        >>> round(debiased_calibration_error(confidence, correct), 4)
        0.3525

    Source:
        Kumar et al. 2019, arXiv:1909.10155, definition 5.1, of the predicted class.
    """
    count, mean_confidence, accuracy = equal_mass_bins(confidence, correct, num_bins)
    squared = np.square(mean_confidence - accuracy)
    chance = accuracy * (1.0 - accuracy) / np.maximum(count - 1, 1)
    # Times 0 rather than 0, for NaN must stay.
    terms = np.where(count > 1, squared - chance, 0.0 * squared)
    return float(np.sqrt(np.maximum(np.sum(count * terms) / len(confidence), 0.0)))
