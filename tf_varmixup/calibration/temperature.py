"""Temperature scaling: one number, fitted on validation data after training."""

from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import logsumexp

from tf_varmixup.metrics.predictions import check_logits_and_labels

TEMPERATURE_BOUNDS = (0.01, 100.0)


def fit_temperature(logits: Any, labels: Any) -> float:
    """Fit the temperature T > 0 that minimizes the negative log-likelihood of softmax(logits / T).

    The likelihood is convex in 1 / T, so it has one minimum in log T, which a bounded scalar search
    finds between 0.01 and 100. Where no temperature does better than 1, as with constant logits,
    the result is 1. Dividing by T never changes a prediction: accuracy stays.

    Where all N images are right, there is no minimum: the colder, the likelier, up to a certainty
    that N images cannot justify and that the first error on other images is punished for. There
    the result is the temperature at which the mean confidence is (N + 1) / (N + 2), which Laplace's
    rule of succession expects of the accuracy after N of N, or 1 for a classifier that is as
    confident as that already.

    Fit on validation data, never on the test set or its corrupted copies.

    Args:
        logits: Array `(N, K)`, finite, of a validation split.
        labels: Integer array `(N,)` of class numbers.

    Returns:
        The temperature, a Python float; above 1 for an overconfident classifier.

    Raises:
        ValueError: If there are no logits, some are not finite, or the labels are not `(N,)` class
            numbers (one-hot labels are not).

    Example:
        Three of four right at a margin of 2 log 3, where log 3 would be calibrated:

        >>> round(fit_temperature([[2 * np.log(3.0), 0.0]] * 4, [0, 0, 0, 1]), 3)
        2.0

    Source:
        Guo et al. 2017, arXiv:1706.04599, section 4.2.
    """
    logits, labels = check_finite_logits(logits, labels)
    # With the label's logit as origin, its log-probability is -logsumexp(margins / T), which is
    # exact for confident classifiers too.
    margins = logits - logits[np.arange(len(labels)), labels][:, None]
    if np.count_nonzero(margins >= 0) == len(labels):
        return _where_all_are_right(margins)

    def negative_log_likelihood(log_temperature: float) -> float:
        return logsumexp(margins / np.exp(log_temperature), axis=1).mean()

    fit = minimize_scalar(
        negative_log_likelihood,
        bounds=np.log(TEMPERATURE_BOUNDS),
        method="bounded",
        options={"xatol": 1e-7},
    )
    return float(np.exp(fit.x)) if fit.fun < negative_log_likelihood(0.0) else 1.0


def check_finite_logits(logits: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    """Check logits to fit something to, and their labels.

    Args:
        logits: Array `(N, K)`.
        labels: Integer array `(N,)` of class numbers.

    Returns:
        A tuple of the logits as `float64` and the labels as `int64`.

    Raises:
        ValueError: If some logits are not finite, or shapes, types or labels are others.

    Example:
        >>> check_finite_logits([[0, 1]], [1])[1].tolist()
        [1]
    """
    logits, labels = check_logits_and_labels(logits, labels)
    if not np.isfinite(logits).all():
        bad = np.count_nonzero(~np.isfinite(logits))
        raise ValueError(
            f"Expected finite logits. Received: {bad} of {logits.size} that are not finite."
        )
    return logits, labels


def _where_all_are_right(margins: np.ndarray) -> float:
    expected = (len(margins) + 1) / (len(margins) + 2)

    def excess(log_temperature: float) -> float:
        confidence = np.exp(-logsumexp(margins / np.exp(log_temperature), axis=1))
        return confidence.mean() - expected

    coldest = np.log(TEMPERATURE_BOUNDS[0])
    if excess(0.0) >= 0.0:
        return 1.0
    if excess(coldest) <= 0.0:
        return TEMPERATURE_BOUNDS[0]
    return float(np.exp(brentq(excess, coldest, 0.0, xtol=1e-12)))
