"""The refinement part of the Brier score as a Keras metric."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.metrics.batch_labels import as_distribution
from tf_varmixup.metrics.classwise_metric import ClasswiseMetric


@keras.saving.register_keras_serializable(package="tf_varmixup")
class BrierRefinement(ClasswiseMetric):
    """Refinement part of the Brier score, what is left of it beside its reliability.

    Both parts add up to the Brier score exactly. Where all probabilities of a bin are the same, it
    is sum_k sum_b (n_kb / n) f_kb (1 - f_kb), with the frequency f_kb of class k in its bin b. The
    formula is `classwise.brier_refinement`.

    Args:
        num_classes: Number of classes, at least 2.
        num_bins: Number of equal-width bins of each class's probability.
        from_logits: Whether predictions are logits or probabilities.
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Raises:
        ValueError: If `num_classes` or `num_bins` is another.

    Example:
        >>> metric = BrierRefinement(num_classes=2, from_logits=False)
        >>> metric.update_state([0, 1], [[0.8, 0.2], [0.8, 0.2]])
        >>> round(float(metric.result()), 4)
        0.5

    Source:
        DeGroot and Fienberg 1983, "The comparison and evaluation of forecasters".
    """

    def __init__(
        self,
        num_classes: int,
        num_bins: int = 15,
        from_logits: bool = True,
        name: str = "brier_refinement",
        dtype: Any = None,
    ) -> None:
        super().__init__(num_classes, num_bins, from_logits, name, dtype)
        self.total = self.add_sum("total")

    def add(
        self, labels: Any, predictions: Any, probabilities: tf.Tensor, weights: tf.Tensor
    ) -> None:
        """Add a batch to the bins and its Brier scores to the sum."""
        super().add(labels, predictions, probabilities, weights)
        residual = probabilities - as_distribution(labels, self.num_classes)
        score = tf.reduce_sum(tf.square(residual), axis=-1)
        self.total.assign_add(tf.reduce_sum(weights * score))

    def from_bins(
        self, share: tf.Tensor, probability: tf.Tensor, frequency: tf.Tensor
    ) -> tf.Tensor:
        """Return the Brier score less sum_kb share_kb (probability_kb - frequency_kb)^2."""
        weight = tf.reduce_sum(self.read(self.weight)[0])
        brier = tf.math.divide_no_nan(self.read(self.total), weight)
        return brier - tf.reduce_sum(share * tf.square(probability - frequency))
