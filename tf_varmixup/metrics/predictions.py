"""Collected predictions, checked and in double precision: what every formula is computed from."""

import dataclasses
import functools
import warnings
from typing import Any

import numpy as np
from scipy.special import log_softmax

from tf_varmixup.checks import check_count, check_positive


@dataclasses.dataclass(frozen=True, eq=False)
class Predictions:
    """A classifier's logits for a dataset beside the labels.

    Make one with `Predictions.of`, which checks the arrays against each other.

    Attributes:
        logits: `float64` array `(N, K)`, as the classifier returned them.
        labels: `int64` array `(N,)` of class numbers in 0 ... K - 1.
        log_probabilities: `float64` array `(N, K)`, log softmax(logits / temperature).
        num_bins: Number of bins of the confidence that calibration is measured with.

    Example:
        >>> predictions = Predictions.of(np.log([[0.8, 0.2]]), [0])
        >>> predictions.confidence.round(4).tolist(), predictions.correct.tolist()
        ([0.8], [True])
    """

    logits: np.ndarray
    labels: np.ndarray
    log_probabilities: np.ndarray
    num_bins: int

    @classmethod
    def of(
        cls, logits: Any, labels: Any, temperature: float = 1.0, num_bins: int = 15
    ) -> "Predictions":
        """Check logits and class numbers against each other and bring them to double precision.

        Logits that are NaN give one warning, and metrics that are NaN. Logits of which every row is
        a list of probabilities give a warning.

        Args:
            logits: Array `(N, K)`, N at least 1 and K at least 2.
            labels: Integer array `(N,)` of class numbers in 0 ... K - 1.
            temperature: Positive number that the logits are divided by.
            num_bins: Number of bins of the confidence.

        Returns:
            The `Predictions`.

        Raises:
            ValueError: If a shape, a type, a label or a number is another.

        Example:
            >>> Predictions.of([[0.0, 1.0]], [1]).labels.tolist()
            [1]
        """
        logits, labels = check_logits_and_labels(logits, labels)
        log_probabilities = scaled_log_probabilities(logits, temperature)
        if np.isnan(log_probabilities).any():
            warnings.warn(
                "Expected logits that are numbers. Received: NaN; the metrics are NaN as well.",
                RuntimeWarning,
                stacklevel=2,
            )
        if _could_be_probabilities(logits):
            warnings.warn(
                "Expected logits. Received: rows of probabilities, which are taken for logits. "
                "The logarithms of probabilities are logits.",
                RuntimeWarning,
                stacklevel=2,
            )
        return cls(logits, labels, log_probabilities, check_count("num_bins", num_bins))

    @functools.cached_property
    def probabilities(self) -> np.ndarray:
        """The probabilities, `float64` `(N, K)`."""
        return np.exp(self.log_probabilities)

    @functools.cached_property
    def confidence(self) -> np.ndarray:
        """The probability of the predicted class, `float64` `(N,)`."""
        return np.exp(self.log_probabilities.max(axis=1))

    @functools.cached_property
    def correct(self) -> np.ndarray:
        """Whether the predicted class is the label, `bool` `(N,)`."""
        return self.log_probabilities.argmax(axis=1) == self.labels


def check_logits_and_labels(logits: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    """Check logits and class numbers against each other.

    Args:
        logits: Array `(N, K)`, N at least 1 and K at least 2.
        labels: Integer array `(N,)` of class numbers in 0 ... K - 1.

    Returns:
        A tuple of the logits as `float64` and the labels as `int64`.

    Raises:
        ValueError: If the shapes, the labels' type or their range are others.

    Example:
        >>> check_logits_and_labels([[0, 1]], [1])[1].tolist()
        [1]
    """
    logits, labels = np.asarray(logits), np.asarray(labels)
    if logits.dtype.kind not in "fiub" and logits.dtype.name != "bfloat16":
        raise ValueError(f"Expected logits that are real numbers. Received: {logits.dtype}.")
    logits = logits.astype(np.float64)
    if logits.ndim != 2 or logits.shape[0] < 1 or logits.shape[1] < 2:
        raise ValueError(
            "Expected logits of shape (N, K) with N at least 1 and K at least 2. "
            f"Received: shape {logits.shape}."
        )
    if labels.shape != logits.shape[:1] or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"Expected integer labels of shape ({len(logits)},). "
            f"Received: {labels.dtype} of shape {labels.shape}."
        )
    last = logits.shape[1] - 1
    if labels.min() < 0 or labels.max() > last:
        hint = " Class numbers start at 0." if labels.min() == 1 else ""
        raise ValueError(
            f"Expected labels in 0 ... {last}. Received: {labels.min()} ... {labels.max()}.{hint}"
        )
    return logits, labels.astype(np.int64)


def scaled_log_probabilities(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Return log softmax(logits / temperature).

    Args:
        logits: `float64` array `(N, K)`.
        temperature: Positive number.

    Returns:
        A `float64` array `(N, K)`.

    Raises:
        ValueError: If the temperature is not a positive number.

    Example:
        >>> np.exp(scaled_log_probabilities(np.zeros((1, 2)), 1.0)).tolist()
        [[0.5, 0.5]]
    """
    return log_softmax(logits / check_positive("temperature", temperature), axis=1)


def _could_be_probabilities(logits: np.ndarray) -> bool:
    """Say whether all rows are probabilities, and there is more than chance and one-hot rows."""
    if len(logits) < 2 or not (logits >= 0.0).all():
        return False
    sums_to_one = (np.abs(logits.sum(axis=1) - 1.0) < 4e-3).all()
    return bool(sums_to_one and ((logits > 0.0).sum(axis=1) > 1).sum() > 1)
