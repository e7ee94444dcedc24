"""The expected calibration error as a Keras metric."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.metrics.calibration_metric import CalibrationMetric


@keras.saving.register_keras_serializable(package="tf_varmixup")
class ExpectedCalibrationError(CalibrationMetric):
    """Expected calibration error, sum_b (n_b / n) |conf_b - acc_b|.

    Streams over batches: the bins add up, so the result is that of the whole dataset in one batch,
    and equal to `tfp.stats.expected_calibration_error`. Monitor it with `mode="min"`. The formula
    is `calibration.ece`.

    Args:
        num_bins: Number of equal-width bins of the confidence.
        from_logits: Whether predictions are logits or probabilities.
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Raises:
        ValueError: If `num_bins` is not a positive integer.

    Example:
        >>> metric = ExpectedCalibrationError(from_logits=False)
        >>> metric.update_state([0, 1], [[0.8, 0.2], [0.8, 0.2]])
        >>> round(float(metric.result()), 4)
        0.3

    Source:
        Guo et al. 2017, arXiv:1706.04599, equation 3.
    """

    def __init__(
        self,
        num_bins: int = 15,
        from_logits: bool = True,
        name: str = "ece",
        dtype: Any = None,
    ) -> None:
        super().__init__(num_bins=num_bins, from_logits=from_logits, name=name, dtype=dtype)

    def from_bins(self, share: tf.Tensor, confidence: tf.Tensor, accuracy: tf.Tensor) -> tf.Tensor:
        """Return sum_b share_b |confidence_b - accuracy_b|."""
        return tf.reduce_sum(share * tf.abs(confidence - accuracy))
