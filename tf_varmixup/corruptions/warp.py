"""Pictures read at other places: shuffled, shifted along a line, interpolated."""

import math

import numpy as np
import tensorflow as tf


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
    return tf.gather(tf.reshape(images, (-1, channels)), index + tf.reshape(first, (-1, *[1] * (len(index.shape) - 1))))


def motion_blur(images, radius, sigma, angles, angle_range):
    """Blur along a line: ImageMagick's MotionBlur.

    Weights fall off as one half of a Gaussian over `2 radius + 1` pixels in the direction of the angle, each read at the nearest whole
    pixel; what lies outside repeats the edge.

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
    weights = weights[weights > 1e-5 * weights.sum()]  # what is left out stays below a hundredth of a level
    weights = np.float32(weights / weights.sum())[None]
    steps = tf.range(weights.size, dtype=tf.float32)
    radians = angles[:, None] * (math.pi / 180)
    down = tf.cast(tf.math.ceil(steps * tf.sin(radians) - 0.5), tf.int32)
    right = tf.cast(tf.math.ceil(steps * tf.cos(radians) - 0.5), tf.int32)

    # Copies of the pictures at every shift to the right there can be; then each step of each picture reads whole rows of one of them.
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


def reflect_101(index, size):
    """Reflect indices about the centres of the first and last pixel: dcb|abcd|cba."""
    index = tf.math.floormod(index, 2 * (size - 1))
    return tf.minimum(index, 2 * (size - 1) - index)


def reflect(index, size):
    """Reflect indices about the outer edges of the first and last pixel: cba|abcd|dcb."""
    index = tf.math.floormod(index, 2 * size)
    return tf.minimum(index, 2 * size - 1 - index)


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
    _, height, width, _ = images.shape
    # The bound keeps positions far outside, as a nearly singular map may give, within the integers.
    down, right = tf.clip_by_value(down, -1e6, 1e6), tf.clip_by_value(right, -1e6, 1e6)
    top, left = tf.floor(down), tf.floor(right)
    to_bottom, to_right = (down - top)[..., None], (right - left)[..., None]
    top, left = tf.cast(top, tf.int32), tf.cast(left, tf.int32)
    rows = [border(top + step, height) * width for step in (0, 1)]
    columns = [border(left + step, width) for step in (0, 1)]

    def corner(row, column):
        return tf.cast(gather_pixels(images, rows[row] + columns[column]), tf.float32)

    def blend(start, end, share):
        return start + (end - start) * share

    upper = blend(corner(0, 0), corner(0, 1), to_right)
    lower = blend(corner(1, 0), corner(1, 1), to_right)
    return blend(upper, lower, to_bottom)
