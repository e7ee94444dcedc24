"""OpenCV's edge detector and its distance transform, on a batch of images at once."""

import math

import tensorflow as tf

from tf_varmixup.corruptions import filters

LOW, HIGH = 50.0, 150.0  # thresholds of the gradient
SLOPE = 13573 / 2**15  # OpenCV's tangent of 22.5 degrees; that of 67.5 is larger by 2
# OpenCV's lengths of a straight, a diagonal and a knight's step, in its 16-bit fixed point.
STRAIGHT, DIAGONAL, KNIGHT = (round(length * 2**16) / 2**16 for length in (1.0, 1.4, 2.1969))
FAR = 1000.0
RING = ((0, 0), (1, 1), (1, 1))
SMOOTH, CHANGE = [[1, 2, 1]], [[-1, 0, 1]]  # Sobel's kernel is their product


def neighbor(padded: tf.Tensor, down: int, right: int) -> tf.Tensor:
    """Read each pixel's neighbor at a step of -1, 0 or 1 down and right.

    Args:
        padded: Tensor `(B, H + 2, W + 2)`, padded by one pixel.
        down: Step downwards, in pixels.
        right: Step to the right, in pixels.

    Returns:
        A tensor `(B, H, W)`.

    Example:
        >>> levels = tf.reshape(tf.range(9), (1, 3, 3))
        >>> int(neighbor(levels, 0, 1)[0, 0, 0])  # to the right of the 4 in the middle
        5
    """
    height, width = padded.shape[1] - 2, padded.shape[2] - 2
    return padded[:, 1 + down : 1 + down + height, 1 + right : 1 + right + width]


def edges(levels: tf.Tensor) -> tf.Tensor:
    """Find edges as OpenCV's `Canny` with thresholds 50 and 150 does.

    Args:
        levels: `float32` tensor `(B, H, W)` of whole levels.

    Returns:
        A `bool` tensor `(B, H, W)`.

    Example:
        >>> levels = np.zeros((1, 8, 8), "float32")
        >>> levels[:, :, 4:] = 200.0
        >>> edges(tf.constant(levels)).numpy()[0, 0].nonzero()[0].tolist()
        [3]
    """
    across, down = (
        filters.correlate(levels, *sides, mode="nearest")
        for sides in ((SMOOTH, CHANGE), (CHANGE, SMOOTH))
    )
    size = tf.abs(across) + tf.abs(down)

    # A pixel on an edge exceeds its two neighbors along the gradient, taken in steps of 45
    # degrees.
    near = tf.pad(size, RING)
    is_flat = tf.abs(down) < tf.abs(across) * SLOPE
    is_steep = tf.abs(down) > tf.abs(across) * (SLOPE + 2.0)
    flat = (size > neighbor(near, 0, -1)) & (size >= neighbor(near, 0, 1))
    steep = (size > neighbor(near, -1, 0)) & (size >= neighbor(near, 1, 0))
    rising = (size > neighbor(near, -1, 1)) & (size > neighbor(near, 1, -1))
    falling = (size > neighbor(near, -1, -1)) & (size > neighbor(near, 1, 1))
    oblique = tf.where((across < 0.0) != (down < 0.0), rising, falling)
    is_thin = tf.where(is_flat, flat, tf.where(is_steep, steep, oblique))
    weak = tf.cast(is_thin & (size > LOW), tf.float32)
    strong = weak * tf.cast(size > HIGH, tf.float32)

    # Weak edges count where a chain of weak ones leads to a strong one.
    def grow(strong: tf.Tensor, _: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        padded = tf.pad(strong, RING)
        rows = tf.maximum(tf.maximum(padded[:, :-2], padded[:, 2:]), padded[:, 1:-1])
        grown = weak * tf.maximum(tf.maximum(rows[:, :, :-2], rows[:, :, 2:]), rows[:, :, 1:-1])
        return grown, tf.reduce_any(grown != strong)

    strong, _ = tf.while_loop(lambda _, changed: changed, grow, (strong, True))
    return strong > 0.0


def edge_distance(is_edge: tf.Tensor) -> tf.Tensor:
    """Measure each pixel's distance to the nearest edge as OpenCV's 5 x 5 mask does.

    A way consists of straight, diagonal and knight's steps. The steps of a shortest way can be put
    in order: those along the row first, then those that change the row. So rows are measured at
    once, and one sweep down and one up, which share a loop, do the rest.

    Args:
        is_edge: `bool` tensor `(B, H, W)`.

    Returns:
        A `float32` tensor `(B, H, W)` in pixels; exact up to 31, and large where there is no edge
        that near.

    Example:
        >>> is_edge = tf.constant([[[True, False, False, False]] * 8])
        >>> edge_distance(is_edge).numpy()[0, 0].tolist()
        [0.0, 1.0, 2.0, 3.0]
    """
    _, height, width = is_edge.shape
    distance = tf.where(is_edge, 0.0, FAR)
    for power in range(min(5, math.ceil(math.log2(width)))):
        step = 2**power
        padded = tf.pad(distance, ((0, 0), (0, 0), (step, step)), constant_values=FAR)
        distance = tf.minimum(
            distance,
            tf.minimum(padded[:, :, : -2 * step], padded[:, :, 2 * step :]) + step * STRAIGHT,
        )

    def next_row(carry: tuple[tf.Tensor, tf.Tensor], row: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        previous, before = carry
        nearest = tf.minimum(row, previous[:, 2:-2] + STRAIGHT)
        nearest = tf.minimum(nearest, tf.minimum(previous[:, 1:-3], previous[:, 3:-1]) + DIAGONAL)
        knight = tf.minimum(
            tf.minimum(previous[:, :-4], previous[:, 4:]),
            tf.minimum(before[:, 1:-3], before[:, 3:-1]),
        )
        nearest = tf.minimum(nearest, knight + KNIGHT)
        return tf.pad(nearest, ((0, 0), (2, 2)), constant_values=FAR), previous

    both_ways = tf.concat([distance, distance[:, ::-1]], axis=0)
    nothing = tf.fill((tf.shape(both_ways)[0], width + 4), FAR)
    swept, _ = tf.scan(next_row, tf.transpose(both_ways, (1, 0, 2)), (nothing, nothing))
    swept = tf.reshape(tf.transpose(swept[:, :, 2:-2], (1, 0, 2)), (2, -1, height, width))
    return tf.minimum(swept[0], swept[1, :, ::-1])
