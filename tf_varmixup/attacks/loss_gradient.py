"""Which way the cross-entropy of a classifier rises, in the space of its inputs."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def loss_gradient(
    classify: Callable[[tf.Tensor], tf.Tensor], points: Any, labels: Any
) -> tf.Tensor:
    """Return the gradient of each row's softmax cross-entropy.

    It has the digits of `float32` wherever the softmax does not underflow: no probability near 1 is
    subtracted from 1, and what goes back through the network is scaled to 1 per row, so that half
    precision does not lose what a confident classifier leaves of it.

    Args:
        classify: Function from points to logits `(B, K)`, each row of its own point alone.
        points: Tensor or array `(B, ...)` of a floating type.
        labels: One-hot or soft, `float32 (B, K)`.

    Returns:
        A `float32` tensor shaped like `points`; no gradient of any weight is computed.

    Example:
        >>> classify = lambda points: tf.concat([points, -points], 1)
        >>> gradient = loss_gradient(classify, [[20.0]], [[1.0, 0.0]])
        >>> bool(np.allclose(gradient, -2 * np.exp(-40.0), atol=0.0, rtol=1e-5))
        True
    """
    points = tf.cast(points, tf.float32)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(points)
        logits = classify(points)
    errors = _errors(tf.cast(logits, tf.float32), tf.cast(labels, tf.float32))
    largest = tf.reduce_max(tf.abs(errors), 1, keepdims=True)
    scaled = tf.cast(tf.math.divide_no_nan(errors, largest), logits.dtype)
    gradient = tape.gradient(logits, points, scaled, tf.UnconnectedGradients.ZERO)
    return gradient * tf.reshape(largest, [-1] + [1] * (len(points.shape) - 1))


def _errors(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Return p_k sum_j y_j - y_k sum_j p_j, the gradient of the loss by the logits."""
    probabilities = tf.nn.softmax(logits)
    others = 1.0 - tf.eye(tf.shape(logits)[1])  # the terms of j = k cancel
    return probabilities * tf.matmul(labels, others) - labels * tf.matmul(probabilities, others)
