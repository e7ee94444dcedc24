"""Formulas of the calibration errors, which compare confidence with accuracy bin by bin, in NumPy.

Each takes the confidence `(N,)`, which is the probability of the predicted class, and whether the
prediction is right, `(N,)`.
"""

import numpy as np

from tf_varmixup.checks import check_choice, check_count

# How the gaps of the bins are put together: their mean, root mean square or maximum.
NORMS = ("l1", "l2", "max")


def confidence_bins(
    confidence: np.ndarray, correct: np.ndarray, num_bins: int = 15
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Average confidence and accuracy in equal-width bins of the confidence.

    Bin `b` holds the confidences in `[b / num_bins, (b + 1) / num_bins)`, the last bin also 1.0, as
    `calibration_bins` has them.

    Args:
        confidence: Array `(N,)` in [0, 1].
        correct: Boolean array `(N,)`.
        num_bins: Number of bins.

    Returns:
        A tuple `(count, confidence, accuracy)` of arrays `(num_bins,)`; mean confidence and
        accuracy are NaN in empty bins.

    Raises:
        ValueError: If the shapes differ or `num_bins` is not a positive integer.

    Example:
        >>> count, confidence, accuracy = confidence_bins(
        ...     np.array([0.9, 0.8]), np.array([True, False]), num_bins=2
        ... )
        >>> count.tolist(), accuracy.tolist()
        ([0, 2], [nan, 0.5])
    """
    num_bins = check_count("num_bins", num_bins)
    check_confidence(confidence, correct)
    # A diverged model's NaN goes into the first bin and on into the metrics.
    bins = np.clip(np.floor(np.nan_to_num(confidence) * num_bins).astype(int), 0, num_bins - 1)
    count = np.bincount(bins, minlength=num_bins)
    size = np.where(count > 0, count, np.nan)
    return (
        count,
        np.bincount(bins, confidence, num_bins) / size,
        np.bincount(bins, correct, num_bins) / size,
    )


def ece(confidence: np.ndarray, correct: np.ndarray, num_bins: int = 15, norm: str = "l1") -> float:
    """Return the expected calibration error, sum_b (n_b / n) |conf_b - acc_b|.

    Args:
        confidence: Array `(N,)` in [0, 1].
        correct: Boolean array `(N,)`.
        num_bins: Number of bins.
        norm: "l1"; "l2" for the root mean square, (sum_b (n_b / n) (conf_b - acc_b)^2)^(1/2); or
            "max" for the maximum over bins that hold images.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: If the shapes differ, `num_bins` is not a positive integer, or the norm is none
            of these.

    Example:
        >>> round(ece(np.array([0.8, 0.8]), np.array([True, False])), 4)
        0.3

    Source:
        Guo et al. 2017, arXiv:1706.04599, equations 3 and 5; Kumar et al. 2019, arXiv:1909.10155.
    """
    check_choice("norm", norm, NORMS)
    share, _, gap = _filled_bins(confidence, correct, num_bins)
    if norm == "max":
        return float(np.max(np.abs(gap)))
    if norm == "l2":
        return float(np.sqrt(np.sum(share * np.square(gap))))
    return float(np.sum(share * np.abs(gap)))


def signed_gap(confidence: np.ndarray, correct: np.ndarray, num_bins: int = 15) -> float:
    """Return the mean confidence minus the accuracy; positive is overconfident.

    Args:
        confidence: Array `(N,)` in [0, 1].
        correct: Boolean array `(N,)`.
        num_bins: Number of bins, over which it is summed; it does not depend on them.

    Returns:
        A number in [-1, 1].

    Raises:
        ValueError: If the shapes differ or `num_bins` is not a positive integer.

    Example:
        >>> round(signed_gap(np.array([0.6, 0.6]), np.array([True, True])), 4)
        -0.4
    """
    share, _, gap = _filled_bins(confidence, correct, num_bins)
    return float(np.sum(share * gap))


def overconfidence_error(confidence: np.ndarray, correct: np.ndarray, num_bins: int = 15) -> float:
    """Return the overconfidence error, sum_b (n_b / n) conf_b max(conf_b - acc_b, 0).

    Args:
        confidence: Array `(N,)` in [0, 1].
        correct: Boolean array `(N,)`.
        num_bins: Number of bins.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: If the shapes differ or `num_bins` is not a positive integer.

    Example:
        >>> round(overconfidence_error(np.array([0.8, 0.8]), np.array([True, False])), 4)
        0.24

    Source:
        Thulasidasan et al. 2019, arXiv:1905.11001.
    """
    share, confidence, gap = _filled_bins(confidence, correct, num_bins)
    return float(np.sum(share * confidence * np.maximum(gap, 0.0)))


def underconfidence_error(confidence: np.ndarray, correct: np.ndarray, num_bins: int = 15) -> float:
    """Return the underconfidence error, sum_b (n_b / n) acc_b max(acc_b - conf_b, 0).

    It is the overconfidence error with confidence and accuracy exchanged.

    Args:
        confidence: Array `(N,)` in [0, 1].
        correct: Boolean array `(N,)`.
        num_bins: Number of bins.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: If the shapes differ or `num_bins` is not a positive integer.

    Example:
        >>> round(underconfidence_error(np.array([0.6, 0.6]), np.array([True, True])), 4)
        0.4
    """
    share, confidence, gap = _filled_bins(confidence, correct, num_bins)
    return float(np.sum(share * (confidence - gap) * np.maximum(-gap, 0.0)))


def check_confidence(confidence: np.ndarray, correct: np.ndarray) -> None:
    """Raise ValueError unless confidence and correct are one number per image each.

    Args:
        confidence: Array `(N,)`.
        correct: Array `(N,)`.

    Raises:
        ValueError: If they are not, or there is none; shapes that broadcast are refused too.

    Example:
        >>> check_confidence(np.array([0.9]), np.array([True]))
    """
    shape = np.shape(confidence)
    if len(shape) != 1 or np.shape(correct) != shape or shape[0] == 0:
        raise ValueError(
            "Expected confidence (N,) and correct (N,). "
            f"Received: shapes {shape} and {np.shape(correct)}."
        )


def _filled_bins(
    confidence: np.ndarray, correct: np.ndarray, num_bins: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return share, mean confidence, and confidence minus accuracy of the bins that hold images."""
    count, mean_confidence, accuracy = confidence_bins(confidence, correct, num_bins)
    filled = count > 0
    gap = mean_confidence - accuracy
    return count[filled] / len(confidence), mean_confidence[filled], gap[filled]
