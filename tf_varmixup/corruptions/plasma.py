"""Diamond-square plasma, the height map that fog is made of."""

import tensorflow as tf

from tf_varmixup.corruptions import sampling
from tf_varmixup.corruptions.sampling import Seeds


def plasma(seeds: Seeds, height: int, width: int, decay: float) -> tf.Tensor:
    """Draw a plasma per image, in [0, 1], and cut it to size.

    It is scaled over a square whose side is a power of two. Midpoints of squares, then of their
    edges, take the mean of their four neighbors (the map is a torus) plus a uniform draw, whose
    range falls by `decay` squared from one level to the next finer one.

    Args:
        seeds: As the functions of `sampling` take them.
        height: In pixels; the square's side is the power of two that holds height and width.
        width: In pixels.
        decay: Number above 1; the smaller, the rougher.

    Returns:
        A `float32` tensor `(B, height, width)`.

    Example:
        >>> seeds = sampling.image_seeds(tf.constant([0, 0]), tf.range(2))
        >>> plasma(seeds, 32, 24, decay=3.0).shape
        TensorShape([2, 32, 24])
    """
    levels = (max(height, width) - 1).bit_length()
    draws = 2.0 * sampling.uniform(seeds, 4**levels - 1) - 1.0
    corners = tf.zeros((tf.shape(draws)[0], 1, 1))
    for level in range(levels):
        points = 2**level
        noise = (
            tf.reshape(draws[:, points**2 - 1 : 4 * points**2 - 1], (-1, 3, points, points))
            * (100.0 / decay**level) ** 2
        )
        row_sums = corners + tf.roll(corners, -1, axis=1)
        centers = (row_sums + tf.roll(row_sums, -1, axis=2)) / 4.0 + noise[:, 0]
        across = centers + tf.roll(centers, 1, axis=1) + corners + tf.roll(corners, -1, axis=2)
        down = centers + tf.roll(centers, 1, axis=2) + corners + tf.roll(corners, -1, axis=1)
        upper = tf.stack([corners, across / 4.0 + noise[:, 1]], axis=3)
        lower = tf.stack([down / 4.0 + noise[:, 2], centers], axis=3)
        corners = tf.reshape(tf.stack([upper, lower], axis=2), (-1, 2 * points, 2 * points))
    lowest = tf.reduce_min(corners, axis=(1, 2), keepdims=True)
    highest = tf.reduce_max(corners, axis=(1, 2), keepdims=True)
    return ((corners - lowest) / (highest - lowest))[:, :height, :width]
