"""How well a score tells two groups apart, in NumPy."""

import numpy as np
from scipy.stats import rankdata


def auroc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Return the probability that a positive has the higher score than a negative, ties half.

    It is the area under the receiver operating characteristic.

    Args:
        positive: Scores `(N,)`.
        negative: Scores `(M,)`.

    Returns:
        A number in [0, 1]; NaN if there are none of either, or a score is NaN.

    Example:
        >>> auroc(np.array([0.9, 0.5]), np.array([0.5, 0.1]))
        0.875

    Source:
        Hanley and McNeil 1982, "The meaning and use of the area under a receiver operating
        characteristic (ROC) curve".
    """
    if min(len(positive), len(negative)) == 0:
        return float("nan")
    ranks = rankdata(np.concatenate([positive, negative]))[: len(positive)]
    lowest = len(positive) * (len(positive) + 1) / 2.0
    return float((ranks.sum() - lowest) / (len(positive) * len(negative)))
