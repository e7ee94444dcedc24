"""What the binned calibration metrics share: three vectors of bins that add up over batches."""

from typing import Any

import tensorflow as tf

from tf_varmixup.checks import check_count
from tf_varmixup.metrics.batch_labels import as_sparse
from tf_varmixup.metrics.binning import calibration_bins
from tf_varmixup.metrics.classification_metric import ClassificationMetric


class CalibrationMetric(ClassificationMetric):
    """Abstract base of the metrics computed from equal-width bins of the confidence.

    A subclass says in `from_bins` what it makes of the bins. Of soft labels the largest entry
    counts.

    Args:
        num_bins: Number of equal-width bins.
        from_logits: Whether predictions are logits or probabilities.
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Raises:
        ValueError: If `num_bins` is not a positive integer.

    Example:
        >>> class MaximumCalibrationError(CalibrationMetric):
        ...     def from_bins(self, share, confidence, accuracy):
        ...         return tf.reduce_max(tf.abs(confidence - accuracy))
        >>> metric = MaximumCalibrationError(from_logits=False)
        >>> metric.update_state([0, 1], [[0.75, 0.25], [0.75, 0.25]])
        >>> float(metric.result())
        0.25
    """

    def __init__(
        self,
        num_bins: int = 15,
        from_logits: bool = True,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(from_logits=from_logits, name=name, dtype=dtype)
        self.num_bins = check_count("num_bins", num_bins)
        self.weight = self.add_sum("weight", (self.num_bins,))
        self.confidence_sum = self.add_sum("confidence_sum", (self.num_bins,))
        self.correct_sum = self.add_sum("correct_sum", (self.num_bins,))

    def from_bins(self, share: tf.Tensor, confidence: tf.Tensor, accuracy: tf.Tensor) -> tf.Tensor:
        """Compute the metric from the bins.

        Args:
            share: `float32` `(num_bins,)`, the share n_b / n of the images in each bin.
            confidence: `float32` `(num_bins,)`, mean confidence in each bin, 0 in empty ones.
            accuracy: `float32` `(num_bins,)`, accuracy in each bin, 0 in empty ones.

        Returns:
            A `float32` scalar.
        """
        raise NotImplementedError

    def add(
        self, labels: Any, predictions: Any, probabilities: tf.Tensor, weights: tf.Tensor
    ) -> None:
        """Add a batch to the bins."""
        # Logits that differ too little for float32 probabilities are still told apart.
        # Along the rows of the transpose it is several times as fast.
        predicted = tf.argmax(tf.transpose(predictions), axis=0)
        correct = tf.equal(predicted, as_sparse(labels, probabilities.shape[1]))
        weight, confidence_sum, correct_sum = calibration_bins(
            tf.reduce_max(tf.transpose(probabilities), axis=0), correct, weights, self.num_bins
        )
        self.weight.assign_add(weight)
        self.confidence_sum.assign_add(confidence_sum)
        self.correct_sum.assign_add(correct_sum)

    def measured(self) -> tf.Tensor:
        """Compute the metric from the sums of the bins."""
        weight = self.read(self.weight)
        share = tf.math.divide_no_nan(weight, tf.reduce_sum(weight))
        confidence = tf.math.divide_no_nan(self.read(self.confidence_sum), weight)
        accuracy = tf.math.divide_no_nan(self.read(self.correct_sum), weight)
        return self.from_bins(share, confidence, accuracy)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "num_bins": self.num_bins}
