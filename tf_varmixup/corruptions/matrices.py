"""Linear filters as matrices along the rows and the columns of an image.

Borders are part of the matrices, any size works, and matrix products are what a CPU does best. The
matrices are SciPy's answers to the unit vectors.
"""

import math

import numpy as np
from scipy import ndimage


def gaussian_matrix(
    size: int, sigma: float, mode: str = "nearest", truncate: float = 4.0
) -> np.ndarray:
    """Return the Gaussian filter along one side as a matrix.

    Args:
        size: The side, in pixels.
        sigma: In pixels; 0 filters nothing.
        mode: SciPy's name of the border.
        truncate: How many sigmas the filter reaches.

    Returns:
        An array `(size, size)`.

    Example:
        >>> gaussian_matrix(8, sigma=1.0).sum(axis=1).round(6).tolist()
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    return (
        ndimage.gaussian_filter1d(np.eye(size), sigma, axis=0, mode=mode, truncate=truncate)
        if sigma > 0
        else np.eye(size)
    )


def clipped_zoom_matrix(size: int, factor: float) -> np.ndarray:
    """Return the linear zoom into the center of one side as a `(size, size)` matrix.

    `ceil(size / factor)` pixels around the center are cut out, enlarged with their end points kept
    in place, and cut back to `size`.
    """
    cut = math.ceil(size / factor)
    first = (size - cut) // 2
    zoomed = ndimage.zoom(np.eye(size)[first : first + cut], (factor, 1), order=1)
    trim = (len(zoomed) - size) // 2
    return zoomed[trim : trim + size]


def box_matrix(source: int, target: int) -> np.ndarray:
    """Return the resampling of one side with Pillow's box filter as a `(target, source)` matrix.

    Args:
        source: The side before, in pixels.
        target: The side after.

    Returns:
        An array `(target, source)` whose rows sum to 1.

    Example:
        >>> box_matrix(4, 2).tolist()
        [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]
    """
    scale = source / target
    support = 0.5 * max(scale, 1.0)
    centers = (np.arange(target) + 0.5) * scale
    # Pillow weighs a pixel by whether its center lies in the box, the lower end left out and the
    # upper one taken in.
    first = np.maximum((centers - support + 0.5).astype(int), 0)
    last = np.minimum((centers + support + 0.5).astype(int), source)
    pixels = np.arange(source)
    position = (pixels - centers[:, None] + 0.5) / max(scale, 1.0)
    inside = (
        (pixels >= first[:, None])
        & (pixels < last[:, None])
        & (position > -0.5)
        & (position <= 0.5)
    )
    return inside / inside.sum(axis=1, keepdims=True)


def separate(rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rewrite a sum of products with as few terms as single precision needs.

    Args:
        rows: Array `(n, H, H)`.
        columns: Array `(n, W, W)`; the filter is the sum over n of
            `rows[n] @ image @ columns[n].T`.

    Returns:
        Arrays `(m, H, H)` and `(m, W, W)` with m <= n that give the same filter.

    Example:
        >>> twice = np.stack([np.eye(8), np.eye(8)])
        >>> rows, columns = separate(twice, twice)
        >>> rows.shape
        (1, 8, 8)
    """
    row_basis, row_weights = np.linalg.qr(rows.reshape(len(rows), -1).T)
    column_basis, column_weights = np.linalg.qr(columns.reshape(len(columns), -1).T)
    left, values, right = np.linalg.svd(row_weights @ column_weights.T)
    kept = values > 1e-6 * values[0]
    values = np.sqrt(values[kept])
    row_terms = (row_basis @ left[:, kept] * values).T
    column_terms = (column_basis @ right[kept].T * values).T
    return row_terms.reshape(-1, *rows.shape[1:]), column_terms.reshape(-1, *columns.shape[1:])


def kernel_matrices(kernel: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Rewrite the correlation with a small kernel as a sum of products, as `separate` does.

    Borders are reflected without the edge, OpenCV's default.

    Args:
        kernel: Array `(h, w)`, both odd.
        height: Of the images, in pixels.
        width: Of the images, in pixels.

    Returns:
        Arrays `(m, H, H)` and `(m, W, W)`, see `filter_planes`.

    Example:
        >>> rows, columns = kernel_matrices(np.ones((3, 3)), 8, 9)
        >>> rows.shape, columns.shape
        ((1, 8, 8), (1, 9, 9))
    """
    left, values, right = np.linalg.svd(kernel.astype(np.float64))
    kept = values > 1e-6 * values[0]
    scale = np.sqrt(values[kept])
    rows = [
        ndimage.correlate1d(np.eye(height), side, axis=0, mode="mirror")
        for side in (left[:, kept] * scale).T
    ]
    columns = [
        ndimage.correlate1d(np.eye(width), side, axis=0, mode="mirror")
        for side in right[kept] * scale[:, None]
    ]
    return np.stack(rows), np.stack(columns)
