"""Accuracy and calibration of finished logits, in double precision."""

import numpy as np
from scipy.special import log_softmax


def check_logits_and_labels(logits, labels):
    """Check logits and class numbers against each other.

    Args:
        logits: array `(N, K)`, N at least 1 and K at least 2.
        labels: integer array `(N,)` of class numbers in 0 ... K - 1.

    Returns:
        A tuple of the logits as `float64` and the labels as `int64`.

    Raises:
        ValueError: if the shapes, the labels' type or their range are others.

    Example:
        >>> check_logits_and_labels([[0, 1]], [1])[1].tolist()
        [1]
    """
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
    if logits.ndim != 2 or logits.shape[0] < 1 or logits.shape[1] < 2:
        raise ValueError(
            f"expected logits of shape (n, num_classes) with n >= 1 and num_classes >= 2, received shape {logits.shape}"
        )
    if labels.shape != logits.shape[:1] or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"expected integer labels of shape ({len(logits)},), received {labels.dtype} of shape {labels.shape}"
        )
    if labels.min() < 0 or labels.max() >= logits.shape[1]:
        raise ValueError(
            f"labels must lie in 0 ... {logits.shape[1] - 1}, received {labels.min()} ... {labels.max()}"
        )
    return logits, labels.astype(np.int64)


def scaled_log_probabilities(logits, temperature):
    """Return log softmax(logits / temperature).

    Args:
        logits: `float64` array `(N, K)`.
        temperature: positive number.

    Returns:
        A `float64` array `(N, K)`.

    Raises:
        ValueError: if the temperature is not a positive number.

    Example:
        >>> np.exp(scaled_log_probabilities(np.zeros((1, 2)), 1.0)).tolist()
        [[0.5, 0.5]]
    """
    if not (np.isfinite(temperature) and temperature > 0):
        raise ValueError(f"temperature must be a positive number, received {temperature!r}")
    return log_softmax(logits / temperature, axis=1)


def confidence_bins(log_probabilities, labels, num_bins):
    """Count samples and average confidence and accuracy in equal-width bins of the top-1
    confidence.

    The binning of `calibration_bins`, in NumPy and `float64`.

    Args:
        log_probabilities: `float64` array `(N, K)`.
        labels: `int64` array `(N,)`.
        num_bins: number of bins.

    Returns:
        A tuple `(count, confidence, accuracy)` of arrays `(num_bins,)`; mean confidence and
        accuracy are NaN in empty bins.

    Raises:
        ValueError: if `num_bins` is not a positive integer.

    Example:
        >>> confidence_bins(np.log([[0.9, 0.1]]), np.array([0]), num_bins=2)[0].tolist()
        [0, 1]
    """
    if isinstance(num_bins, bool) or not isinstance(num_bins, int) or num_bins < 1:
        raise ValueError(f"num_bins must be a positive integer, received {num_bins!r}")
    confidence = np.exp(log_probabilities.max(axis=1))
    correct = log_probabilities.argmax(axis=1) == labels
    # a diverged model's NaN goes into the first bin and on into the figures
    bins = np.clip(np.floor(np.nan_to_num(confidence) * num_bins).astype(int), 0, num_bins - 1)
    count = np.bincount(bins, minlength=num_bins)
    size = np.where(count > 0, count, np.nan)
    return (
        count,
        np.bincount(bins, confidence, num_bins) / size,
        np.bincount(bins, correct, num_bins) / size,
    )


def classification_summary(logits, labels, temperature=1.0, num_bins=15):
    """Summarise a classifier's logits: accuracy, proper scores and calibration.

    `ece` is the expected calibration error (arXiv:1706.04599, equation 3), `signed_gap` the mean
    confidence minus accuracy (positive: overconfident), `overconfidence_error` that of
    arXiv:1905.11001, `nll` the mean negative log-likelihood in nats and `brier` the mean of sum_k
    (p_k - y_k)^2. Logits that are not numbers give figures that are not numbers.

    Args:
        logits: array `(N, K)`.
        labels: integer array `(N,)` of class numbers.
        temperature: positive number the logits are divided by.
        num_bins: number of equal-width bins of the top-1 confidence.

    Returns:
        A dict of Python floats `accuracy`, `nll`, `brier`, `ece`, `signed_gap`,
        `overconfidence_error`.

    Raises:
        ValueError: if the logits are not `(N, K)` with N at least 1, the labels do not fit them, or
            the temperature is not positive.

    Example:
        >>> summary = classification_summary(np.log([[0.8, 0.2], [0.8, 0.2]]), np.array([0, 1]))
        >>> summary["accuracy"], round(summary["ece"], 4)
        (0.5, 0.3)
    """
    logits, labels = check_logits_and_labels(logits, labels)
    log_probabilities = scaled_log_probabilities(logits, temperature)
    count, confidence, accuracy = confidence_bins(log_probabilities, labels, num_bins)
    filled = count > 0
    share, confidence, gap = (
        count[filled] / len(labels),
        confidence[filled],
        (confidence - accuracy)[filled],
    )
    rows, residual = np.arange(len(labels)), np.exp(log_probabilities)
    residual[rows, labels] -= 1.0
    return {
        "accuracy": float(np.mean(logits.argmax(axis=1) == labels)),
        "nll": float(-log_probabilities[rows, labels].mean()),
        "brier": float(np.square(residual).sum(axis=1).mean()),
        "ece": float(np.sum(share * np.abs(gap))),
        "signed_gap": float(np.sum(share * gap)),
        "overconfidence_error": float(np.sum(share * confidence * np.maximum(gap, 0.0))),
    }
