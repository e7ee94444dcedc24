"""The classwise calibration error as a Keras metric."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.metrics.classwise_metric import ClasswiseMetric


@keras.saving.register_keras_serializable(package="tf_varmixup")
class ClasswiseCalibrationError(ClasswiseMetric):
    """Classwise expected calibration error, the mean over classes of each class's own.

    (1 / K) sum_k sum_b (n_kb / n) |p_kb - f_kb|, with the mean probability p_kb and the frequency
    f_kb of class k in its bin b. The formula is `classwise.classwise_ece`.

    Args:
        num_classes: Number of classes, at least 2.
        num_bins: Number of equal-width bins of each class's probability.
        from_logits: Whether predictions are logits or probabilities.
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Raises:
        ValueError: If `num_classes` or `num_bins` is another.

    Example:
        >>> metric = ClasswiseCalibrationError(num_classes=2, from_logits=False)
        >>> metric.update_state([0, 1], [[0.8, 0.2], [0.8, 0.2]])
        >>> round(float(metric.result()), 4)
        0.3

    Source:
        Kull et al. 2019, arXiv:1910.12656, equation 3; Nixon et al. 2019, arXiv:1904.01685, call
        it static calibration error.
    """

    def __init__(
        self,
        num_classes: int,
        num_bins: int = 15,
        from_logits: bool = True,
        name: str = "classwise_ece",
        dtype: Any = None,
    ) -> None:
        super().__init__(num_classes, num_bins, from_logits, name, dtype)

    def from_bins(
        self, share: tf.Tensor, probability: tf.Tensor, frequency: tf.Tensor
    ) -> tf.Tensor:
        """Return (1 / K) sum_kb share_kb |probability_kb - frequency_kb|."""
        return tf.reduce_sum(share * tf.abs(probability - frequency)) / self.num_classes
