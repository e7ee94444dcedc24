"""Contrast, saturation, geometry and compression.

The functions take and return what those of `noise` do.
"""

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions import filters, matrices, sampling, warp
from tf_varmixup.corruptions.constants import ElasticTransform, Saturate
from tf_varmixup.corruptions.sampling import Seeds


def contrast(images: tf.Tensor, factor: float, seeds: Seeds) -> tf.Tensor:
    """Pull each channel towards its mean over the image."""
    _, height, width, channels = images.shape
    images = tf.cast(images, tf.float32)
    mean = tf.reduce_mean(images, axis=(1, 2))
    # Added row by row, since TensorFlow is slow to repeat so few values.
    rows = tf.reshape(images * factor, (-1, height, width * channels)) + tf.tile(
        (1.0 - factor) * mean[:, None], (1, 1, width)
    )
    return tf.reshape(rows, (-1, height, width, channels))


def saturate(images: tf.Tensor, constants: Saturate, seeds: Seeds) -> tf.Tensor:
    """Change the HSV saturation s to clip(s factor + offset); value and hue stay.

    A pixel without saturation has hue 0, red, and moves there where there is an offset. An image
    of one channel stays as it is.
    """
    if images.shape[3] == 1:
        return images
    images = tf.cast(images, tf.float32)
    value = tf.reduce_max(images, axis=3, keepdims=True)
    span = value - tf.reduce_min(images, axis=3, keepdims=True)
    target_span = value * tf.clip_by_value(
        tf.math.divide_no_nan(span, value) * constants.factor + constants.offset, 0.0, 1.0
    )
    # A channel's distance below the value is a share of the span, which the hue fixes.
    levels = value - (value - images) * tf.math.divide_no_nan(target_span, span)
    if constants.offset > 0:
        levels -= tf.where(span > 0.0, 0.0, target_span) * (0.0, 1.0, 1.0)
    return levels


def pixelate(images: tf.Tensor, scale: float, seeds: Seeds) -> tf.Tensor:
    """Shrink to `int(scale * side)` pixels and enlarge again with Pillow's box filter.

    The filter rounds after each direction. Enlarging copies pixels, which need no rounding, so that
    one product per direction shrinks and enlarges.
    """
    planes = filters.to_planes(images)
    rows, columns = (
        matrices.box_matrix(int(side * scale), side) @ matrices.box_matrix(side, int(side * scale))
        for side in planes.shape[2:]
    )
    planes = _round_half_up(filters.filter_columns(planes, columns))
    return filters.to_images(_round_half_up(filters.filter_rows(planes, rows)))


def _round_half_up(levels: tf.Tensor) -> tf.Tensor:
    # The margin takes halves up in spite of the sums' own rounding.
    return tf.floor(levels + (0.5 + 1e-4))


def jpeg_compression(images: tf.Tensor, quality: int, seeds: Seeds) -> tf.Tensor:
    """Compress as Pillow does at this quality: 4:2:0 chroma, the accurate transform both ways."""
    channels = images.shape[3]

    def compress(image: tf.Tensor) -> tf.Tensor:
        encoded = tf.io.encode_jpeg(image, quality=quality, chroma_downsampling=True)
        return tf.io.decode_jpeg(encoded, channels=channels, dct_method="INTEGER_ACCURATE")

    return tf.ensure_shape(tf.map_fn(compress, images, parallel_iterations=1), images.shape)


def elastic_transform(images: tf.Tensor, constants: ElasticTransform, seeds: Seeds) -> tf.Tensor:
    """Warp by a random affine map, then by smooth random displacements.

    The displacements are U(-1, 1) blurred with `sigma`, times `alpha`; the map moves each
    coordinate of three points by U(-affine, affine).
    """
    alpha = constants.alpha
    _, height, width, _ = images.shape
    images = _affine(images, constants.affine * (2.0 * sampling.uniform(seeds, 3, 2) - 1.0))
    if alpha == 0:
        return images
    moved = filters.gaussian(
        2.0 * sampling.uniform(seeds, 2, height, width, stream=1) - 1.0,
        constants.sigma,
        mode="reflect",
        truncate=3.0,
    )
    row, column = np.mgrid[:height, :width].astype(np.float32)
    return warp.bilinear(
        images, row + alpha * moved[:, 1], column + alpha * moved[:, 0], warp.reflect
    )


def _affine(images: tf.Tensor, moves: tf.Tensor) -> tf.Tensor:
    """Apply the affine map under which three points around the center move by `moves (B, 3, 2)`.

    A move is (x, y), in pixels.
    """
    _, height, width, _ = images.shape
    arm = min(height, width) // 3
    corner_x, corner_y = width // 2 + arm, height // 2 - arm  # the second point, right and above
    right_bottom, right_top, left_top = tf.unstack(moves, axis=1)
    # p -> p + matrix (p - second point) + the second point's move; each column of the matrix is one
    # side of the triangle.
    per_x, per_y = (right_top - left_top) / (2 * arm), (right_bottom - right_top) / (2 * arm)
    a, b, c, d = 1.0 + per_x[:, 0], per_y[:, 0], per_x[:, 1], 1.0 + per_y[:, 1]
    determinant = a * d - b * c
    inverse = tf.math.divide_no_nan(tf.stack([a, -c, -b, d], axis=1), determinant[:, None])
    rows, columns = (
        tf.range(size, dtype=tf.float32) - corner
        for size, corner in ((height, corner_y), (width, corner_x))
    )
    down, right = rows - right_top[:, 1:], columns - right_top[:, :1]
    y = corner_y + inverse[:, None, :1] * down[:, :, None] + inverse[:, None, 1:2] * right[:, None]
    x = corner_x + inverse[:, None, 2:3] * down[:, :, None] + inverse[:, None, 3:] * right[:, None]
    # OpenCV reads at positions rounded to 1/32 of a pixel. The bound keeps those that a nearly
    # singular map gives within the integers.
    y, x = (tf.clip_by_value(tf.round(position * 32.0) / 32.0, -1e6, 1e6) for position in (y, x))
    return warp.bilinear(images, y, x, warp.reflect_101)
