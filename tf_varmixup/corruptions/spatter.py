"""The masks of spatter: drops of water with bright and dark rims, splashes of mud.

Water follows OpenCV step by step (edges, distances, histogram) on the whole batch at once.
"""

import tensorflow as tf

from tf_varmixup.corruptions import filters
from tf_varmixup.corruptions.edges import edge_distance, edges

FARTHEST = 20  # distances are cut here, in pixels
# Kernels as `filters.correlate` takes them: nine ones, and the rows -2 -1 0, -1 1 1, 0 1 2.
BOX = ([[1, 1, 1]], [[1, 1, 1]])
RELIEF = ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])


def mud_mask(liquid: tf.Tensor, threshold: float, sigma: float) -> tf.Tensor:
    """Cover what is wet, with edges softened by `sigma` pixels and cut at 0.8.

    Args:
        liquid: `float32` tensor `(B, H, W)`.
        threshold: What exceeds it is wet.
        sigma: Of the edges' softening, in pixels.

    Returns:
        A `float32` tensor `(B, H, W)` of 0 or 0.8 to 1.

    Example:
        >>> float(mud_mask(tf.ones((1, 8, 8)), threshold=0.68, sigma=0.6)[0, 4, 4].numpy().round(3))
        1.0
    """
    mask = filters.gaussian(tf.cast(liquid > threshold, tf.float32)[:, None], sigma)[:, 0]
    return tf.where(mask < 0.8, 0.0, mask)


def water_mask(liquid: tf.Tensor) -> tf.Tensor:
    """Shade drops by their distance to the nearest rim, as light falling from the upper left would.

    Args:
        liquid: `float32` tensor `(B, H, W)`, 0 where it is dry and at most about 1 elsewhere.

    Returns:
        A `float32` tensor `(B, H, W)` scaled to a highest value of 1 in each image.

    Example:
        >>> float(tf.reduce_max(water_mask(tf.zeros((1, 8, 8)))))
        0.0
    """
    liquid = tf.floor(tf.clip_by_value(liquid * 255.0, 0.0, 255.0))
    distance = tf.minimum(edge_distance(edges(liquid)), float(FARTHEST))
    distance = equalize(tf.cast(tf.floor(filters.correlate(distance, *BOX) / 9.0), tf.int32))
    relief = tf.clip_by_value(filters.correlate(distance, *RELIEF), 0.0, 255.0)
    mask = liquid * tf.round(filters.correlate(relief, *BOX) / 9.0)
    return tf.math.divide_no_nan(mask, tf.reduce_max(mask, axis=(1, 2), keepdims=True))


def equalize(levels: tf.Tensor) -> tf.Tensor:
    """Spread levels over 0 to 255 by their frequency, as OpenCV's `equalizeHist` does.

    Args:
        levels: `int32` tensor `(B, H, W)` in 0 to 20.

    Returns:
        A `float32` tensor `(B, H, W)` of whole levels; an image of one level stays as it is.

    Example:
        >>> equalize(tf.constant([[[3, 20], [3, 20]]])).numpy().tolist()
        [[[0.0, 255.0], [0.0, 255.0]]]
    """
    total = float(levels.shape[1] * levels.shape[2])
    up_to = tf.stack(
        [
            tf.reduce_sum(tf.cast(levels <= level, tf.float32), axis=(1, 2))
            for level in range(FARTHEST + 1)
        ],
        axis=1,
    )
    lowest = tf.reduce_min(tf.where(up_to > 0.0, up_to, total), axis=1, keepdims=True)
    table = tf.round(tf.maximum(up_to - lowest, 0.0) * tf.math.divide_no_nan(255.0, total - lowest))
    table = tf.where(lowest < total, table, tf.range(FARTHEST + 1, dtype=tf.float32))
    return tf.gather(table, levels, batch_dims=1)
