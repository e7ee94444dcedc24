"""The expected calibration error as a Keras metric."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.checks import check_choice
from tf_varmixup.metrics.calibration import NORMS
from tf_varmixup.metrics.calibration_metric import CalibrationMetric


@keras.saving.register_keras_serializable(package="tf_varmixup")
class ExpectedCalibrationError(CalibrationMetric):
    """Expected calibration error, sum_b (n_b / n) |conf_b - acc_b|.

    Streams over batches: the bins add up, so the result is that of the whole dataset in one batch,
    and equal to `tfp.stats.expected_calibration_error`. The formula is `calibration.ece`.

    Args:
        num_bins: Number of equal-width bins of the confidence.
        from_logits: Whether predictions are logits or probabilities.
        name: Name of the metric, "ece", "ece_l2" or "ece_max" by default.
        dtype: Type of the result, `float32` by default.
        norm: "l1"; "l2" for the root mean square, (sum_b (n_b / n) (conf_b - acc_b)^2)^(1/2); or
            "max" for the maximum over bins that hold images.

    Raises:
        ValueError: If `num_bins` is not a positive integer, or the norm is none of these.

    Example:
        >>> metric = ExpectedCalibrationError(from_logits=False)
        >>> metric.update_state([0, 1], [[0.8, 0.2], [0.8, 0.2]])
        >>> round(float(metric.result()), 4)
        0.3

    Source:
        Guo et al. 2017, arXiv:1706.04599, equations 3 and 5; Kumar et al. 2019, arXiv:1909.10155.
    """

    def __init__(
        self,
        num_bins: int = 15,
        from_logits: bool = True,
        name: str | None = None,
        dtype: Any = None,
        norm: str = "l1",
    ) -> None:
        self.norm = check_choice("norm", norm, NORMS)
        name = name or ("ece" if norm == "l1" else f"ece_{norm}")
        super().__init__(num_bins=num_bins, from_logits=from_logits, name=name, dtype=dtype)

    def from_bins(self, share: tf.Tensor, confidence: tf.Tensor, accuracy: tf.Tensor) -> tf.Tensor:
        """Return the norm of confidence_b - accuracy_b, with the shares as weights."""
        gap = tf.abs(confidence - accuracy)
        if self.norm == "max":
            # A maximum may pass over NaN, a sum does not.
            return tf.reduce_max(gap) + 0.0 * tf.reduce_sum(gap)
        if self.norm == "l2":
            return tf.sqrt(tf.reduce_sum(share * tf.square(gap)))
        return tf.reduce_sum(share * gap)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "norm": self.norm}
