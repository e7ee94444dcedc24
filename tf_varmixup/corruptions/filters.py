"""Linear filters, applied as matrices along the rows and the columns of images.

A filter that acts on rows and columns separately is `rows @ image @ columns.T`, and one that does
not (a disk, the mean of several zooms) is a sum of few such products; see `matrices`.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from scipy import ndimage

from tf_varmixup.corruptions.matrices import gaussian_matrix


def to_planes(images: tf.Tensor) -> tf.Tensor:
    """Convert images `(B, H, W, C)` of any type to `float32` planes `(B, C, H, W)`."""
    return tf.cast(tf.transpose(images, (0, 3, 1, 2)), tf.float32)


def to_images(planes: tf.Tensor) -> tf.Tensor:
    """Convert planes `(B, C, H, W)` to images `(B, H, W, C)`."""
    return tf.transpose(planes, (0, 2, 3, 1))


def outer(plane: tf.Tensor, color: tf.Tensor | np.ndarray) -> tf.Tensor:
    """Multiply `float32` values `(B, H, W)` by a color `(1, C)`, which gives `(B, H, W, C)`.

    As a product of matrices, which takes less than half the time of TensorFlow's broadcasting.
    """
    return tf.reshape(
        tf.matmul(tf.reshape(plane, (-1, 1)), color), (-1, *plane.shape[1:], color.shape[1])
    )


def to_channels(plane: tf.Tensor, channels: int) -> tf.Tensor:
    """Repeat `float32` values `(B, H, W)` in each channel: `(B, H, W, C)`."""
    return outer(plane, np.ones((1, channels), np.float32))


def filter_rows(planes: tf.Tensor, matrix: np.ndarray) -> tf.Tensor:
    """Filter planes `(B, C, H, W)` from top to bottom with a matrix `(H', H)`."""
    return tf.matmul(np.asarray(matrix, np.float32), planes)


def filter_columns(planes: tf.Tensor, matrix: np.ndarray) -> tf.Tensor:
    """Filter planes `(B, C, H, W)` from left to right with a matrix `(W', W)`."""
    _, channels, height, width = planes.shape
    # One product of two matrices is faster than one product per plane.
    filtered = tf.matmul(
        tf.reshape(planes, (-1, width)), np.asarray(matrix, np.float32), transpose_b=True
    )
    return tf.reshape(filtered, (-1, channels, height, len(matrix)))


def filter_planes(planes: tf.Tensor, rows: np.ndarray, columns: np.ndarray) -> tf.Tensor:
    """Filter planes with a sum of filters along their rows and columns.

    Args:
        planes: `float32` tensor `(B, C, H, W)`.
        rows: array `(n, H, H)`.
        columns: array `(n, W, W)`.

    Returns:
        A `float32` tensor `(B, C, H, W)`: the sum over n of `rows[n] @ plane @ columns[n].T`.

    Example:
        >>> identity = np.eye(8)[None]
        >>> filter_planes(tf.ones((1, 3, 8, 8)), identity, identity).shape
        TensorShape([1, 3, 8, 8])
    """
    terms, height, width = len(rows), rows.shape[1], columns.shape[1]
    # All terms at once: the columns' product leaves, row by row, one result per term; the rows'
    # product sums over pixels and terms.
    by_columns = filter_columns(planes, columns.reshape(terms * width, width))
    by_columns = tf.reshape(by_columns, (-1, planes.shape[1], height * terms, width))
    return filter_rows(by_columns, rows.transpose(1, 2, 0).reshape(height, height * terms))


def correlate(
    plane: tf.Tensor,
    down: Sequence[Sequence[int]],
    across: Sequence[Sequence[int]],
    mode: str = "mirror",
) -> tf.Tensor:
    """Correlate planes `(B, H, W)` of whole numbers with a small kernel of whole numbers, exactly.

    Args:
        plane: `float32` tensor `(B, H, W)`.
        down: n lists of m numbers, m odd.
        across: The same; the kernel is the sum over n of the outer products of `down[n]` and
            `across[n]`.
        mode: SciPy's name of the border, "mirror" (OpenCV's default) or "nearest".

    Returns:
        A `float32` tensor `(B, H, W)`.

    Example:
        >>> float(correlate(tf.ones((1, 8, 8)), [[1, 1, 1]], [[1, 1, 1]])[0, 0, 0])
        9.0
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


def gaussian(
    planes: tf.Tensor, sigma: float, mode: str = "nearest", truncate: float = 4.0
) -> tf.Tensor:
    """Blur planes `(B, C, H, W)` with a Gaussian of `sigma` pixels, as scikit-image does."""
    height, width = planes.shape[2:]
    planes = filter_columns(planes, gaussian_matrix(width, sigma, mode, truncate))
    return filter_rows(planes, gaussian_matrix(height, sigma, mode, truncate))
