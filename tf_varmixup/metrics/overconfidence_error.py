"""The overconfidence error as a Keras metric."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.metrics.calibration_metric import CalibrationMetric


@keras.saving.register_keras_serializable(package="tf_varmixup")
class OverconfidenceError(CalibrationMetric):
    """Overconfidence error, sum_b (n_b / n) conf_b max(conf_b - acc_b, 0).

    Only bins that are too confident count, and the more confident the more. The formula is
    `calibration.overconfidence_error`.

    Args:
        num_bins: Number of equal-width bins of the confidence.
        from_logits: Whether predictions are logits or probabilities.
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Raises:
        ValueError: If `num_bins` is not a positive integer.

    Example:
        >>> metric = OverconfidenceError(from_logits=False)
        >>> metric.update_state([0, 1], [[0.8, 0.2], [0.8, 0.2]])
        >>> round(float(metric.result()), 4)
        0.24

    Source:
        Thulasidasan et al. 2019, arXiv:1905.11001.
    """

    def __init__(
        self,
        num_bins: int = 15,
        from_logits: bool = True,
        name: str = "overconfidence_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(num_bins=num_bins, from_logits=from_logits, name=name, dtype=dtype)

    def from_bins(self, share: tf.Tensor, confidence: tf.Tensor, accuracy: tf.Tensor) -> tf.Tensor:
        """Return sum_b share_b confidence_b max(confidence_b - accuracy_b, 0)."""
        return tf.reduce_sum(share * confidence * tf.nn.relu(confidence - accuracy))
