"""Pictures read at other places: shuffled, shifted along a line, interpolated."""

import math

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions import filters


def gather_pixels(images, index):
    """Read pixels by their number.

    Args:
        images: tensor `(B, H, W, C)` of any type.
        index: `int32` tensor `(B, ...)` in `0 ... H * W - 1`, within the own picture.

    Returns:
        A tensor `(B, ..., C)`.

    Example:
        >>> mirrored = gather_pixels(images, tf.tile(tf.range(1024)[None, ::-1], (batch, 1)))
    """
    _, height, width, channels = images.shape
    first = tf.range(tf.shape(images)[0]) * (height * width)
    return tf.gather(
        tf.reshape(images, (-1, channels)),
        index + tf.reshape(first, (-1, *[1] * (len(index.shape) - 1))),
    )


def motion_blur(images, radius, sigma, angles, angle_range):
    """Blur along a line: ImageMagick's MotionBlur.

    Weights fall off as one half of a Gaussian over `2 radius + 1` pixels in the direction of the
    angle, each read at the nearest whole pixel; what lies outside repeats the edge.

    Args:
        images: `uint8` tensor `(B, H, W, C)`.
        radius: Python integer, in pixels.
        sigma: Python number, in pixels.
        angles: `float32` tensor `(B,)` in degrees; 0 reads to the right, 90 downwards.
        angle_range: (lowest, highest) possible angle, Python numbers.

    Returns:
        A `float32` tensor `(B, H, W, C)` of levels.

    Example:
        >>> blurred = motion_blur(images, 6, 1.5, tf.zeros(len(images)), (-45, 45))
    """
    _, height, width, channels = images.shape
    weights = np.exp(-0.5 * (np.arange(2 * radius + 1) / sigma) ** 2)
    weights = weights[
        weights > 1e-5 * weights.sum()
    ]  # what is left out stays below a hundredth of a level
    weights = np.float32(weights / weights.sum())[None]
    steps = tf.range(weights.size, dtype=tf.float32)
    radians = angles[:, None] * (math.pi / 180)
    down = tf.cast(tf.math.ceil(steps * tf.sin(radians) - 0.5), tf.int32)
    right = tf.cast(tf.math.ceil(steps * tf.cos(radians) - 0.5), tf.int32)

    # Copies of the pictures at every shift to the right there can be; then each step of each
    # picture reads whole rows of one of them.
    reach = (weights.size - 1) * np.cos(np.radians(np.linspace(*angle_range, 181)))
    lowest, highest = min(0, math.floor(reach.min())), max(0, math.ceil(reach.max()))
    columns = np.clip(np.arange(lowest, width + highest), 0, width - 1)
    padded = tf.gather(images, columns, axis=2)
    shifts = highest - lowest + 1
    shifted = tf.stack([padded[:, :, shift : shift + width] for shift in range(shifts)], axis=1)
    copy = tf.range(tf.shape(images)[0])[:, None] * shifts + right - lowest
    row = tf.clip_by_value(down[:, :, None] + tf.range(height), 0, height - 1)
    read = tf.gather(tf.reshape(shifted, (-1, width * channels)), copy[:, :, None] * height + row)
    read = tf.cast(tf.reshape(read, (-1, weights.size, height * width * channels)), tf.float32)
    return tf.reshape(tf.matmul(weights, read), (-1, height, width, channels))


def reflect_101(position, size):
    """Reflect `float32` positions about the centres of the first and last pixel: dcb|abcd|cba."""
    return _reflect_between(position, size - 1)


def reflect(position, size):
    """Reflect `float32` positions about the outer edges of the first and last pixel:
    cba|abcd|dcb."""
    return tf.clip_by_value(_reflect_between(position + 0.5, size) - 0.5, 0.0, size - 1.0)


def _reflect_between(position, end):
    """Fold the line onto 0 ... end, as mirrors at both ends would."""
    turns = tf.floor(position / (2 * end))
    return end - tf.abs(position - 2 * end * turns - end)


def bilinear(images, down, right, border):
    """Read pictures at fractional positions with linear interpolation.

    Args:
        images: tensor `(B, H, W, C)`, `uint8` or `float32`.
        down, right: `float32` tensors `(B, H', W')`, positions in pixels.
        border: `reflect_101` or `reflect`.

    Returns:
        A `float32` tensor `(B, H', W', C)`.

    Example:
        >>> shifted = bilinear(images, rows + 0.5, columns, reflect)
    """
    _, height, width, channels = images.shape
    down, right = border(down, height), border(right, width)
    # Of the positions on the last pixel, the one before it is the first of the two between which
    # they lie.
    top, left = tf.minimum(tf.floor(down), height - 2.0), tf.minimum(tf.floor(right), width - 2.0)
    to_bottom, to_right = (
        filters.to_channels(down - top, channels),
        filters.to_channels(right - left, channels),
    )
    index = tf.cast(top * width + left, tf.int32)

    def corner(step):
        return tf.cast(gather_pixels(images, index + step), tf.float32)

    def blend(start, end, share):
        return start + (end - start) * share

    upper = blend(corner(0), corner(1), to_right)
    lower = blend(corner(width), corner(width + 1), to_right)
    return blend(upper, lower, to_bottom)
