"""The numbers behind a reliability diagram."""

import dataclasses

import numpy as np

from ..metrics.summary import check_logits_and_labels, confidence_bins, scaled_log_probabilities


@dataclasses.dataclass(frozen=True, eq=False)
class ReliabilityBins:
    """Equal-width bins of the top-1 confidence.

    Attributes:
        edges: `(num_bins + 1,)`, from 0 to 1.
        count: `(num_bins,)`, samples in each bin.
        confidence: `(num_bins,)`, mean confidence in each bin, NaN in empty ones.
        accuracy: `(num_bins,)`, accuracy in each bin, NaN in empty ones.
    """

    edges: np.ndarray
    count: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray


def reliability_bins(logits, labels, num_bins=15, temperature=1.0):
    """Compute what a reliability diagram shows (Guo et al. 2017, arXiv:1706.04599, figure 1):
    confidence against accuracy, bin by bin.

    Args:
        logits: array `(N, K)`.
        labels: integer array `(N,)` of class numbers.
        num_bins: number of equal-width bins.
        temperature: positive number the logits are divided by.

    Returns:
        A `ReliabilityBins`.

    Raises:
        ValueError: if the logits are not `(N, K)` with N at least 1, the labels do not fit them, or
            the temperature is not positive.

    Example:
        >>> bins = reliability_bins(logits, labels, temperature=fit_temperature(validation_logits, validation_labels))
    """
    logits, labels = check_logits_and_labels(logits, labels)
    count, confidence, accuracy = confidence_bins(
        scaled_log_probabilities(logits, temperature), labels, num_bins
    )
    return ReliabilityBins(np.linspace(0.0, 1.0, num_bins + 1), count, confidence, accuracy)
