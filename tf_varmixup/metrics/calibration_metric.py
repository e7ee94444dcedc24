"""What the binned calibration metrics share: three vectors of bins that add up over batches and
replicas."""

import keras
import tensorflow as tf

from .binning import calibration_bins
from .predictions import as_probabilities, as_sparse, as_weights


class CalibrationMetric(keras.metrics.Metric):
    """Abstract base of the metrics computed from equal-width bins of the top-1 confidence.

    A subclass says in `from_bins` what it makes of the bins. State and arithmetic are `float32`
    under every dtype policy.

    Args:
        num_bins: number of equal-width bins.
        from_logits: whether predictions are logits or probabilities.
        name: name of the metric.
        dtype: type of the result, `float32` by default.

    Raises:
        ValueError: if `num_bins` is not a positive integer.

    Example:
        >>> class MaximumCalibrationError(CalibrationMetric):
        ...     def from_bins(self, share, confidence, accuracy):
        ...         return tf.reduce_max(tf.abs(confidence - accuracy))
    """

    def __init__(self, num_bins=15, from_logits=True, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype or "float32")
        if isinstance(num_bins, bool) or not isinstance(num_bins, int) or num_bins < 1:
            raise ValueError(f"num_bins must be a positive integer, received {num_bins!r}")
        self.num_bins = num_bins
        self.from_logits = from_logits
        self._direction = "down"  # what EarlyStopping(mode="auto") goes by
        self.weight = self._bins("weight")
        self.confidence_sum = self._bins("confidence_sum")
        self.correct_sum = self._bins("correct_sum")

    def _bins(self, name):
        return self.add_variable(
            shape=(self.num_bins,), initializer="zeros", dtype="float32", name=name
        )

    def from_bins(self, share, confidence, accuracy):
        """Compute the measure from the bins.

        Args:
            share: `float32` `(num_bins,)`, the share n_b / n of the samples in each bin.
            confidence: `float32` `(num_bins,)`, mean confidence in each bin, 0 in empty ones.
            accuracy: `float32` `(num_bins,)`, accuracy in each bin, 0 in empty ones.

        Returns:
            A `float32` scalar.
        """
        raise NotImplementedError

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Add a batch.

        Args:
            y_true: class numbers `(B,)` or `(B, 1)`, or one-hot or soft labels `(B, K)`, of which
                the largest entry counts.
            y_pred: logits or probabilities `(B, K)`.
            sample_weight: `(B,)`, `(B, 1)`, a scalar or None.

        Raises:
            ValueError: if a shape is none of these.
        """
        probabilities = as_probabilities(y_pred, self.from_logits)
        # logits that differ too little for float32 probabilities are still told apart
        correct = tf.equal(tf.argmax(y_pred, axis=-1), as_sparse(y_true, probabilities.shape[1]))
        sample_weight = as_weights(sample_weight, tf.shape(probabilities)[0])
        weight, confidence_sum, correct_sum = calibration_bins(
            tf.reduce_max(probabilities, axis=-1), correct, sample_weight, self.num_bins
        )
        self.weight.assign_add(weight)
        self.confidence_sum.assign_add(confidence_sum)
        self.correct_sum.assign_add(correct_sum)

    def result(self):
        """Return the measure of everything added since the last reset, 0 if that is nothing."""
        weight = tf.convert_to_tensor(self.weight)
        share = tf.math.divide_no_nan(weight, tf.reduce_sum(weight))
        confidence = tf.math.divide_no_nan(tf.convert_to_tensor(self.confidence_sum), weight)
        accuracy = tf.math.divide_no_nan(tf.convert_to_tensor(self.correct_sum), weight)
        return tf.cast(self.from_bins(share, confidence, accuracy), self.dtype)

    def get_config(self):
        """Return the arguments of the constructor."""
        return {**super().get_config(), "num_bins": self.num_bins, "from_logits": self.from_logits}
