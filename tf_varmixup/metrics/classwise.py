"""Formulas of the calibration of every class's probability, in NumPy.

Each takes the probabilities `(N, K)` and the labels `(N,)`. The images are put into equal-width
bins once per class, by the probability of that class.
"""

import numpy as np

from tf_varmixup.checks import check_count
from tf_varmixup.metrics.scores import brier, check_scores


def class_bins(
    probabilities: np.ndarray, labels: np.ndarray, num_bins: int = 15
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Average each class's probability and frequency in equal-width bins of the probability.

    Bin `b` holds the probabilities in `[b / num_bins, (b + 1) / num_bins)`, the last bin also 1.0.

    Args:
        probabilities: Array `(N, K)`.
        labels: Integer array `(N,)` of class numbers.
        num_bins: Number of bins.

    Returns:
        A tuple `(count, probability, frequency)` of arrays `(K, num_bins)`; mean probability and
        frequency of the class are 0 in empty bins.

    Raises:
        ValueError: If the shapes do not fit or `num_bins` is not a positive integer.

    Example:
        >>> count, _, frequency = class_bins(np.array([[0.9, 0.1]]), np.array([0]), num_bins=2)
        >>> count.tolist(), frequency.tolist()
        ([[0, 1], [1, 0]], [[0.0, 1.0], [0.0, 0.0]])
    """
    num_bins = check_count("num_bins", num_bins)
    check_scores(probabilities, labels)
    num_classes = probabilities.shape[1]
    # A diverged model's NaN goes into the first bin and on into the metrics.
    bins = np.nan_to_num(probabilities * num_bins).astype(np.int64)
    bins = np.clip(bins, 0, num_bins - 1) + num_bins * np.arange(num_classes)
    size = num_bins * num_classes
    count = np.bincount(bins.ravel(), minlength=size)
    total = np.bincount(bins.ravel(), probabilities.ravel(), size)
    hits = np.bincount(bins[np.arange(len(labels)), labels], minlength=size)
    filled, shape = np.maximum(count, 1), (num_classes, num_bins)
    return count.reshape(shape), (total / filled).reshape(shape), (hits / filled).reshape(shape)


def classwise_ece(probabilities: np.ndarray, labels: np.ndarray, num_bins: int = 15) -> float:
    """Return the classwise expected calibration error, the mean over classes of each class's own.

    (1 / K) sum_k sum_b (n_kb / n) |p_kb - f_kb|, with the mean probability p_kb and the frequency
    f_kb of class k in its bin b. With many classes nearly all probabilities are near 0, and so is
    this.

    Args:
        probabilities: Array `(N, K)`.
        labels: Integer array `(N,)` of class numbers.
        num_bins: Number of bins.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: If the shapes do not fit or `num_bins` is not a positive integer.

    Example:
        >>> round(classwise_ece(np.array([[0.8, 0.2], [0.8, 0.2]]), np.array([0, 1])), 4)
        0.3

    Source:
        Kull et al. 2019, arXiv:1910.12656, equation 3; Nixon et al. 2019, arXiv:1904.01685, call
        it static calibration error.
    """
    count, probability, frequency = class_bins(probabilities, labels, num_bins)
    return float(np.sum(count * np.abs(probability - frequency)) / np.size(probabilities))


def brier_reliability(probabilities: np.ndarray, labels: np.ndarray, num_bins: int = 15) -> float:
    """Return the reliability part of the Brier score, sum_k sum_b (n_kb / n) (p_kb - f_kb)^2.

    It is what recalibration of each class's probability could remove, as far as bins tell; the
    smaller the better.

    Args:
        probabilities: Array `(N, K)`.
        labels: Integer array `(N,)` of class numbers.
        num_bins: Number of bins.

    Returns:
        A number in [0, 2].

    Raises:
        ValueError: If the shapes do not fit or `num_bins` is not a positive integer.

    Example:
        >>> round(brier_reliability(np.array([[0.8, 0.2], [0.8, 0.2]]), np.array([0, 1])), 4)
        0.18

    Source:
        Murphy 1973, "A new vector partition of the probability score"; DeGroot and Fienberg 1983,
        "The comparison and evaluation of forecasters".
    """
    count, probability, frequency = class_bins(probabilities, labels, num_bins)
    return float(np.sum(count * np.square(probability - frequency)) / len(labels))


def brier_refinement(probabilities: np.ndarray, labels: np.ndarray, num_bins: int = 15) -> float:
    """Return the refinement part of the Brier score, what is left of it beside its reliability.

    Both parts add up to the Brier score exactly. Where all probabilities of a bin are the same,
    this is sum_k sum_b (n_kb / n) f_kb (1 - f_kb), that is uncertainty minus resolution; elsewhere
    it also has what varies within bins.

    Args:
        probabilities: Array `(N, K)`.
        labels: Integer array `(N,)` of class numbers.
        num_bins: Number of bins.

    Returns:
        A number in [0, 2]; slightly below 0 is possible where a bin's images differ.

    Raises:
        ValueError: If the shapes do not fit or `num_bins` is not a positive integer.

    Example:
        >>> round(brier_refinement(np.array([[0.8, 0.2], [0.8, 0.2]]), np.array([0, 1])), 4)
        0.5

    Source:
        DeGroot and Fienberg 1983, "The comparison and evaluation of forecasters".
    """
    reliability = brier_reliability(probabilities, labels, num_bins)
    return brier(probabilities, labels) - reliability
