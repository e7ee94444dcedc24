"""Temperature scaling: one number, fitted on validation data after training."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from ..metrics.summary import check_logits_and_labels

TEMPERATURE_BOUNDS = (0.01, 100.0)


def fit_temperature(logits, labels):
    """Fit the temperature T > 0 that minimises the negative log-likelihood of softmax(logits / T)
    (Guo et al. 2017, arXiv:1706.04599, 4.2).

    The likelihood is convex in 1 / T, so it has one minimum in log T, which a bounded scalar search
    finds between 0.01 and 100. Where no
    temperature does better than 1, as with constant logits, the result is 1. Dividing by T never
        changes a prediction: accuracy stays.
    Fit on validation data, never on the test set or its corrupted copies.

    Args:
        logits: array `(N, K)`, finite, of a validation split.
        labels: integer array `(N,)` of class numbers.

    Returns:
        The temperature, a Python float; above 1 for an overconfident classifier.

    Raises:
        ValueError: if there are no logits, some are not finite, or the labels are not `(N,)` class
            numbers (one-hot labels are not).

    Example:
        >>> temperature = fit_temperature(validation_logits, validation_labels)
        >>> classification_summary(test_logits, test_labels, temperature)["ece"]
    """
    logits, labels = check_logits_and_labels(logits, labels)
    if not np.isfinite(logits).all():
        raise ValueError(
            f"expected finite logits, received {np.count_nonzero(~np.isfinite(logits))} of {logits.size} that are not"
        )
    # the label's logit as origin: its log-probability is then - logsumexp(margins / T), exact for
    # confident classifiers too
    margins = logits - logits[np.arange(len(labels)), labels][:, None]

    def negative_log_likelihood(log_temperature):
        return logsumexp(margins / np.exp(log_temperature), axis=1).mean()

    fit = minimize_scalar(
        negative_log_likelihood,
        bounds=np.log(TEMPERATURE_BOUNDS),
        method="bounded",
        options={"xatol": 1e-7},
    )
    return float(np.exp(fit.x)) if fit.fun < negative_log_likelihood(0.0) else 1.0
