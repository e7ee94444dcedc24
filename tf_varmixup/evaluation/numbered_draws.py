"""Draws for each of a batch by its own number, whatever else is in the batch.

Those of `corruptions.sampling` are for many draws of images in order; these compile under XLA and
take numbers in any order.
"""

import math

import numpy as np
import tensorflow as tf

from tf_varmixup import draws


def numbered_uniforms(numbers: tf.Tensor, count: int, seed: tf.Tensor) -> tf.Tensor:
    """Draw uniform numbers for each of a batch by its own number, whatever else is in the batch.

    Args:
        numbers: `int32 (B,)`, such as the indices of images in a dataset; equal numbers draw alike.
        count: How many for each, a Python integer.
        seed: `int32` tensor `(2,)`.

    Returns:
        A `float32` tensor `(B, count)` in the open interval (0, 1), multiples of 2^-24.

    Example:
        >>> together = numbered_uniforms(tf.range(4), 3, draws.run_seed(0))
        >>> bool(np.array_equal(numbered_uniforms([2], 3, draws.run_seed(0))[0], together[2]))
        True
    """
    first, second = tf.unstack(tf.cast(draws.fold(seed, 0), tf.uint32))
    numbers = tf.cast(numbers, tf.uint32)[:, None]
    # Two words for each number, so that no two of them go through the same sequence.
    start, key = _scramble(numbers ^ first), _scramble(_scramble(numbers) + second)
    words = _scramble(_scramble(start + _steps(count)) ^ key)
    return (tf.cast(tf.bitwise.right_shift(words, 9), tf.float32) + 0.5) * 2.0**-23


def checksums(values: tf.Tensor) -> tf.Tensor:
    """Return a number for each of a batch of arrays, which depends on all of its values.

    Args:
        values: Integer tensor `(B, ...)`, such as images `uint8`.

    Returns:
        An `int32` tensor `(B,)`; different arrays hardly ever have the same.

    Example:
        >>> numbers = checksums(tf.constant([[1, 2], [2, 1], [1, 2]])).numpy()
        >>> bool(numbers[0] == numbers[2] != numbers[1])
        True
    """
    count = math.prod(values.shape[1:])
    words = tf.cast(tf.reshape(values, (-1, count)), tf.uint32)
    words = _scramble(_scramble(words + _steps(count)) + _steps(count))
    return tf.bitcast(_scramble(tf.reduce_sum(words, 1)), tf.int32)


def _steps(count: int) -> np.ndarray:
    """Return the first `count` multiples of 2^32 over the golden ratio, `uint32 (count,)`."""
    return np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x9E3779B9)


def _scramble(words: tf.Tensor) -> tf.Tensor:
    """Map 32-bit words to others one to one, each bit of which depends on all bits."""
    # The constants of "lowbias32" in Wellons, Prospecting for Hash Functions, 2018.
    words ^= tf.bitwise.right_shift(words, 16)
    words *= 0x7FEB352D
    words ^= tf.bitwise.right_shift(words, 15)
    words *= 0x846CA68B
    return words ^ tf.bitwise.right_shift(words, 16)
