"""Overconfidence error."""

import keras
import tensorflow as tf

from .calibration_metric import CalibrationMetric


@keras.saving.register_keras_serializable(package="tf_varmixup")
class OverconfidenceError(CalibrationMetric):
    """Overconfidence error, sum_b (n_b / n) conf_b max(conf_b - acc_b, 0) (Thulasidasan et al.
    2019, arXiv:1905.11001).

    Only bins that are too confident count, and the more confident the more.

    Args:
        num_bins: number of equal-width bins of the top-1 confidence.
        from_logits: whether predictions are logits or probabilities.
        name: name of the metric.
        dtype: type of the result, `float32` by default.

    Raises:
        ValueError: if `num_bins` is not a positive integer.

    Example:
        >>> metric = OverconfidenceError(from_logits=False)
        >>> metric.update_state([0, 1], [[0.8, 0.2], [0.8, 0.2]])
        >>> round(float(metric.result()), 4)
        0.24
    """

    def __init__(self, num_bins=15, from_logits=True, name="overconfidence_error", dtype=None):
        super().__init__(num_bins=num_bins, from_logits=from_logits, name=name, dtype=dtype)

    def from_bins(self, share, confidence, accuracy):
        """Return sum_b share_b confidence_b max(confidence_b - accuracy_b, 0)."""
        return tf.reduce_sum(share * confidence * tf.nn.relu(confidence - accuracy))
