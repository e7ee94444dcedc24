"""Draws per picture: what a picture gets depends on its own seed and not on the batch around it.

Every draw is 16 bits of a stream of Philox. Picture i takes the i-th stretch, so that the draws of
consecutive pictures, what a benchmark mostly asks for, come out of one operation, and those of any
others picture by picture.
"""

import math
import typing

import tensorflow as tf

from tf_varmixup.draws import fold

PHILOX = 1  # TensorFlow's number of the algorithm
DRAWS_A_BLOCK = 8  # 128 bits
# Pictures start at every fourth block: then the arithmetic on a batch's draws never has a remainder
# narrower than a vector register, whose rounding would depend on where the batch ends.
BLOCKS_AT_ONCE = 4


class ConsecutiveSeeds(typing.NamedTuple):
    """The seeds of consecutive pictures, of which is known while a graph is built that they are.

    Attributes:
        first: `int32` tensor `(2,)`, the first picture's row of `picture_seeds`.
        count: number of pictures, a Python integer or a scalar tensor.
    """

    first: tf.Tensor
    count: tf.Tensor


def picture_seeds(seed, indices):
    """Put each picture's index beside a number drawn from the seed.

    Args:
        seed: `int32` tensor `(2,)`.
        indices: `int32` tensor, not negative: one a picture, `(B,)`, or a scalar.

    Returns:
        An `int32` tensor `(B, 2)`, or `(2,)` for a scalar. The functions of this module take the
        former, or the latter in a `ConsecutiveSeeds`; the draws are the same.

    Example:
        >>> seeds = picture_seeds(run_seed(0), tf.range(500))
    """
    return tf.stack([tf.broadcast_to(fold(seed, 0)[0], tf.shape(indices)), indices], axis=-1)


def bits(seeds, *shape, stream=0):
    """Draw 16 random bits a value for each picture.

    Args:
        seeds: `int32` tensor `(B, 2)`, of `picture_seeds`, or `ConsecutiveSeeds`.
        *shape: Python integers, the shape of one picture's draws.
        stream: Python integer; draws of different streams are independent of each other.

    Returns:
        A `uint16` tensor `(B, *shape)`.

    Example:
        >>> flips = bits(seeds, 8) & 1
    """
    count = math.prod(shape)
    return tf.reshape(_stretches(seeds, count, stream)[:, :count], (-1, *shape))


def uniform(seeds, *shape, stream=0):
    """Draw from U(0, 1) for each picture.

    Args:
        seeds: `int32` tensor `(B, 2)`, of `picture_seeds`, or `ConsecutiveSeeds`.
        *shape: Python integers, the shape of one picture's draws.
        stream: Python integer; draws of different streams are independent of each other.

    Returns:
        A `float32` tensor `(B, *shape)` of odd multiples of 2^-17.

    Example:
        >>> angles = -45 + 90 * uniform(seeds, 1)
    """
    return _as_uniform(bits(seeds, *shape, stream=stream))


def normal(seeds, *shape, stream=0):
    """Draw from N(0, 1) for each picture.

    Args:
        seeds: `int32` tensor `(B, 2)`, of `picture_seeds`, or `ConsecutiveSeeds`.
        *shape: Python integers, the shape of one picture's draws.
        stream: Python integer; draws of different streams are independent of each other.

    Returns:
        A `float32` tensor `(B, *shape)`, within 4.86 of 0.

    Example:
        >>> noise = 0.1 * normal(seeds, 32, 32, 3)
    """
    count = math.prod(shape)
    return tf.reshape(_as_normal(_stretches(seeds, count, stream))[:, :count], (-1, *shape))


def _as_uniform(draws):
    """Turn `uint16` draws into draws from U(0, 1)."""
    return (tf.cast(draws, tf.float32) + 0.5) * 2.0**-16


def _as_normal(draws):
    """Turn `uint16` draws `(B, n)`, n even, into draws from N(0, 1): Box and Muller's transform of
    the first half and the second."""
    radius_draws, angle_draws = tf.split(_as_uniform(draws), 2, axis=1)
    radii = tf.sqrt(-2.0 * tf.math.log(radius_draws))
    angles = 2.0 * math.pi * angle_draws
    return tf.concat([radii * tf.cos(angles), radii * tf.sin(angles)], axis=1)


def _stretches(seeds, count, stream):
    """Return each picture's stretch of the stream, `uint16 (B, n)` with n >= `count`, a multiple of
    32."""
    blocks = math.ceil(count / (BLOCKS_AT_ONCE * DRAWS_A_BLOCK)) * BLOCKS_AT_ONCE
    size = blocks * DRAWS_A_BLOCK

    def stretch(seed, pictures):
        key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=tf.stack([seed[0], stream]))
        start = tf.stack([tf.cast(seed[1], tf.uint64) * blocks, counter[1]])
        words = tf.raw_ops.StatelessRandomUniformFullIntV2(
            shape=[pictures * (size // 2)], key=key, counter=start, alg=PHILOX, dtype=tf.uint32
        )
        return tf.reshape(tf.bitcast(words, tf.uint16), (pictures, size))

    def each():
        one = tf.TensorSpec((size,), tf.uint16)
        return tf.map_fn(
            lambda seed: stretch(seed, 1)[0], seeds, fn_output_signature=one, parallel_iterations=8
        )

    if isinstance(seeds, ConsecutiveSeeds):
        return stretch(*seeds)
    pictures = tf.shape(seeds)[0]
    consecutive = tf.reduce_all(seeds[1:] - seeds[:-1] == [0, 1]) & (pictures > 0)
    return tf.ensure_shape(
        tf.cond(consecutive, lambda: stretch(seeds[0], pictures), each), (None, size)
    )
