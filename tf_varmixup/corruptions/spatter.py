"""The masks of spatter: drops of water with bright and dark rims, splashes of mud.

Water follows OpenCV step by step (edges, distances, histogram) on the whole batch at once.
"""

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions import filters
from tf_varmixup.corruptions.edges import edge_distance, edges, neighbour

FARTHEST = 20  # distances are cut here, in pixels
RELIEF = ((-2, -1, 0), (-1, 1, 1), (0, 1, 2))


def mud_mask(liquid, threshold, sigma):
    """Cover what is wet, with edges softened by `sigma` pixels and cut at 0.8.

    Args:
        liquid: `float32` tensor `(B, H, W)`.
        threshold, sigma: Python numbers.

    Returns:
        A `float32` tensor `(B, H, W)` of 0 or 0.8 to 1.

    Example:
        >>> mask = mud_mask(liquid, 0.68, 0.6)
    """
    mask = filters.gaussian(tf.cast(liquid > threshold, tf.float32)[:, None], sigma)[:, 0]
    return tf.where(mask < 0.8, 0.0, mask)


def water_mask(liquid):
    """Shade drops by their distance to the nearest rim, as light falling from the upper left would.

    Args:
        liquid: `float32` tensor `(B, H, W)`, 0 where it is dry and at most about 1 elsewhere.

    Returns:
        A `float32` tensor `(B, H, W)` scaled to a highest value of 1 in each picture.

    Example:
        >>> mask = water_mask(liquid)
    """
    liquid = tf.floor(tf.clip_by_value(liquid * 255.0, 0.0, 255.0))
    distance = tf.minimum(edge_distance(edges(liquid)), float(FARTHEST))
    distance = equalize(tf.cast(tf.floor(_correlate(distance, np.ones((3, 3))) / 9.0), tf.int32))
    relief = tf.clip_by_value(_correlate(distance, np.array(RELIEF)), 0.0, 255.0)
    mask = liquid * tf.round(_correlate(relief, np.ones((3, 3))) / 9.0)
    return tf.math.divide_no_nan(mask, tf.reduce_max(mask, axis=(1, 2), keepdims=True))


def equalize(levels):
    """Spread levels over 0 to 255 by their frequency, as OpenCV's `equalizeHist` does.

    Args:
        levels: `int32` tensor `(B, H, W)` in 0 to 20.

    Returns:
        A `float32` tensor `(B, H, W)` of whole levels; a picture of one level stays as it is.

    Example:
        >>> equalized = equalize(distances)
    """
    total = float(levels.shape[1] * levels.shape[2])
    up_to = tf.stack([tf.reduce_sum(tf.cast(levels <= level, tf.float32), axis=(1, 2)) for level in range(FARTHEST + 1)], axis=1)
    lowest = tf.reduce_min(tf.where(up_to > 0.0, up_to, total), axis=1, keepdims=True)
    table = tf.round(tf.maximum(up_to - lowest, 0.0) * tf.math.divide_no_nan(255.0, total - lowest))
    table = tf.where(lowest < total, table, tf.range(FARTHEST + 1, dtype=tf.float32))
    return tf.gather(table, levels, batch_dims=1)


def _correlate(levels, kernel):
    """Correlate with a 3 x 3 kernel, borders reflected without the edge."""
    padded = tf.pad(levels, ((0, 0), (1, 1), (1, 1)), "REFLECT")
    steps = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if kernel[down + 1, right + 1]]
    return tf.add_n([float(kernel[down + 1, right + 1]) * neighbour(padded, down, right) for down, right in steps])
