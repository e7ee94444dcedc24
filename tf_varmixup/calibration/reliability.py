"""The numbers behind a reliability diagram."""

import dataclasses
from typing import Any

import numpy as np

from tf_varmixup.metrics.calibration import confidence_bins
from tf_varmixup.metrics.predictions import Predictions


@dataclasses.dataclass(frozen=True, eq=False)
class ReliabilityBins:
    """Equal-width bins of the confidence, which is the probability of the predicted class.

    Attributes:
        edges: `(num_bins + 1,)`, from 0 to 1.
        count: `(num_bins,)`, images in each bin.
        confidence: `(num_bins,)`, mean confidence in each bin, NaN in empty ones.
        accuracy: `(num_bins,)`, accuracy in each bin, NaN in empty ones.

    Example:
        >>> reliability_bins([[0.0, 1.0]], [1], num_bins=2).edges.tolist()
        [0.0, 0.5, 1.0]
    """

    edges: np.ndarray
    count: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray


def reliability_bins(
    logits: Any, labels: Any, num_bins: int = 15, temperature: float = 1.0
) -> ReliabilityBins:
    """Compute what a reliability diagram shows: confidence against accuracy, bin by bin.

    Args:
        logits: Array `(N, K)`.
        labels: Integer array `(N,)` of class numbers.
        num_bins: Number of equal-width bins.
        temperature: Positive number that the logits are divided by.

    Returns:
        The `ReliabilityBins`.

    Raises:
        ValueError: If the logits are not `(N, K)` with N at least 1, the labels do not fit them, or
            a number is not positive.

    Example:
        >>> bins = reliability_bins(np.log([[0.8, 0.2], [0.8, 0.2]]), [0, 1], num_bins=2)
        >>> bins.count.tolist(), bins.accuracy.tolist()
        ([0, 2], [nan, 0.5])

    Source:
        Guo et al. 2017, arXiv:1706.04599, figure 1.
    """
    predictions = Predictions.of(logits, labels, temperature, num_bins)
    count, confidence, accuracy = confidence_bins(
        predictions.confidence, predictions.correct, predictions.num_bins
    )
    edges = np.linspace(0.0, 1.0, predictions.num_bins + 1)
    return ReliabilityBins(edges, count, confidence, accuracy)
