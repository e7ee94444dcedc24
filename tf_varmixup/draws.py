"""Stateless draws: every random number of the library is a function of a `(2,)` int32 seed.

There is no global generator anywhere. A run has one integer seed; each step on each replica folds
its own numbers into it, so the same run seed gives the same run and a resumed run goes on as the
uninterrupted one would have.

Everything starts from random integers with seeds that are not negative. TensorFlow's own
floating-point draws, TFP's samplers on top of them, and integers from negative seeds are other
numbers under XLA than without; these are the same everywhere, so that a step compiled for an
accelerator and a tf.data graph on the host agree.
"""

from typing import Any

import tensorflow as tf
import tensorflow_probability as tfp

from tf_varmixup.checks import check_seed

_LARGEST = 2**31 - 1


def run_seed(seed: int) -> tf.Tensor:
    """Turn an integer into a stateless seed.

    Args:
        seed: Python integer, the seed of a run. Only its lower 62 bits count.

    Returns:
        An `int32` tensor `(2,)`.

    Raises:
        ValueError: If it is no integer.

    Example:
        >>> run_seed(7).numpy().tolist()
        [7, 0]
    """
    seed = check_seed(seed)
    return tf.constant([seed & _LARGEST, (seed >> 31) & _LARGEST], tf.int32)


def fold(seed: tf.Tensor, *numbers: Any) -> tf.Tensor:
    """Fold integers into a seed, one after the other.

    Args:
        seed: `int32` tensor `(2,)`.
        *numbers: Python integers or scalar integer tensors, such as a step and a replica.

    Returns:
        An `int32` tensor `(2,)`, different for different numbers and for their different orders.

    Example:
        >>> seed = fold(run_seed(0), 17, replica_id())
        >>> seed.shape
        TensorShape([2])
    """
    seed = _not_negative(seed)
    for number in numbers:
        seed = _not_negative(
            tf.random.experimental.stateless_fold_in(seed, tf.cast(number, tf.int32))
        )
    return seed


def split(seed: tf.Tensor, count: int = 2) -> list[tf.Tensor]:
    """Split a seed into `count` independent ones.

    Args:
        seed: `int32` tensor `(2,)`.
        count: Python integer.

    Returns:
        A list of `count` `int32` tensors `(2,)`.

    Example:
        >>> weight_seed, partner_seed = split(run_seed(0))
    """
    return tf.unstack(
        _not_negative(tf.random.experimental.stateless_split(_not_negative(seed), count))
    )


def replica_id() -> tf.Tensor:
    """Return the number of this replica inside `strategy.run`, 0 elsewhere, an `int32` scalar."""
    context = tf.distribute.get_replica_context()
    if context is None:
        return tf.constant(0, tf.int32)
    return tf.cast(context.replica_id_in_sync_group, tf.int32)


def uniforms(shape: Any, seed: tf.Tensor) -> tf.Tensor:
    """Draw uniform numbers, the same with and without XLA.

    Args:
        shape: Shape of the result.
        seed: `int32` tensor `(2,)`.

    Returns:
        A `float32` tensor in the open interval (0, 1), multiples of 2^-24.

    Example:
        >>> uniforms((256,), run_seed(0)).shape
        TensorShape([256])
    """
    bits = tf.random.stateless_uniform(shape, _not_negative(seed), 0, 2**23, tf.int32)
    return (tf.cast(bits, tf.float32) + 0.5) * 2.0**-23


def normals(shape: Any, seed: tf.Tensor) -> tf.Tensor:
    """Draw standard normal numbers, the same with and without XLA to rounding.

    Args:
        shape: Shape of the result.
        seed: `int32` tensor `(2,)`.

    Returns:
        A `float32` tensor.

    Example:
        >>> normals((3, 2), run_seed(0)).shape
        TensorShape([3, 2])
    """
    return tf.math.ndtri(uniforms(shape, seed))


def mixing_weights(count: Any, alpha: float, seed: tf.Tensor) -> tf.Tensor:
    """Draw mixing weights lambda ~ Beta(alpha, alpha), by the distribution's quantile function.

    Always `float32`: the Beta distribution cannot be computed in half precision.

    Args:
        count: How many, a Python integer or a scalar tensor.
        alpha: Positive number; 1 is uniform, small values give weights near 0 and 1.
        seed: `int32` tensor `(2,)`.

    Returns:
        A `float32` tensor `(count,)` in [0, 1].

    Example:
        >>> mixing_weights(4, alpha=1.0, seed=run_seed(0)).shape
        TensorShape([4])
    """
    if alpha == 1.0:  # the uniform distribution; the quantile function takes XLA seconds to compile
        return uniforms((count,), seed)
    alpha = tf.constant(alpha, tf.float32)
    uniform = uniforms((count,), seed)
    # The quantiles below a half, mirrored: near 1 the function itself stops short of the last
    # digits, where a small alpha has a good part of its draws.
    lower = tfp.distributions.Beta(alpha, alpha).quantile(tf.minimum(uniform, 1.0 - uniform))
    return tf.where(uniform < 0.5, lower, 1.0 - lower)


def permutation(count: Any, seed: tf.Tensor) -> tf.Tensor:
    """Draw a random permutation of `0 ... count - 1`.

    It ranks uniform draws, since TensorFlow's stateless shuffle does not compile under XLA.

    Args:
        count: How many, a Python integer or a scalar tensor.
        seed: `int32` tensor `(2,)`.

    Returns:
        An `int32` tensor `(count,)`.

    Example:
        >>> sorted(permutation(4, run_seed(0)).numpy().tolist())
        [0, 1, 2, 3]
    """
    keys = tf.random.stateless_uniform((count,), _not_negative(seed), 0, _LARGEST, tf.int32)
    return tf.argsort(keys, stable=True)


def _not_negative(seed: tf.Tensor) -> tf.Tensor:
    return tf.bitwise.bitwise_and(tf.cast(seed, tf.int32), _LARGEST)
