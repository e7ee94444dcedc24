"""The Brier score as a Keras metric."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.metrics.batch_labels import as_distribution
from tf_varmixup.metrics.classification_metric import ClassificationMetric


@keras.saving.register_keras_serializable(package="tf_varmixup")
class BrierScore(ClassificationMetric):
    """Brier score, the mean of sum_k (p_k - y_k)^2, in [0, 2].

    `tfp.stats.brier_score` leaves the constant y^2 out and returns this minus 1. Soft labels enter
    as they are. The formula is `scores.brier`.

    Args:
        from_logits: Whether predictions are logits or probabilities.
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Example:
        >>> metric = BrierScore(from_logits=False)
        >>> metric.update_state([0], [[0.8, 0.2]])
        >>> round(float(metric.result()), 4)
        0.08

    Source:
        Brier 1950, "Verification of forecasts expressed in terms of probability".
    """

    def __init__(self, from_logits: bool = True, name: str = "brier", dtype: Any = None) -> None:
        super().__init__(from_logits=from_logits, name=name, dtype=dtype)
        self.total = self.add_sum("total")
        self.weight = self.add_sum("weight")

    def add(
        self, labels: Any, predictions: Any, probabilities: tf.Tensor, weights: tf.Tensor
    ) -> None:
        """Add a batch to the sum."""
        residual = probabilities - as_distribution(labels, probabilities.shape[1])
        score = tf.reduce_sum(tf.square(residual), axis=-1)
        self.total.assign_add(tf.reduce_sum(weights * score))
        self.weight.assign_add(tf.reduce_sum(weights))

    def measured(self) -> tf.Tensor:
        """Return the mean score."""
        return tf.math.divide_no_nan(self.read(self.total), self.read(self.weight))
