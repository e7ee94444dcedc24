"""Snow, frost, fog, brightness and spatter.

The functions take and return what those of `noise` do.
"""

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions import filters, matrices, sampling, warp
from tf_varmixup.corruptions.constants import Fog, Frost, Snow, Spatter
from tf_varmixup.corruptions.frost import frost_textures
from tf_varmixup.corruptions.plasma import plasma
from tf_varmixup.corruptions.sampling import Seeds
from tf_varmixup.corruptions.spatter import mud_mask, water_mask

LUMINANCE = (0.299, 0.587, 0.114)
WATER = (175.0, 238.0, 238.0)
MUD = (63.0, 42.0, 20.0)


def luminance(levels: tf.Tensor | np.ndarray, channels: int = 1) -> tf.Tensor:
    """Convert colors `(..., 3)` to gray in each of `channels` channels; one channel stays as it is.

    Args:
        levels: `float32` tensor or array `(..., 3)`, or `(..., 1)`.
        channels: Number of channels of the result, all equal.

    Returns:
        A `float32` tensor `(..., channels)`; `levels` itself where it has one channel.

    Example:
        >>> luminance(np.float32([[100, 100, 100]])).numpy().round().tolist()
        [[100.0]]
    """
    return (
        levels
        if levels.shape[-1] == 1
        else tf.tensordot(levels, tf.tile(tf.constant(LUMINANCE)[:, None], (1, channels)), 1)
    )


def brightness(images: tf.Tensor, amount: float, seeds: Seeds) -> tf.Tensor:
    """Add to the HSV value, of the full range; hue and saturation stay."""
    images = tf.cast(images, tf.float32)
    value = tf.reduce_max(images, axis=3, keepdims=True)
    target = tf.minimum(value + 255.0 * amount, 255.0)
    # Black has no hue and turns gray.
    return images * (target / tf.maximum(value, 1.0)) + tf.where(value > 0.0, 0.0, target)


def fog(images: tf.Tensor, constants: Fog, seeds: Seeds) -> tf.Tensor:
    """Add a plasma and scale back to the image's own highest value."""
    amount = constants.amount
    _, height, width, _ = images.shape
    images = tf.cast(images, tf.float32)
    haze = 255.0 * amount * plasma(seeds, height, width, constants.decay)[..., None]
    highest = tf.reduce_max(images, axis=(1, 2, 3), keepdims=True)
    return (images + haze) * highest / (highest + 255.0 * amount)


def frost(images: tf.Tensor, constants: Frost, seeds: Seeds) -> tf.Tensor:
    """Add a piece of a frost texture."""
    _, height, width, channels = images.shape
    textures = frost_textures(constants.scale, height, width)
    heights, widths = np.transpose([texture.shape[:2] for texture in textures]).astype(np.int32)
    first = np.concatenate([[0], np.cumsum(heights * widths)[:-1]]).astype(np.int32)
    pixels = tf.constant(np.concatenate([texture.reshape(-1, 3) for texture in textures]))

    draws = sampling.uniform(seeds, 3)
    which = tf.cast(draws[:, 0] * len(textures), tf.int32)
    top = tf.cast(draws[:, 1] * tf.cast(tf.gather(heights, which) - height, tf.float32), tf.int32)
    left = tf.cast(draws[:, 2] * tf.cast(tf.gather(widths, which) - width, tf.float32), tf.int32)
    line = (
        tf.gather(first, which)[:, None]
        + (top[:, None] + tf.range(height)) * tf.gather(widths, which)[:, None]
    )
    ice = tf.cast(
        tf.gather(pixels, line[:, :, None] + left[:, None, None] + tf.range(width)), tf.float32
    )
    ice = luminance(ice) if channels == 1 else ice
    return constants.image_weight * tf.cast(images, tf.float32) + constants.frost_weight * ice


def snow(images: tf.Tensor, constants: Snow, seeds: Seeds) -> tf.Tensor:
    """Lay blurred flakes and their half turn over a whitened image."""
    _, height, width, channels = images.shape
    noise = sampling.normal(seeds, 1, height, width)
    flakes = constants.mean + constants.deviation * noise
    flakes = filters.filter_columns(flakes, matrices.clipped_zoom_matrix(width, constants.zoom))
    flakes = filters.filter_rows(flakes, matrices.clipped_zoom_matrix(height, constants.zoom))
    flakes = tf.where(flakes < constants.threshold, 0.0, flakes)
    flakes = tf.clip_by_value(flakes, 0.0, 1.0) * 255.0
    angles = -135.0 + 90.0 * sampling.uniform(seeds, stream=1)
    flakes = warp.motion_blur(
        filters.to_images(tf.cast(flakes, tf.uint8)),
        constants.radius,
        constants.sigma,
        angles,
        (-135, -45),
    )
    # The original stores the layer as an image here.
    flakes = tf.reshape(tf.floor(flakes), (-1, height * width))
    layer = tf.reshape(flakes + tf.reverse(flakes, [1]), (-1, height, width))

    images = tf.cast(images, tf.float32)
    whitened = tf.maximum(images, luminance(images, channels) * 1.5 + 127.5)
    weight = constants.image_weight
    return weight * images + (1.0 - weight) * whitened + filters.to_channels(layer, channels)


def spatter(images: tf.Tensor, constants: Spatter, seeds: Seeds) -> tf.Tensor:
    """Splash water or mud over the image."""
    _, height, width, channels = images.shape
    noise = sampling.normal(seeds, 1, height, width)
    liquid = constants.mean + constants.deviation * noise
    liquid = filters.gaussian(liquid, constants.sigma)[:, 0]
    liquid = tf.where(liquid < constants.threshold, 0.0, liquid)
    color = np.array([WATER if constants.mud_sigma is None else MUD], np.float32)
    color = luminance(color) if channels == 1 else color
    images = tf.cast(images, tf.float32)
    if constants.mud_sigma is None:
        return images + filters.outer(constants.water * water_mask(liquid), color)
    mask = mud_mask(liquid, constants.threshold, constants.mud_sigma)
    return images * filters.to_channels(1.0 - mask, channels) + filters.outer(mask, color)
