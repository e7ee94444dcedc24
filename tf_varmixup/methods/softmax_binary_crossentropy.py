"""The loss of Manifold Mixup's authors."""

import math
from typing import Any

import keras
import tensorflow as tf

LOWEST = -100.0
ROUNDED_TO_1 = -54.0 * math.log(2.0)  # log(1 - p) below which float64 takes p for 1


@keras.saving.register_keras_serializable(package="tf_varmixup")
class SoftmaxBinaryCrossentropy(keras.losses.Loss):
    """Binary cross-entropy of the softmax, as if each class were a question of its own.

    -1/K sum_k (y_k log p_k + (1 - y_k) log(1 - p_k)),  p = softmax(logits).

    It is several times smaller than the cross-entropy, so that the same learning rate makes smaller
    steps. Its value is what the authors' code has in float64: a logarithm is at least -100, and
    that where a probability is rounded to 1. Their gradient vanishes there or is no number; this
    one is the exact loss', however large the logits are.

    Args:
        name: The loss' name.
        **kwargs: As of `keras.losses.Loss`.

    Input: labels, one-hot or soft, and logits, both `(B, K)`.

    Example:
        >>> loss = SoftmaxBinaryCrossentropy()
        >>> round(float(loss([[1.0, 0.0]], [[0.0, 0.0]])), 4)
        0.6931

    Source: Verma et al., "Manifold Mixup", arXiv 1806.05236: not the paper but its authors' code.
    """

    def __init__(self, name: str = "softmax_binary_crossentropy", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Return the loss of each image, `float32 (B,)`."""
        labels, logits = tf.cast(y_true, tf.float32), tf.cast(y_pred, tf.float32)
        log_of = tf.nn.log_softmax(logits)
        # Only the largest probability may be so near 1 that 1 - p has no digits: there it is the
        # sum of the others.
        largest = tf.one_hot(
            tf.argmax(logits, 1), tf.shape(logits)[1], on_value=True, off_value=False
        )
        others = tf.reduce_logsumexp(tf.where(largest, logits.dtype.min, logits), 1, keepdims=True)
        rest = others - tf.reduce_logsumexp(logits, 1, keepdims=True)
        log_not = tf.where(largest, rest, tf.math.log1p(-tf.where(largest, 0.0, tf.exp(log_of))))
        log_of, log_not = _floored(log_of, LOWEST), _floored(log_not, ROUNDED_TO_1)
        return -tf.reduce_mean(labels * log_of + (1.0 - labels) * log_not, 1)


def _floored(logarithms: tf.Tensor, bound: float) -> tf.Tensor:
    """Give logarithms below a bound the lowest value, and leave their gradient as it is."""
    floored = tf.where(logarithms < bound, LOWEST, logarithms)
    return logarithms + tf.stop_gradient(floored - logarithms)
