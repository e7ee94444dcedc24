"""Brier score."""

import keras
import tensorflow as tf

from .predictions import as_distribution, as_probabilities, as_weights


@keras.saving.register_keras_serializable(package="tf_varmixup")
class BrierScore(keras.metrics.Metric):
    """Brier score, the mean over samples of sum_k (p_k - y_k)^2 (Brier 1950), in [0, 2].

    `tfp.stats.brier_score` leaves the constant y^2 out and returns this minus 1. Soft labels enter
    as they are. State and arithmetic are `float32` under every dtype policy.

    Args:
        from_logits: whether predictions are logits or probabilities.
        name: name of the metric.
        dtype: type of the result, `float32` by default.

    Example:
        >>> metric = BrierScore(from_logits=False)
        >>> metric.update_state([0], [[0.8, 0.2]])
        >>> round(float(metric.result()), 4)
        0.08
    """

    def __init__(self, from_logits=True, name="brier", dtype=None):
        super().__init__(name=name, dtype=dtype or "float32")
        self.from_logits = from_logits
        self._direction = "down"  # what EarlyStopping(mode="auto") goes by
        self.total = self.add_variable(shape=(), initializer="zeros", dtype="float32", name="total")
        self.weight = self.add_variable(
            shape=(), initializer="zeros", dtype="float32", name="weight"
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Add a batch.

        Args:
            y_true: class numbers `(B,)` or `(B, 1)`, or one-hot or soft labels `(B, K)`.
            y_pred: logits or probabilities `(B, K)`.
            sample_weight: `(B,)`, `(B, 1)`, a scalar or None.

        Raises:
            ValueError: if a shape is none of these.
        """
        probabilities = as_probabilities(y_pred, self.from_logits)
        score = tf.reduce_sum(
            tf.square(probabilities - as_distribution(y_true, probabilities.shape[1])), axis=-1
        )
        sample_weight = as_weights(sample_weight, tf.shape(probabilities)[0])
        self.total.assign_add(tf.reduce_sum(sample_weight * score))
        self.weight.assign_add(tf.reduce_sum(sample_weight))

    def result(self):
        """Return the mean score of everything added since the last reset, 0 if that is nothing."""
        mean = tf.math.divide_no_nan(
            tf.convert_to_tensor(self.total), tf.convert_to_tensor(self.weight)
        )
        return tf.cast(mean, self.dtype)

    def get_config(self):
        """Return the arguments of the constructor."""
        return {**super().get_config(), "from_logits": self.from_logits}
