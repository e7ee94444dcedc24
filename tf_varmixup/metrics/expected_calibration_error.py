"""Expected calibration error."""

import keras
import tensorflow as tf

from .calibration_metric import CalibrationMetric


@keras.saving.register_keras_serializable(package="tf_varmixup")
class ExpectedCalibrationError(CalibrationMetric):
    """Expected calibration error, sum_b (n_b / n) |conf_b - acc_b| (Guo et al. 2017,
    arXiv:1706.04599, equation 3).

    Streams over batches: the bins add up, so the result is that of the whole data set in one batch,
        equal to
    `tfp.stats.expected_calibration_error`. Monitor it with `mode="min"`.

    Args:
        num_bins: number of equal-width bins of the top-1 confidence.
        from_logits: whether predictions are logits or probabilities.
        name: name of the metric.
        dtype: type of the result, `float32` by default.

    Raises:
        ValueError: if `num_bins` is not a positive integer.

    Example:
        >>> metric = ExpectedCalibrationError(from_logits=False)
        >>> metric.update_state([0, 1], [[0.8, 0.2], [0.8, 0.2]])
        >>> round(float(metric.result()), 4)
        0.3
    """

    def __init__(self, num_bins=15, from_logits=True, name="ece", dtype=None):
        super().__init__(num_bins=num_bins, from_logits=from_logits, name=name, dtype=dtype)

    def from_bins(self, share, confidence, accuracy):
        """Return sum_b share_b |confidence_b - accuracy_b|."""
        return tf.reduce_sum(share * tf.abs(confidence - accuracy))
