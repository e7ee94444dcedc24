"""The reliability part of the Brier score as a Keras metric."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.metrics.classwise_metric import ClasswiseMetric


@keras.saving.register_keras_serializable(package="tf_varmixup")
class BrierReliability(ClasswiseMetric):
    """Reliability part of the Brier score, sum_k sum_b (n_kb / n) (p_kb - f_kb)^2.

    It is what recalibration of each class's probability could remove, as far as bins tell, with the
    mean probability p_kb and the frequency f_kb of class k in its bin b. `BrierRefinement` is the
    rest. The formula is `classwise.brier_reliability`.

    Args:
        num_classes: Number of classes, at least 2.
        num_bins: Number of equal-width bins of each class's probability.
        from_logits: Whether predictions are logits or probabilities.
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Raises:
        ValueError: If `num_classes` or `num_bins` is another.

    Example:
        >>> metric = BrierReliability(num_classes=2, from_logits=False)
        >>> metric.update_state([0, 1], [[0.8, 0.2], [0.8, 0.2]])
        >>> round(float(metric.result()), 4)
        0.18

    Source:
        Murphy 1973, "A new vector partition of the probability score"; DeGroot and Fienberg 1983,
        "The comparison and evaluation of forecasters".
    """

    def __init__(
        self,
        num_classes: int,
        num_bins: int = 15,
        from_logits: bool = True,
        name: str = "brier_reliability",
        dtype: Any = None,
    ) -> None:
        super().__init__(num_classes, num_bins, from_logits, name, dtype)

    def from_bins(
        self, share: tf.Tensor, probability: tf.Tensor, frequency: tf.Tensor
    ) -> tf.Tensor:
        """Return sum_kb share_kb (probability_kb - frequency_kb)^2."""
        return tf.reduce_sum(share * tf.square(probability - frequency))
