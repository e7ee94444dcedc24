"""Diamond-square plasma, the height map that fog is made of."""

import tensorflow as tf

from tf_varmixup.corruptions import sampling


def plasma(seeds, height, width, decay):
    """Draw a plasma per picture, scaled to [0, 1] over a square whose side is a power of two, and
    cut to size.

    Midpoints of squares, then of their edges, take the mean of their four neighbours (the map is a
    torus) plus a uniform draw, whose range falls by `decay` squared from one level to the next
    finer one.

    Args:
        seeds: as the functions of `sampling` take them.
        height, width: Python integers; the square's side is the power of two that holds both.
        decay: Python number above 1; the smaller, the rougher.

    Returns:
        A `float32` tensor `(B, height, width)`.

    Example:
        >>> fog = plasma(seeds, 32, 32, decay=3.0)
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
        centres = (row_sums + tf.roll(row_sums, -1, axis=2)) / 4.0 + noise[:, 0]
        across = centres + tf.roll(centres, 1, axis=1) + corners + tf.roll(corners, -1, axis=2)
        down = centres + tf.roll(centres, 1, axis=2) + corners + tf.roll(corners, -1, axis=1)
        upper = tf.stack([corners, across / 4.0 + noise[:, 1]], axis=3)
        lower = tf.stack([down / 4.0 + noise[:, 2], centres], axis=3)
        corners = tf.reshape(tf.stack([upper, lower], axis=2), (-1, 2 * points, 2 * points))
    lowest = tf.reduce_min(corners, axis=(1, 2), keepdims=True)
    highest = tf.reduce_max(corners, axis=(1, 2), keepdims=True)
    return ((corners - lowest) / (highest - lowest))[:, :height, :width]
