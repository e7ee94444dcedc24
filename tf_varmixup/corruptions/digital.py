"""Contrast, saturation, geometry and compression. The functions take and return what those of `noise` do."""

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions import filters, sampling, warp


def contrast(images, factor, seeds):
    """Pull each channel towards its mean over the picture."""
    images = tf.cast(images, tf.float32)
    mean = tf.reduce_mean(images, axis=(1, 2), keepdims=True)
    return (images - mean) * factor + mean


def saturate(images, constants, seeds):
    """Change the HSV saturation s to clip(s factor + offset); constants (factor, offset). Value and hue stay.

    A pixel without saturation has hue 0, red, and moves there where there is an offset. A picture of one channel stays as it is.
    """
    factor, offset = constants
    if images.shape[3] == 1:
        return images
    images = tf.cast(images, tf.float32)
    value = tf.reduce_max(images, axis=3, keepdims=True)
    span = value - tf.reduce_min(images, axis=3, keepdims=True)
    target_span = value * tf.clip_by_value(tf.math.divide_no_nan(span, value) * factor + offset, 0.0, 1.0)
    # A channel's distance below the value is a share of the span, which the hue fixes.
    levels = value - (value - images) * tf.math.divide_no_nan(target_span, span)
    if offset > 0:
        levels -= tf.where(span > 0.0, 0.0, target_span) * (0.0, 1.0, 1.0)
    return levels


def pixelate(images, scale, seeds):
    """Shrink to `int(scale * side)` pixels and enlarge again with Pillow's box filter, which rounds after each direction."""
    _, height, width, _ = images.shape
    planes = filters.to_planes(images)
    small_height, small_width = int(height * scale), int(width * scale)
    for target_height, target_width in ((small_height, small_width), (height, width)):
        source_height, source_width = planes.shape[2:]
        planes = _round_half_up(filters.filter_columns(planes, filters.box_matrix(source_width, target_width)))
        planes = _round_half_up(filters.filter_rows(planes, filters.box_matrix(source_height, target_height)))
    return filters.to_images(planes)


def _round_half_up(levels):
    return tf.floor(levels + 0.5 + 1e-4)  # the margin takes halves up in spite of the sums' own rounding


def jpeg_compression(images, quality, seeds):
    """Compress as Pillow does at this quality: 4:2:0 chroma and the accurate transform both ways."""
    channels = images.shape[3]

    def compress(image):
        encoded = tf.io.encode_jpeg(image, quality=quality, chroma_downsampling=True)
        return tf.io.decode_jpeg(encoded, channels=channels, dct_method="INTEGER_ACCURATE")

    return tf.ensure_shape(tf.map_fn(compress, images, parallel_iterations=8), images.shape)


def elastic_transform(images, constants, seeds):
    """Warp by a random affine map, then by smooth random displacements.

    Constants (alpha, sigma, affine) in pixels: the displacements are U(-1, 1) blurred with `sigma`, times `alpha`; the map moves each
    coordinate of three points by U(-affine, affine).
    """
    alpha, sigma, affine = constants
    _, height, width, _ = images.shape
    fields = 2 if alpha > 0 else 0
    draws = 2.0 * sampling.uniform(seeds, 6 + fields * height * width) - 1.0
    images = _affine(images, affine * tf.reshape(draws[:, :6], (-1, 3, 2)))
    if not fields:
        return images
    moved = filters.gaussian(tf.reshape(draws[:, 6:], (-1, 2, height, width)), sigma, mode="reflect", truncate=3.0)
    row, column = np.mgrid[:height, :width].astype(np.float32)
    return warp.bilinear(images, row + alpha * moved[:, 1], column + alpha * moved[:, 0], warp.reflect)


def _affine(images, moves):
    """Apply the affine map under which three points around the centre, (x, y), move by `moves (B, 3, 2)`."""
    _, height, width, _ = images.shape
    centre_x, centre_y, arm = width // 2, height // 2, min(height, width) // 3
    right_bottom, right_top, left_top = tf.unstack(moves, axis=1)
    # p -> p + matrix (p - right_top point) + right_top's move; each column of the matrix is one side of the triangle.
    per_x, per_y = (right_top - left_top) / (2 * arm), (right_bottom - right_top) / (2 * arm)
    a, b, c, d = 1.0 + per_x[:, 0], per_y[:, 0], per_x[:, 1], 1.0 + per_y[:, 1]
    determinant = a * d - b * c
    corner_x, corner_y = centre_x + arm, centre_y - arm
    row, column = np.mgrid[:height, :width].astype(np.float32)
    a, b, c, d, determinant, move_x, move_y = (
        value[:, None, None] for value in (a, b, c, d, determinant, right_top[:, 0], right_top[:, 1])
    )
    from_x, from_y = column - corner_x - move_x, row - corner_y - move_y
    x = corner_x + tf.math.divide_no_nan(d * from_x - b * from_y, determinant)
    y = corner_y + tf.math.divide_no_nan(a * from_y - c * from_x, determinant)
    # OpenCV reads at positions rounded to 1/32 of a pixel.
    return warp.bilinear(images, tf.round(y * 32.0) / 32.0, tf.round(x * 32.0) / 32.0, warp.reflect_101)
