"""Operations that move an image towards or away from a plain one.

AugMix does not use them by default: they overlap with corruptions of the benchmark.
"""

from typing import Any

import tensorflow as tf

from tf_varmixup.augmentations.arguments import magnitudes, prepare, rounded


def color(images: Any, level: Any) -> tf.Tensor:
    """Multiply the distance from the gray image by 0.18 level + 0.1.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        level: 0 to 10, a number or `(B,)`.

    Returns:
        Images `uint8 (B, H, W, C)`. Gray images stay.

    Example:
        >>> color(np.array([255, 0, 0], "uint8").reshape(1, 1, 1, 3), 1.0).numpy().ravel()
        array([126,  54,  54], dtype=uint8)

    Source: Hendrycks et al., arXiv 1912.02781; `Color` of Pillow's ImageEnhance.
    """
    images = prepare(images)
    return _away_from(_gray(images), images, level)


def contrast(images: Any, level: Any) -> tf.Tensor:
    """Multiply the distance from the mean gray by 0.18 level + 0.1.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        level: 0 to 10, a number or `(B,)`.

    Returns:
        Images `uint8 (B, H, W, C)`.

    Example:
        >>> contrast(np.array([0, 100], "uint8").reshape(1, 1, 2, 1), 0.0).numpy().ravel()
        array([45, 55], dtype=uint8)

    Source: Hendrycks et al., arXiv 1912.02781; `Contrast` of Pillow's ImageEnhance.
    """
    images = prepare(images)
    total = tf.reduce_sum(_gray(images), (1, 2, 3), keepdims=True)
    pixels = images.shape[1] * images.shape[2]
    # The mean, rounded half up.
    return _away_from((2 * total + pixels) // (2 * pixels), images, level)


def brightness(images: Any, level: Any) -> tf.Tensor:
    """Multiply each value by 0.18 level + 0.1.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        level: 0 to 10, a number or `(B,)`.

    Returns:
        Images `uint8 (B, H, W, C)`.

    Example:
        >>> brightness(np.array([0, 100], "uint8").reshape(1, 1, 2, 1), 0.0).numpy().ravel()
        array([ 0, 10], dtype=uint8)

    Source: Hendrycks et al., arXiv 1912.02781; `Brightness` of Pillow's ImageEnhance.
    """
    images = prepare(images)
    return _away_from(tf.zeros_like(images, tf.int32), images, level)


def sharpness(images: Any, level: Any) -> tf.Tensor:
    """Multiply the distance from the smoothed image by 0.18 level + 0.1.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        level: 0 to 10, a number or `(B,)`.

    Returns:
        Images `uint8 (B, H, W, C)`. Pixels at the border stay.

    Example:
        >>> point = np.zeros((1, 3, 3, 1), "uint8")
        >>> point[0, 1, 1, 0] = 130
        >>> sharpness(point, 0.0)[0, 1, :, 0].numpy()
        array([ 0, 58,  0], dtype=uint8)

    Source: Hendrycks et al., arXiv 1912.02781; `Sharpness` of Pillow's ImageEnhance.
    """
    images = prepare(images)
    height, width = images.shape[1:3]
    if height < 3 or width < 3:
        return images
    values = tf.cast(images, tf.int32)
    rows = values[:, :-2] + values[:, 1:-1] + values[:, 2:]
    around = rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]
    inner = values[:, 1:-1, 1:-1]
    # A mean of 13, rounded: all nine pixels, and the one in the middle four times more.
    smooth = (2 * (around + 4 * inner) + 13) // 26
    change = tf.pad(smooth - inner, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return _away_from(values + change, images, level)


def _gray(images: tf.Tensor) -> tf.Tensor:
    """Return the gray values as Pillow's mode "L" has them, `int32 (B, H, W, 1)`."""
    values = tf.cast(images, tf.int32)
    if images.shape[3] == 1:
        return values
    return (tf.reduce_sum(values * [19595, 38470, 7471], -1, keepdims=True) + 32768) // 65536


def _away_from(base: tf.Tensor, images: tf.Tensor, level: Any) -> tf.Tensor:
    factor = tf.cast(magnitudes(level, 1.8, images) + 0.1, tf.float32)[:, None, None, None]
    distance = tf.cast(tf.cast(images, tf.int32) - base, tf.float32)
    values = tf.cast(base, tf.float32) + rounded(factor * distance)
    return tf.cast(tf.clip_by_value(values, 0.0, 255.0), tf.uint8)
