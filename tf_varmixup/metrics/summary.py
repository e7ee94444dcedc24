"""Every metric of collected logits."""

from typing import Any

from tf_varmixup.metrics.measures import MEASURES
from tf_varmixup.metrics.predictions import Predictions


def classification_summary(
    logits: Any,
    labels: Any,
    temperature: float = 1.0,
    num_bins: int = 15,
    detailed: bool = True,
) -> dict[str, float]:
    """Compute the metrics of a classifier's logits, in double precision.

    They are the entries of `MEASURES` that have a formula. Logits that are NaN give metrics that
    are NaN, and a warning; probabilities in their place give a warning.

    Args:
        logits: Array `(N, K)`.
        labels: Integer array `(N,)` of class numbers.
        temperature: Positive number that the logits are divided by.
        num_bins: Number of bins of the confidence.
        detailed: Whether to compute the metrics that are meant for whole test sets too, such as
            `smooth_ece` and `aurc`.

    Returns:
        A dict of Python floats: `accuracy`, `nll`, `brier`, `ece`, `signed_gap`,
        `overconfidence_error`, `underconfidence_error`, and the detailed ones.

    Raises:
        ValueError: If the logits are not `(N, K)` with N at least 1, the labels do not fit them, or
            a number is not positive.

    Example:
        >>> summary = classification_summary(np.log([[0.8, 0.2], [0.8, 0.2]]), np.array([0, 1]))
        >>> summary["accuracy"], round(summary["ece"], 4)
        (0.5, 0.3)
    """
    predictions = Predictions.of(logits, labels, temperature, num_bins)
    return {
        one.name: one.formula(predictions)
        for one in MEASURES
        if one.formula is not None and (detailed or not one.detailed)
    }
