"""Linear filters as matrices along the rows and the columns of a picture.

A filter that acts on rows and columns separately is `rows @ picture @ columns.T`, and one that does
not (a disk, the mean of several zooms) is a sum of few such products. Borders are then part of the
matrices, any size works, and matrix products are what a CPU does best. The matrices themselves are
SciPy's answers to the unit vectors.
"""

import math

import numpy as np
import tensorflow as tf
from scipy import ndimage


def to_planes(images):
    """Turn pictures `(B, H, W, C)` of any type into `float32` planes `(B, C, H, W)`."""
    return tf.cast(tf.transpose(images, (0, 3, 1, 2)), tf.float32)


def to_images(planes):
    """Turn planes `(B, C, H, W)` into pictures `(B, H, W, C)`."""
    return tf.transpose(planes, (0, 2, 3, 1))


def outer(plane, colour):
    """Give `float32` values `(B, H, W)` a colour `(1, C)`: `(B, H, W, C)`.

    As a product of matrices, which takes less than half the time of TensorFlow's broadcasting.
    """
    return tf.reshape(
        tf.matmul(tf.reshape(plane, (-1, 1)), colour), (-1, *plane.shape[1:], colour.shape[1])
    )


def to_channels(plane, channels):
    """Repeat `float32` values `(B, H, W)` in each channel: `(B, H, W, C)`."""
    return outer(plane, np.ones((1, channels), np.float32))


def gaussian_matrix(size, sigma, mode="nearest", truncate=4.0):
    """Return the Gaussian filter along one side as a `(size, size)` matrix; borders and truncation
    are SciPy's."""
    return (
        ndimage.gaussian_filter1d(np.eye(size), sigma, axis=0, mode=mode, truncate=truncate)
        if sigma > 0
        else np.eye(size)
    )


def clipped_zoom_matrix(size, factor):
    """Return the linear zoom into the centre of one side as a `(size, size)` matrix.

    `ceil(size / factor)` pixels around the centre are cut out, enlarged with their end points kept
    in place, and cut back to `size`.
    """
    cut = math.ceil(size / factor)
    first = (size - cut) // 2
    zoomed = ndimage.zoom(np.eye(size)[first : first + cut], (factor, 1), order=1)
    trim = (len(zoomed) - size) // 2
    return zoomed[trim : trim + size]


def box_matrix(source, target):
    """Return the resampling of one side with Pillow's box filter as a `(target, source)` matrix."""
    scale = source / target
    support = 0.5 * max(scale, 1.0)
    centres = (np.arange(target) + 0.5) * scale
    # Pillow weighs a pixel by whether its centre lies in the box, the lower end left out and the
    # upper one taken in.
    first = np.maximum((centres - support + 0.5).astype(int), 0)
    last = np.minimum((centres + support + 0.5).astype(int), source)
    pixels = np.arange(source)
    position = (pixels - centres[:, None] + 0.5) / max(scale, 1.0)
    inside = (
        (pixels >= first[:, None])
        & (pixels < last[:, None])
        & (position > -0.5)
        & (position <= 0.5)
    )
    return inside / inside.sum(axis=1, keepdims=True)


def separate(rows, columns):
    """Rewrite a sum of products with as few terms as single precision needs.

    Args:
        rows: array `(n, H, H)`.
        columns: array `(n, W, W)`; the filter is the sum over n of `rows[n] @ picture @
            columns[n].T`.

    Returns:
        Arrays `(m, H, H)` and `(m, W, W)` with m <= n that give the same filter.

    Example:
        >>> rows, columns = separate(np.stack(matrices), np.stack(matrices))
    """
    row_basis, row_weights = np.linalg.qr(rows.reshape(len(rows), -1).T)
    column_basis, column_weights = np.linalg.qr(columns.reshape(len(columns), -1).T)
    left, values, right = np.linalg.svd(row_weights @ column_weights.T)
    kept = values > 1e-6 * values[0]
    values = np.sqrt(values[kept])
    row_terms = (row_basis @ left[:, kept] * values).T
    column_terms = (column_basis @ right[kept].T * values).T
    return row_terms.reshape(-1, *rows.shape[1:]), column_terms.reshape(-1, *columns.shape[1:])


def kernel_matrices(kernel, height, width):
    """Write the correlation with a small kernel, borders reflected without the edge (OpenCV's
    default), as `separate` does."""
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


def filter_rows(planes, matrix):
    """Filter planes `(B, C, H, W)` from top to bottom with a matrix `(H', H)`."""
    return tf.matmul(np.asarray(matrix, np.float32), planes)


def filter_columns(planes, matrix):
    """Filter planes `(B, C, H, W)` from left to right with a matrix `(W', W)`."""
    _, channels, height, width = planes.shape
    # One product of two matrices is faster than one product a plane.
    filtered = tf.matmul(
        tf.reshape(planes, (-1, width)), np.asarray(matrix, np.float32), transpose_b=True
    )
    return tf.reshape(filtered, (-1, channels, height, len(matrix)))


def filter_planes(planes, rows, columns):
    """Filter planes with a sum of filters along their rows and columns.

    Args:
        planes: `float32` tensor `(B, C, H, W)`.
        rows: array `(n, H, H)`.
        columns: array `(n, W, W)`.

    Returns:
        A `float32` tensor `(B, C, H, W)`: the sum over n of `rows[n] @ plane @ columns[n].T`.

    Example:
        >>> blurred = filter_planes(planes, *kernel_matrices(kernel, 32, 32))
    """
    terms, height, width = len(rows), rows.shape[1], columns.shape[1]
    # All terms at once: the columns' product leaves, row by row, one result a term; the rows'
    # product sums over pixels and terms.
    by_columns = filter_columns(planes, columns.reshape(terms * width, width))
    by_columns = tf.reshape(by_columns, (-1, planes.shape[1], height * terms, width))
    return filter_rows(by_columns, rows.transpose(1, 2, 0).reshape(height, height * terms))


def correlate(plane, down, across, mode="mirror"):
    """Correlate planes `(B, H, W)` of whole numbers with a small kernel of whole numbers, exactly.

    Args:
        plane: `float32` tensor `(B, H, W)`.
        down, across: arrays `(n, m)`, m odd; the kernel is the sum over n of the outer products of
            `down[n]` and `across[n]`.
        mode: SciPy's name of the border, "mirror" (OpenCV's default) or "nearest".

    Returns:
        A `float32` tensor `(B, H, W)`.

    Example:
        >>> sums_of_nine = correlate(levels, [[1, 1, 1]], [[1, 1, 1]])
    """
    rows, columns = (
        np.stack(
            [
                ndimage.correlate1d(np.eye(size), weights, axis=0, mode=mode)
                for weights in np.asarray(side, np.float64)
            ]
        )
        for size, side in zip(plane.shape[1:], (down, across), strict=True)
    )
    return filter_planes(plane[:, None], rows, columns)[:, 0]


def gaussian(planes, sigma, mode="nearest", truncate=4.0):
    """Blur planes `(B, C, H, W)` with a Gaussian of `sigma` pixels, as scikit-image's `gaussian`
    does."""
    height, width = planes.shape[2:]
    planes = filter_columns(planes, gaussian_matrix(width, sigma, mode, truncate))
    return filter_rows(planes, gaussian_matrix(height, sigma, mode, truncate))
