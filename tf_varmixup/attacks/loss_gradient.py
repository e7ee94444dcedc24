"""Which way the cross-entropy of a classifier rises, in the space of its inputs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf


def loss_gradient(
    classify: Callable[[tf.Tensor], tf.Tensor], points: Any, labels: Any, scaled: bool = False
) -> tf.Tensor:
    """Return the gradient of each row's softmax cross-entropy.

    It has the digits of `float32` wherever the softmax does not underflow: no probability near 1 is
    subtracted from 1, and what goes back through the network is scaled to 1 per row, so that half
    precision does not lose what a confident classifier leaves of it.

    Args:
        classify: Function from points to logits `(B, K)`, each row of its own point alone.
        points: Tensor or array `(B, ...)` of a floating type.
        labels: One-hot or soft, `float32 (B, K)`.
        scaled: Whether each row stays as it is scaled, for those who want to know which way the
            loss rises alone: that does not underflow however confident the classifier is.

    Returns:
        A `float32` tensor shaped like `points`; no gradient of any weight is computed.

    Raises:
        ValueError: If the labels are not shaped like the logits.

    Example:
        >>> classify = lambda points: tf.concat([points, -points], 1)
        >>> gradient = loss_gradient(classify, [[20.0]], [[1.0, 0.0]])
        >>> bool(np.allclose(gradient, -2 * np.exp(-40.0), atol=0.0, rtol=1e-5))
        True
        >>> loss_gradient(classify, [[200.0]], [[1.0, 0.0]], scaled=True).numpy().tolist()
        [[-2.0]]
    """
    return logits_and_gradient(classify, points, labels, scaled)[1]


def logits_and_gradient(
    classify: Callable[[tf.Tensor], tf.Tensor], points: Any, labels: Any, scaled: bool = False
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return a classifier's logits and the gradient that `loss_gradient` gives, in one pass.

    Args:
        classify: As of `loss_gradient`.
        points: As of `loss_gradient`.
        labels: As of `loss_gradient`.
        scaled: As of `loss_gradient`.

    Returns:
        Logits `float32 (B, K)`, and a `float32` tensor shaped like `points`.

    Raises:
        ValueError: If the labels are not shaped like the logits.

    Example:
        >>> classify = lambda points: tf.concat([points, -points], 1)
        >>> logits, gradient = logits_and_gradient(classify, [[200.0]], [[0.0, 1.0]])
        >>> logits.numpy().tolist(), gradient.numpy().tolist()
        ([[200.0, -200.0]], [[2.0]])
    """
    points = tf.cast(points, tf.float32)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(points)
        outputs = tf.convert_to_tensor(classify(points))
    labels = _checked(labels, outputs)
    logits = tf.cast(outputs, tf.float32)
    errors, log_scale = _errors(logits, labels)
    errors = tf.cast(errors, outputs.dtype)
    gradient = tape.gradient(outputs, points, errors, tf.UnconnectedGradients.ZERO)
    if not scaled:
        gradient *= tf.reshape(tf.exp(log_scale), [-1] + [1] * (len(points.shape) - 1))
    return logits, gradient


def _checked(labels: Any, logits: tf.Tensor) -> tf.Tensor:
    """Return labels as `float32`, or raise ValueError unless they are shaped like the logits."""
    labels = tf.convert_to_tensor(labels)
    if logits.shape.rank != 2 or not labels.shape.is_compatible_with(logits.shape):
        hint = ""
        if labels.shape.rank == 1:
            hint = " keras.utils.to_categorical makes class numbers one-hot."
        raise ValueError(
            f"Expected one-hot or soft labels (B, K) for logits of shape {logits.shape}. "
            f"Received: shape {labels.shape}.{hint}"
        )
    return tf.cast(labels, tf.float32)


def _errors(logits: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the gradient of the loss by the logits over its largest term, and that one's log.

    It is p_k sum_j y_j - y_k sum_j p_j with j not k, whose terms are computed by their logarithms.
    """
    classes = tf.shape(logits)[1]
    log_of = tf.nn.log_softmax(logits)
    largest = tf.one_hot(tf.argmax(logits, 1), classes, on_value=True, off_value=False)
    # Only the largest probability may be so near 1 that 1 - p has no digits: there it is the sum of
    # the others.
    others = tf.where(largest, -np.inf, log_of)
    log_not = tf.math.log1p(-tf.where(largest, 0.0, tf.exp(log_of)))
    log_not = tf.where(largest, tf.reduce_logsumexp(others, 1, keepdims=True), log_not)
    other_labels = tf.matmul(labels, 1.0 - tf.eye(classes))
    plus, minus = log_of + tf.math.log(other_labels), log_not + tf.math.log(labels)
    log_scale = tf.reduce_max(tf.maximum(plus, minus), 1, keepdims=True)
    log_scale = tf.where(tf.math.is_finite(log_scale), log_scale, 0.0)  # without any label
    return tf.exp(plus - log_scale) - tf.exp(minus - log_scale), log_scale
