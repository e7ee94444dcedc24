"""Shares of a whole."""

from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tf_varmixup import draws


def dirichlet(count: Any, width: int, alpha: float, seed: tf.Tensor) -> tf.Tensor:
    """Draw shares ~ Dirichlet(alpha, ..., alpha), by breaking a stick.

    Each share but the last is a part of what is left, from the Beta distribution with the
    parameters alpha and alpha times the number of shares to come, by its quantile function.

    Args:
        count: How many sets of shares, a Python integer or a scalar tensor.
        width: How many shares in a set.
        alpha: Positive number; 1 is uniform.
        seed: `int32` tensor `(2,)`.

    Returns:
        A `float32` tensor `(count, width)` whose rows add up to 1.

    Example:
        >>> shares = dirichlet(4, 3, alpha=1.0, seed=tf.constant([0, 1]))
        >>> np.allclose(tf.reduce_sum(shares, 1), 1.0)
        True
    """
    to_come = np.arange(width - 1, 0, -1, dtype="float32")
    drawn = draws.uniforms((count, width - 1), seed)
    if alpha == 1.0:  # as in `draws.mixing_weights`, for the time that XLA takes
        parts = 1.0 - drawn ** (1.0 / to_come)
    else:
        parts = tfp.distributions.Beta(np.float32(alpha), alpha * to_come).quantile(drawn)
    left = tf.math.cumprod(1.0 - parts, axis=1)
    ones = tf.ones((count, 1))
    return tf.concat([parts, ones], 1) * tf.concat([ones, left], 1)
