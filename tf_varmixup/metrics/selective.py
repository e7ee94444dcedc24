"""Formulas of selective prediction, where the least confident images are left out, in NumPy.

Each takes the confidence `(N,)`, which is the probability of the predicted class, and whether the
prediction is right, `(N,)`.
"""

import numpy as np

from tf_varmixup.metrics.calibration import check_confidence
from tf_varmixup.metrics.ranking import auroc


def risk_coverage(confidence: np.ndarray, correct: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the error among the k most confident images, for every k.

    Among images of the same confidence any order is as good: the error is its mean over orders.

    Args:
        confidence: Array `(N,)`, N at least 1.
        correct: Boolean array `(N,)`.

    Returns:
        A tuple `(coverage, risk)` of arrays `(N,)`: the share k / N of the images, and the share of
        errors among these.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> coverage, risk = risk_coverage(np.array([0.9, 0.6]), np.array([True, False]))
        >>> coverage.tolist(), risk.tolist()
        ([0.5, 1.0], [0.0, 0.5])

    Source:
        El-Yaniv and Wiener 2010, "On the foundations of noise-free selective classification".
    """
    check_confidence(confidence, correct)
    order = np.argsort(-confidence)
    values, wrong = confidence[order], 1.0 - np.asarray(correct, np.float64)[order]
    starts = np.flatnonzero(np.append(True, np.diff(values) != 0.0))
    ties = np.diff(np.append(starts, len(values)))
    expected = np.repeat(np.add.reduceat(wrong, starts) / ties, ties)
    covered = np.arange(1, len(values) + 1)
    risk = np.cumsum(expected) / covered
    return covered / len(values), np.where(np.isnan(confidence).any(), np.nan, risk)


def aurc(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Return the area under the risk-coverage curve, the mean of the risk over k = 1 ... N.

    It falls with the error rate as well as with a better order: see `excess_aurc`.

    Args:
        confidence: Array `(N,)`, N at least 1.
        correct: Boolean array `(N,)`.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> aurc(np.array([0.9, 0.6]), np.array([True, False]))
        0.25

    Source:
        Geifman et al. 2019, arXiv:1805.08206.
    """
    return float(risk_coverage(confidence, correct)[1].mean())


def excess_aurc(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Return the AURC less that of the best order, in which all errors come last.

    Args:
        confidence: Array `(N,)`, N at least 1.
        correct: Boolean array `(N,)`.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> excess_aurc(np.array([0.9, 0.6]), np.array([True, False]))
        0.0

    Source:
        Geifman et al. 2019, arXiv:1805.08206, with the exact sum.
    """
    covered = np.arange(1, len(confidence) + 1)
    best = np.maximum(covered - np.count_nonzero(correct), 0) / covered
    return float(aurc(confidence, correct) - best.mean())


def auroc_of_errors(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Return the probability that a correct prediction is more confident than a wrong one.

    Args:
        confidence: Array `(N,)`.
        correct: Boolean array `(N,)`.

    Returns:
        A number in [0, 1], ties counted half; NaN where all are correct, or all wrong.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> auroc_of_errors(np.array([0.9, 0.6, 0.5]), np.array([True, False, True]))
        0.5

    Source:
        Hendrycks and Gimpel 2017, arXiv:1610.02136.
    """
    check_confidence(confidence, correct)
    correct = np.asarray(correct, bool)
    return auroc(confidence[correct], confidence[~correct])
