"""Temperature scaling: one number, fitted on validation data after training."""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from tf_varmixup.metrics.predictions import check_logits_and_labels

TEMPERATURE_BOUNDS = (0.01, 100.0)


def fit_temperature(logits: Any, labels: Any) -> float:
    """Fit the temperature T > 0 that minimizes the negative log-likelihood of softmax(logits / T).

    The likelihood is convex in 1 / T, so it has one minimum in log T, which a bounded scalar search
    finds between 0.01 and 100. Where no temperature does better than 1, as with constant logits,
    the result is 1. Dividing by T never changes a prediction: accuracy stays.

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
    logits, labels = check_logits_and_labels(logits, labels)
    if not np.isfinite(logits).all():
        bad = np.count_nonzero(~np.isfinite(logits))
        raise ValueError(
            f"Expected finite logits. Received: {bad} of {logits.size} that are not finite."
        )
    # With the label's logit as origin, its log-probability is -logsumexp(margins / T), which is
    # exact for confident classifiers too.
    margins = logits - logits[np.arange(len(labels)), labels][:, None]

    def negative_log_likelihood(log_temperature: float) -> float:
        return logsumexp(margins / np.exp(log_temperature), axis=1).mean()

    fit = minimize_scalar(
        negative_log_likelihood,
        bounds=np.log(TEMPERATURE_BOUNDS),
        method="bounded",
        options={"xatol": 1e-7},
    )
    return float(np.exp(fit.x)) if fit.fun < negative_log_likelihood(0.0) else 1.0
