"""The underconfidence error as a Keras metric."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.metrics.calibration_metric import CalibrationMetric


@keras.saving.register_keras_serializable(package="tf_varmixup")
class UnderconfidenceError(CalibrationMetric):
    """Underconfidence error, sum_b (n_b / n) acc_b max(acc_b - conf_b, 0).

    Only bins that are not confident enough count, and the more accurate the more: it is the
    overconfidence error with confidence and accuracy exchanged. The formula is
    `calibration.underconfidence_error`.

    Args:
        num_bins: Number of equal-width bins of the confidence.
        from_logits: Whether predictions are logits or probabilities.
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Raises:
        ValueError: If `num_bins` is not a positive integer.

    Example:
        >>> metric = UnderconfidenceError(from_logits=False)
        >>> metric.update_state([0, 0], [[0.6, 0.4], [0.6, 0.4]])
        >>> round(float(metric.result()), 4)
        0.4
    """

    def __init__(
        self,
        num_bins: int = 15,
        from_logits: bool = True,
        name: str = "underconfidence_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(num_bins=num_bins, from_logits=from_logits, name=name, dtype=dtype)

    def from_bins(self, share: tf.Tensor, confidence: tf.Tensor, accuracy: tf.Tensor) -> tf.Tensor:
        """Return sum_b share_b accuracy_b max(accuracy_b - confidence_b, 0)."""
        return tf.reduce_sum(share * accuracy * tf.nn.relu(accuracy - confidence))
