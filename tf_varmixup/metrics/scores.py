"""Formulas of the scores that are means over images, in NumPy."""

import numpy as np


def accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of images whose largest score is that of the label.

    Args:
        scores: Array `(N, K)`, logits or probabilities.
        labels: Integer array `(N,)` of class numbers.

    Returns:
        A number in [0, 1]; NaN if a score is.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> accuracy(np.array([[0.8, 0.2], [0.8, 0.2]]), np.array([0, 1]))
        0.5
    """
    check_scores(scores, labels)
    # The largest of a row with a NaN is the NaN, which is no prediction.
    if np.isnan(scores).any():
        return float("nan")
    return float(np.mean(scores.argmax(axis=1) == labels))


def nll(log_probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean negative log-likelihood of the labels, in nats.

    Args:
        log_probabilities: Array `(N, K)`.
        labels: Integer array `(N,)` of class numbers.

    Returns:
        A number of at least 0.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> round(nll(np.log([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 0])), 4)
        1.0397
    """
    check_scores(log_probabilities, labels)
    return float(-log_probabilities[np.arange(len(labels)), labels].mean())


def brier(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the Brier score, the mean of sum_k (p_k - y_k)^2.

    Args:
        probabilities: Array `(N, K)`.
        labels: Integer array `(N,)` of class numbers.

    Returns:
        A number in [0, 2].

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> round(brier(np.array([[0.8, 0.2]]), np.array([0])), 4)
        0.08

    Source:
        Brier 1950, "Verification of forecasts expressed in terms of probability".
    """
    check_scores(probabilities, labels)
    residual = probabilities.copy()
    residual[np.arange(len(labels)), labels] -= 1.0
    return float(np.square(residual).sum(axis=1).mean())


def check_scores(scores: np.ndarray, labels: np.ndarray) -> None:
    """Raise ValueError unless there is a class number for each row of scores.

    Args:
        scores: Array `(N, K)`.
        labels: Array `(N,)`.

    Raises:
        ValueError: If the shapes are others.

    Example:
        >>> check_scores(np.array([[0.8, 0.2]]), np.array([0]))
    """
    # Labels (N, 1) or (1,) would broadcast to a number that looks like a score.
    if np.ndim(scores) != 2 or np.shape(labels) != np.shape(scores)[:1]:
        raise ValueError(
            "Expected scores (N, K) and labels (N,). "
            f"Received: shapes {np.shape(scores)} and {np.shape(labels)}."
        )
