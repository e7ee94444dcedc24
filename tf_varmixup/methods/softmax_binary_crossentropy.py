"""The loss of Manifold Mixup's authors."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tf_varmixup")
class SoftmaxBinaryCrossentropy(keras.losses.Loss):
    """Binary cross-entropy of the softmax, as if each class were a question of its own.

    -1/K sum_k (y_k log p_k + (1 - y_k) log(1 - p_k)),  p = softmax(logits).

    It is several times smaller than the cross-entropy, so that the same learning rate makes smaller
    steps. Value and gradient are finite however large the logits are.

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
        return -tf.reduce_mean(labels * log_of + (1.0 - labels) * log_not, 1)
