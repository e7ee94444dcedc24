"""Operations that move pixels: read at other places, black from outside the image.

As in Pillow, the center of an output pixel is mapped to a place in the input, values between the
centers are interpolated, and the result loses its fraction.
"""

import math
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup.augmentations.arguments import magnitudes, prepare, rounded, signs
from tf_varmixup.augmentations.places import centers, interpolate, interpolate_both, shift

_RADIANS = [-math.radians(degrees) for degrees in range(360)]
# Pillow rounds them so that right angles are exact.
_COSINES = np.array([round(math.cos(angle), 15) for angle in _RADIANS])
_SINES = np.array([round(math.sin(angle), 15) for angle in _RADIANS])


def rotate(images: Any, level: Any, sign: Any = 1) -> tf.Tensor:
    """Rotate about the center by int(3 level) degrees.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        level: 0 to 10, a number or `(B,)`.
        sign: 1 for counter-clockwise, -1 for clockwise, a number or `(B,)`.

    Returns:
        Images `uint8 (B, H, W, C)`.

    Example:
        >>> white = np.full((1, 8, 8, 1), 255, "uint8")
        >>> rotate(white, 10.0)[0, 0, :5, 0].numpy()
        array([  0,   0, 255, 255, 255], dtype=uint8)

    Source: Hendrycks et al., arXiv 1912.02781; `Image.rotate` of Pillow, bilinear.
    """
    images = prepare(images)
    height, width = images.shape[1:3]
    degrees = tf.floor(magnitudes(level, 30, images)) * signs(sign, images)
    degrees = tf.cast(degrees, tf.int32) % 360
    cosine, sine = (tf.gather(table, degrees)[:, None, None] for table in (_COSINES, _SINES))
    right, down = centers(images)
    middle, center = width / 2.0, height / 2.0
    first_right = rounded(cosine * -middle) + rounded(sine * -center) + middle
    first_down = rounded(-sine * -middle) + rounded(cosine * -center) + center
    return interpolate_both(
        images,
        rounded(cosine * right) + rounded(sine * down) + first_right,
        rounded(-sine * right) + rounded(cosine * down) + first_down,
    )


def shear_x(images: Any, level: Any, sign: Any = 1) -> tf.Tensor:
    """Shear to the side about the top: row y is read 0.03 level y pixels further right.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        level: 0 to 10, a number or `(B,)`.
        sign: 1, or -1 for further left, a number or `(B,)`.

    Returns:
        Images `uint8 (B, H, W, C)`.

    Example:
        >>> white = np.full((1, 8, 8, 1), 255, "uint8")
        >>> shear_x(white, 10.0)[0, ::7, 7, 0].numpy()
        array([255,   0], dtype=uint8)

    Source: Hendrycks et al., arXiv 1912.02781; `Image.transform` of Pillow, bilinear.
    """
    images = prepare(images)
    right, down = centers(images)
    return interpolate(images, right + rounded(_slopes(level, sign, images) * down), axis=2)


def shear_y(images: Any, level: Any, sign: Any = 1) -> tf.Tensor:
    """Shear up or down about the left: column x is read 0.03 level x pixels further down.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        level: 0 to 10, a number or `(B,)`.
        sign: 1, or -1 for further up, a number or `(B,)`.

    Returns:
        Images `uint8 (B, H, W, C)`.

    Example:
        >>> white = np.full((1, 8, 8, 1), 255, "uint8")
        >>> shear_y(white, 10.0)[0, 7, ::7, 0].numpy()
        array([255,   0], dtype=uint8)

    Source: Hendrycks et al., arXiv 1912.02781; `Image.transform` of Pillow, bilinear.
    """
    images = prepare(images)
    right, down = centers(images)
    return interpolate(images, rounded(_slopes(level, sign, images) * right) + down, axis=1)


def translate_x(images: Any, level: Any, sign: Any = 1) -> tf.Tensor:
    """Move the content to the left by int(level W / 30) pixels.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        level: 0 to 10, a number or `(B,)`.
        sign: 1, or -1 for to the right, a number or `(B,)`.

    Returns:
        Images `uint8 (B, H, W, C)`.

    Example:
        >>> row = np.arange(1, 7, dtype="uint8").reshape(1, 1, 6, 1)
        >>> translate_x(row, 10.0).numpy().ravel()
        array([3, 4, 5, 6, 0, 0], dtype=uint8)

    Source: Hendrycks et al., arXiv 1912.02781, where W is 32.
    """
    images = prepare(images)
    return shift(images, _distances(level, sign, images, axis=2), axis=2)


def translate_y(images: Any, level: Any, sign: Any = 1) -> tf.Tensor:
    """Move the content up by int(level H / 30) pixels.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        level: 0 to 10, a number or `(B,)`.
        sign: 1, or -1 for down, a number or `(B,)`.

    Returns:
        Images `uint8 (B, H, W, C)`.

    Example:
        >>> column = np.arange(1, 7, dtype="uint8").reshape(1, 6, 1, 1)
        >>> translate_y(column, 10.0, -1).numpy().ravel()
        array([0, 0, 1, 2, 3, 4], dtype=uint8)

    Source: Hendrycks et al., arXiv 1912.02781, where H is 32.
    """
    images = prepare(images)
    return shift(images, _distances(level, sign, images, axis=1), axis=1)


def _slopes(level: Any, sign: Any, images: tf.Tensor) -> tf.Tensor:
    return (magnitudes(level, 0.3, images) * signs(sign, images))[:, None, None]


def _distances(level: Any, sign: Any, images: tf.Tensor, axis: int) -> tf.Tensor:
    pixels = tf.floor(magnitudes(level, images.shape[axis] / 3, images)) * signs(sign, images)
    return tf.cast(pixels, tf.int32)
