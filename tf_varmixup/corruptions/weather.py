"""Snow, frost, fog, brightness and spatter. The functions take and return what those of `noise`
do."""

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions import filters, sampling, warp
from tf_varmixup.corruptions.frost import frost_textures
from tf_varmixup.corruptions.plasma import plasma
from tf_varmixup.corruptions.spatter import mud_mask, water_mask

LUMINANCE = (0.299, 0.587, 0.114)
WATER = (175.0, 238.0, 238.0)
MUD = (63.0, 42.0, 20.0)


def luminance(levels, channels=1):
    """Return the grey of `(..., 3)` colours in each of `channels` channels; one channel stays as it
    is."""
    return (
        levels
        if levels.shape[-1] == 1
        else tf.tensordot(levels, tf.tile(tf.constant(LUMINANCE)[:, None], (1, channels)), 1)
    )


def brightness(images, amount, seeds):
    """Add to the HSV value, of the full range; hue and saturation stay."""
    images = tf.cast(images, tf.float32)
    value = tf.reduce_max(images, axis=3, keepdims=True)
    target = tf.minimum(value + 255.0 * amount, 255.0)
    # Black has no hue and turns grey.
    return images * (target / tf.maximum(value, 1.0)) + tf.where(value > 0.0, 0.0, target)


def fog(images, constants, seeds):
    """Add a plasma and scale back to the picture's own highest value; constants (amount, decay of
    the plasma)."""
    amount, decay = constants
    images = tf.cast(images, tf.float32)
    haze = 255.0 * amount * plasma(seeds, *images.shape[1:3], decay)[..., None]
    highest = tf.reduce_max(images, axis=(1, 2, 3), keepdims=True)
    return (images + haze) * highest / (highest + 255.0 * amount)


def frost(images, constants, seeds):
    """Add a piece of a frost texture; constants (size of the texture, weight of the picture, weight
    of the frost)."""
    scale, image_weight, frost_weight = constants
    _, height, width, channels = images.shape
    textures = frost_textures(scale, height, width)
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
    return image_weight * tf.cast(images, tf.float32) + frost_weight * (
        luminance(ice) if channels == 1 else ice
    )


def snow(images, constants, seeds):
    """Lay blurred flakes and their half turn over a whitened picture.

    Constants (mean and deviation of the flakes' noise, zoom of the flakes, threshold, radius and
    sigma of their motion, weight of the picture that is not whitened).
    """
    mean, deviation, zoom, threshold, radius, sigma, weight = constants
    _, height, width, channels = images.shape
    flakes = mean + deviation * sampling.normal(seeds, 1, height, width)
    flakes = filters.filter_columns(flakes, filters.clipped_zoom_matrix(width, zoom))
    flakes = filters.filter_rows(flakes, filters.clipped_zoom_matrix(height, zoom))
    flakes = tf.clip_by_value(tf.where(flakes < threshold, 0.0, flakes), 0.0, 1.0) * 255.0
    angles = -135.0 + 90.0 * sampling.uniform(seeds, stream=1)
    flakes = warp.motion_blur(
        filters.to_images(tf.cast(flakes, tf.uint8)), radius, sigma, angles, (-135, -45)
    )
    flakes = tf.reshape(
        tf.floor(flakes), (-1, height * width)
    )  # the original stores the layer as a picture here
    layer = tf.reshape(flakes + tf.reverse(flakes, [1]), (-1, height, width))

    images = tf.cast(images, tf.float32)
    whitened = tf.maximum(images, luminance(images, channels) * 1.5 + 127.5)
    return weight * images + (1.0 - weight) * whitened + filters.to_channels(layer, channels)


def spatter(images, constants, seeds):
    """Splash water or mud over the picture.

    Constants (mean and deviation of the liquid's noise, sigma of its blur, threshold, intensity of
    water or sigma of mud's edge, mud).
    """
    mean, deviation, sigma, threshold, intensity, is_mud = constants
    _, height, width, channels = images.shape
    liquid = filters.gaussian(mean + deviation * sampling.normal(seeds, 1, height, width), sigma)[
        :, 0
    ]
    liquid = tf.where(liquid < threshold, 0.0, liquid)
    colour = np.float32(MUD if is_mud else WATER)[None]
    colour = luminance(colour) if channels == 1 else colour
    images = tf.cast(images, tf.float32)
    if is_mud:
        mask = mud_mask(liquid, threshold, intensity)
        return images * filters.to_channels(1.0 - mask, channels) + filters.outer(mask, colour)
    return images + filters.outer(intensity * water_mask(liquid), colour)
