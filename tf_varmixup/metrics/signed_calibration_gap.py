"""The signed calibration gap as a Keras metric."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.metrics.calibration_metric import CalibrationMetric


@keras.saving.register_keras_serializable(package="tf_varmixup")
class SignedCalibrationGap(CalibrationMetric):
    """Signed calibration gap, mean confidence minus accuracy, sum_b (n_b / n) (conf_b - acc_b).

    Positive where the classifier is overconfident, negative where it is underconfident, as soft
    labels tend to make it. Since the signs of the bins cancel, it is never larger than the expected
    calibration error. Its best value is 0, between both signs, which neither direction of
    `EarlyStopping` expresses: stop on `ece` instead (`mode="auto"` takes the gap as one to be
    lowered). The formula is `calibration.signed_gap`.

    Args:
        num_bins: Number of equal-width bins of the confidence; the sum does not depend on it.
        from_logits: Whether predictions are logits or probabilities.
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Raises:
        ValueError: If `num_bins` is not a positive integer.

    Example:
        >>> metric = SignedCalibrationGap(from_logits=False)
        >>> metric.update_state([0, 0], [[0.6, 0.4], [0.6, 0.4]])
        >>> round(float(metric.result()), 4)
        -0.4
    """

    def __init__(
        self,
        num_bins: int = 15,
        from_logits: bool = True,
        name: str = "signed_gap",
        dtype: Any = None,
    ) -> None:
        super().__init__(num_bins=num_bins, from_logits=from_logits, name=name, dtype=dtype)

    def from_bins(self, share: tf.Tensor, confidence: tf.Tensor, accuracy: tf.Tensor) -> tf.Tensor:
        """Return sum_b share_b (confidence_b - accuracy_b)."""
        return tf.reduce_sum(share * (confidence - accuracy))
