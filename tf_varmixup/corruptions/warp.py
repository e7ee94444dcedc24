"""Images read at other places: shuffled, shifted along a line, interpolated."""

import math
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions import filters

Border = Callable[[tf.Tensor, int], tf.Tensor]


def gather_pixels(images: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """Read pixels by their number.

    Args:
        images: tensor `(B, H, W, C)` of any type.
        index: `int32` tensor `(B, ...)` in `0 ... H * W - 1`, within the own image.

    Returns:
        A tensor `(B, ..., C)`.

    Example:
        >>> images = tf.reshape(tf.range(8), (2, 2, 2, 1))
        >>> gather_pixels(images, tf.constant([[3], [0]])).numpy().ravel().tolist()
        [3, 4]
    """
    _, height, width, channels = images.shape
    first = tf.range(tf.shape(images)[0]) * (height * width)
    return tf.gather(
        tf.reshape(images, (-1, channels)),
        index + tf.reshape(first, (-1, *[1] * (len(index.shape) - 1))),
    )


def motion_blur(
    images: tf.Tensor,
    radius: int,
    sigma: float,
    angles: tf.Tensor,
    angle_range: tuple[float, float],
) -> tf.Tensor:
    """Blur along a line, as ImageMagick's MotionBlur does.

    Weights fall off as one half of a Gaussian over `2 radius + 1` pixels in the direction of the
    angle, each read at the nearest whole pixel; what lies outside repeats the edge.

    Args:
        images: `uint8` tensor `(B, H, W, C)`.
        radius: In pixels.
        sigma: In pixels.
        angles: `float32` tensor `(B,)` in degrees; 0 reads to the right, 90 downwards.
        angle_range: The lowest and the highest possible angle.

    Returns:
        A `float32` tensor `(B, H, W, C)` of levels.

    Example:
        >>> images = tf.constant(np.full((2, 8, 8, 1), 100, "uint8"))
        >>> motion_blur(images, 6, 1.5, tf.zeros(2), (-45, 45)).shape
        TensorShape([2, 8, 8, 1])
    """
    _, height, width, channels = images.shape
    weights = np.exp(-0.5 * (np.arange(2 * radius + 1) / sigma) ** 2)
    # What is left out stays below a hundredth of a level.
    weights = weights[weights > 1e-5 * weights.sum()]
    weights = (weights / weights.sum()).astype(np.float32)[None]
    steps = tf.range(weights.size, dtype=tf.float32)
    radians = angles[:, None] * (math.pi / 180)
    down = tf.cast(tf.math.ceil(steps * tf.sin(radians) - 0.5), tf.int32)
    right = tf.cast(tf.math.ceil(steps * tf.cos(radians) - 0.5), tf.int32)

    # Copies of the images at every shift to the right there can be; then each step of each
    # image reads whole rows of one of them.
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


def reflect_101(position: tf.Tensor, size: int) -> tf.Tensor:
    """Reflect `float32` positions at the centers of the first and last pixel: dcb|abcd|cba."""
    return _reflect_between(position, size - 1)


def reflect(position: tf.Tensor, size: int) -> tf.Tensor:
    """Reflect `float32` positions at the edges of the first and last pixel: cba|abcd|dcb."""
    return tf.clip_by_value(_reflect_between(position + 0.5, size) - 0.5, 0.0, size - 1.0)


def _reflect_between(position: tf.Tensor, end: int) -> tf.Tensor:
    """Fold the line onto 0 ... end, as mirrors at both ends would."""
    turns = tf.floor(position / (2 * end))
    return end - tf.abs(position - 2 * end * turns - end)


def bilinear(images: tf.Tensor, down: tf.Tensor, right: tf.Tensor, border: Border) -> tf.Tensor:
    """Read images at fractional positions with linear interpolation.

    Args:
        images: tensor `(B, H, W, C)`, `uint8` or `float32`.
        down: `float32` tensor `(B, H', W')`, positions in pixels from the top.
        right: `float32` tensor `(B, H', W')`, positions from the left.
        border: `reflect_101` or `reflect`.

    Returns:
        A `float32` tensor `(B, H', W', C)`.

    Example:
        >>> images = tf.reshape(tf.constant([0.0, 10.0, 20.0, 30.0]), (1, 2, 2, 1))
        >>> half = tf.fill((1, 1, 1), 0.5)
        >>> float(bilinear(images, half, half, reflect)[0, 0, 0, 0])
        15.0
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

    def corner(step: int) -> tf.Tensor:
        return tf.cast(gather_pixels(images, index + step), tf.float32)

    def blend(start: tf.Tensor, end: tf.Tensor, share: tf.Tensor) -> tf.Tensor:
        return start + (end - start) * share

    upper = blend(corner(0), corner(1), to_right)
    lower = blend(corner(width), corner(width + 1), to_right)
    return blend(upper, lower, to_bottom)
