"""The Frechet distance between two sets of features, each taken for a Gaussian."""

from typing import Any

import numpy as np


def frechet_distance(first: Any, second: Any) -> float:
    """Return the squared Frechet distance between Gaussians fitted to two sets of features.

    |m_1 - m_2|^2 + tr(C_1 + C_2 - 2 (C_1 C_2)^(1/2)), in the features' unit squared. Of few
    features it is too large, by an amount that depends on their number: compare only distances
    from as many.

    Args:
        first: Array `(N, D)`, a row per image; N at least 2.
        second: Array `(M, D)`; M at least 2.

    Returns:
        A float, 0 or more.

    Raises:
        ValueError: If these are no two matrices of as many columns, or a value is not finite.

    Example:
        >>> points = np.array([[0.0, 1.0], [2.0, 5.0], [4.0, 0.0]])
        >>> round(frechet_distance(points, points + [3.0, 4.0]), 6)
        25.0

    Source: Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", arXiv 1706.08500,
        equation 6.
    """
    first, second = (np.asarray(features, "float64") for features in (first, second))
    shapes = f"shapes {first.shape} and {second.shape}"
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1]:
        raise ValueError(f"Expected features (N, D) and (M, D). Received: {shapes}.")
    if min(len(first), len(second)) < 2:
        raise ValueError(f"Expected features of at least 2 images. Received: {shapes}.")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("Expected finite features. Received: some that are not.")
    means = [features.mean(0) for features in (first, second)]
    covariances = [np.atleast_2d(np.cov(features.T)) for features in (first, second)]
    # The root of C_1 C_2 has the trace of the root of C_1^(1/2) C_2 C_1^(1/2), which is symmetric.
    root = _root(covariances[0])
    values = np.linalg.eigvalsh(root @ covariances[1] @ root)
    overlap = np.sqrt(np.maximum(values, 0.0)).sum()
    spread = np.trace(covariances[0]) + np.trace(covariances[1]) - 2.0 * overlap
    return float(max(((means[0] - means[1]) ** 2).sum() + spread, 0.0))


def _root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
