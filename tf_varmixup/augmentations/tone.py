"""Operations that change each value by itself."""

from typing import Any

import tensorflow as tf

from tf_varmixup.augmentations.arguments import magnitudes, prepare, rounded


def autocontrast(images: Any) -> tf.Tensor:
    """Stretch each channel of each image so that its values reach from 0 to 255.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.

    Returns:
        Images `uint8 (B, H, W, C)`. A channel of one value stays.

    Example:
        >>> autocontrast(np.array([10, 11, 12], "uint8").reshape(1, 1, 3, 1)).numpy().ravel()
        array([  0, 127, 255], dtype=uint8)

    Source: `autocontrast` of Pillow's ImageOps.
    """
    images = prepare(images)
    # Channels apart, for TensorFlow is slow at repeating a number for each of three.
    values = tf.cast(tf.transpose(images, (0, 3, 1, 2)), tf.float64)
    low, high = (reduce(values, (2, 3), keepdims=True) for reduce in (tf.reduce_min, tf.reduce_max))
    varied = high > low
    scale = tf.where(varied, 255.0 / tf.maximum(high - low, 1.0), 1.0)
    offset = tf.where(varied, rounded(-low * scale), 0.0)
    # In Pillow's order, which makes 254 of some largest values.
    values = tf.clip_by_value(rounded(values * scale) + offset, 0.0, 255.0)
    return tf.transpose(tf.cast(values, tf.uint8), (0, 2, 3, 1))


def equalize(images: Any) -> tf.Tensor:
    """Spread the values of each channel of each image evenly over 0..255.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.

    Returns:
        Images `uint8 (B, H, W, C)`. A channel stays that has fewer than 255 pixels below its
        largest value.

    Example:
        >>> ramp = np.repeat(np.arange(100, 116, dtype="uint8"), 64).reshape(1, 32, 32, 1)
        >>> equalize(ramp)[0, ::8, 0, 0].numpy()
        array([  0,  85, 171, 255], dtype=uint8)

    Source: `equalize` of Pillow's ImageOps.
    """
    images = prepare(images)
    channels = images.shape[3]
    # Where each value stands in the tables of all images and channels, channels apart.
    values = tf.cast(tf.transpose(images, (0, 3, 1, 2)), tf.int32)
    tables = tf.shape(images)[0] * channels
    entries = values + tf.reshape(256 * tf.range(tables), (-1, channels, 1, 1))
    histograms = tf.math.unsorted_segment_sum(tf.ones_like(values), entries, 256 * tables)
    histograms = tf.reshape(histograms, (-1, 256))
    below = tf.cumsum(histograms, axis=1, exclusive=True)
    # The number of pixels of less than the largest value, which is the last that occurs.
    step = tf.reduce_max(tf.where(histograms > 0, below, 0), 1, keepdims=True) // 255
    spread = tf.minimum((step // 2 + below) // tf.maximum(step, 1), 255)
    spread = tf.where(step > 0, spread, tf.range(256))
    spread = tf.gather(tf.reshape(tf.cast(spread, tf.uint8), (-1,)), entries)
    return tf.transpose(spread, (0, 2, 3, 1))


def posterize(images: Any, level: Any) -> tf.Tensor:
    """Keep the highest 4 - int(0.4 level) bits of each value.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        level: 0 to 10, a number or `(B,)`. At 10 no bit is kept, and the image is black.

    Returns:
        Images `uint8 (B, H, W, C)`.

    Example:
        >>> int(posterize(np.full((1, 2, 2, 1), 255, "uint8"), 1.0)[0, 0, 0, 0])
        240

    Source: Hendrycks et al., arXiv 1912.02781; `posterize` of Pillow's ImageOps.
    """
    images = prepare(images)
    bits = 4 - tf.cast(magnitudes(level, 4, images), tf.int32)
    mask = 256 - tf.bitwise.left_shift(1, tf.clip_by_value(8 - bits, 0, 8))
    return tf.bitwise.bitwise_and(images, tf.cast(mask, tf.uint8)[:, None, None, None])


def solarize(images: Any, level: Any) -> tf.Tensor:
    """Invert the values from 256 - int(25.6 level) on.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        level: 0 to 10, a number or `(B,)`.

    Returns:
        Images `uint8 (B, H, W, C)`.

    Example:
        >>> solarize(np.array([100, 200], "uint8").reshape(1, 1, 2, 1), 5.0).numpy().ravel()
        array([100,  55], dtype=uint8)

    Source: Hendrycks et al., arXiv 1912.02781; `solarize` of Pillow's ImageOps.
    """
    images = prepare(images)
    threshold = 256 - tf.cast(magnitudes(level, 256, images), tf.int32)
    inverted = tf.cast(images, tf.int32) >= threshold[:, None, None, None]
    # All bits of what is inverted.
    return tf.bitwise.bitwise_xor(images, 255 * tf.cast(inverted, tf.uint8))
