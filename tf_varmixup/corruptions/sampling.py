"""Draws per image: what an image gets depends on its own seed and not on the batch around it.

Every draw is 16 bits of a stream of Philox. Image i takes the i-th stretch, so that the draws of
consecutive images, what a benchmark mostly asks for, come out of one operation, and those of any
others image by image.
"""

import math
from typing import NamedTuple, TypeAlias

import tensorflow as tf

from tf_varmixup.draws import fold

PHILOX = 1  # TensorFlow's number of the algorithm
DRAWS_PER_BLOCK = 8  # 128 bits
# Images start at every fourth block: then the arithmetic on a batch's draws never has a remainder
# narrower than a vector register, whose rounding would depend on where the batch ends.
BLOCKS_AT_ONCE = 4


class ConsecutiveSeeds(NamedTuple):
    """The seeds of images that are known to be consecutive while a graph is built.

    Attributes:
        first: `int32` tensor `(2,)`, the first image's row of `image_seeds`.
        number: How many images, a Python integer or a scalar tensor.
    """

    first: tf.Tensor
    number: int | tf.Tensor


Seeds: TypeAlias = tf.Tensor | ConsecutiveSeeds


def image_seeds(seed: tf.Tensor, indices: tf.Tensor) -> tf.Tensor:
    """Put each image's index beside a number drawn from the seed.

    Args:
        seed: `int32` tensor `(2,)`.
        indices: `int32` tensor, not negative: one per image, `(B,)`, or a scalar.

    Returns:
        An `int32` tensor `(B, 2)`, or `(2,)` for a scalar. The functions of this module take the
        former, or the latter in a `ConsecutiveSeeds`; the draws are the same.

    Example:
        >>> image_seeds(tf.constant([0, 0]), tf.range(4)).shape
        TensorShape([4, 2])
    """
    return tf.stack([tf.broadcast_to(fold(seed, 0)[0], tf.shape(indices)), indices], axis=-1)


def bits(seeds: Seeds, *shape: int, stream: int = 0) -> tf.Tensor:
    """Draw 16 random bits per value for each image.

    Args:
        seeds: `int32` tensor `(B, 2)`, of `image_seeds`, or `ConsecutiveSeeds`.
        *shape: The shape of one image's draws.
        stream: Draws of different streams are independent of each other.

    Returns:
        A `uint16` tensor `(B, *shape)`.

    Example:
        >>> seeds = image_seeds(tf.constant([0, 0]), tf.range(4))
        >>> bits(seeds, 8).dtype
        tf.uint16
    """
    count = math.prod(shape)
    return tf.reshape(_stretches(seeds, count, stream)[:, :count], (-1, *shape))


def uniform(seeds: Seeds, *shape: int, stream: int = 0) -> tf.Tensor:
    """Draw from U(0, 1) for each image.

    Args:
        seeds: `int32` tensor `(B, 2)`, of `image_seeds`, or `ConsecutiveSeeds`.
        *shape: The shape of one image's draws.
        stream: Draws of different streams are independent of each other.

    Returns:
        A `float32` tensor `(B, *shape)` of odd multiples of 2^-17.

    Example:
        >>> seeds = image_seeds(tf.constant([0, 0]), tf.range(4))
        >>> angles = -45 + 90 * uniform(seeds)
        >>> angles.shape
        TensorShape([4])
    """
    return _as_uniform(bits(seeds, *shape, stream=stream))


def normal(seeds: Seeds, *shape: int, stream: int = 0) -> tf.Tensor:
    """Draw from N(0, 1) for each image.

    Args:
        seeds: `int32` tensor `(B, 2)`, of `image_seeds`, or `ConsecutiveSeeds`.
        *shape: The shape of one image's draws.
        stream: Draws of different streams are independent of each other.

    Returns:
        A `float32` tensor `(B, *shape)`, within 4.86 of 0.

    Example:
        >>> seeds = image_seeds(tf.constant([0, 0]), tf.range(4))
        >>> noise = 0.1 * normal(seeds, 32, 32, 3)
        >>> noise.shape
        TensorShape([4, 32, 32, 3])
    """
    count = math.prod(shape)
    return tf.reshape(_as_normal(_stretches(seeds, count, stream))[:, :count], (-1, *shape))


def _as_uniform(draws: tf.Tensor) -> tf.Tensor:
    """Convert `uint16` draws to draws from U(0, 1)."""
    return (tf.cast(draws, tf.float32) + 0.5) * 2.0**-16


def _as_normal(draws: tf.Tensor) -> tf.Tensor:
    """Convert `uint16` draws `(B, n)`, n even, to draws from N(0, 1).

    By Box and Muller's transform of the first half and the second.
    """
    radius_draws, angle_draws = tf.split(_as_uniform(draws), 2, axis=1)
    radii = tf.sqrt(-2.0 * tf.math.log(radius_draws))
    angles = 2.0 * math.pi * angle_draws
    return tf.concat([radii * tf.cos(angles), radii * tf.sin(angles)], axis=1)


def _stretches(seeds: Seeds, count: int, stream: int) -> tf.Tensor:
    """Return each image's stretch of the stream.

    It is a `uint16` tensor `(B, n)` with n >= `count`, a multiple of 32.
    """
    blocks = math.ceil(count / (BLOCKS_AT_ONCE * DRAWS_PER_BLOCK)) * BLOCKS_AT_ONCE
    size = blocks * DRAWS_PER_BLOCK

    def stretch(seed: tf.Tensor, number: int | tf.Tensor) -> tf.Tensor:
        key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=tf.stack([seed[0], stream]))
        start = tf.stack([tf.cast(seed[1], tf.uint64) * blocks, counter[1]])
        words = tf.raw_ops.StatelessRandomUniformFullIntV2(
            shape=[number * (size // 2)], key=key, counter=start, alg=PHILOX, dtype=tf.uint32
        )
        return tf.reshape(tf.bitcast(words, tf.uint16), (number, size))

    def each() -> tf.Tensor:
        one = tf.TensorSpec((size,), tf.uint16)
        return tf.map_fn(
            lambda seed: stretch(seed, 1)[0], seeds, fn_output_signature=one, parallel_iterations=8
        )

    if isinstance(seeds, ConsecutiveSeeds):
        return stretch(*seeds)
    number = tf.shape(seeds)[0]
    consecutive = tf.reduce_all(seeds[1:] - seeds[:-1] == [0, 1]) & (number > 0)
    return tf.ensure_shape(
        tf.cond(consecutive, lambda: stretch(seeds[0], number), each), (None, size)
    )
