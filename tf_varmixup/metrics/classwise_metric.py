"""What the metrics of every class's probability share: bins per class that add up over batches."""

from typing import Any

import tensorflow as tf

from tf_varmixup.checks import check_count
from tf_varmixup.metrics.batch_labels import as_distribution
from tf_varmixup.metrics.classification_metric import ClassificationMetric


class ClasswiseMetric(ClassificationMetric):
    """Abstract base of the metrics computed from equal-width bins of each class's probability.

    A subclass says in `from_bins` what it makes of the bins. Soft labels enter as they are. The
    memory is three numbers per class and bin.

    Args:
        num_classes: Number of classes, at least 2.
        num_bins: Number of equal-width bins.
        from_logits: Whether predictions are logits or probabilities.
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Raises:
        ValueError: If `num_classes` or `num_bins` is another.

    Example:
        >>> class LargestGap(ClasswiseMetric):
        ...     def from_bins(self, share, probability, frequency):
        ...         return tf.reduce_max(tf.abs(probability - frequency))
        >>> metric = LargestGap(num_classes=2, from_logits=False)
        >>> metric.update_state([0, 1], [[0.75, 0.25], [0.75, 0.25]])
        >>> float(metric.result())
        0.25
    """

    def __init__(
        self,
        num_classes: int,
        num_bins: int = 15,
        from_logits: bool = True,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(from_logits=from_logits, name=name, dtype=dtype)
        self.num_classes = check_count("num_classes", num_classes, smallest=2)
        self.num_bins = check_count("num_bins", num_bins)
        shape = (self.num_classes, self.num_bins)
        self.weight = self.add_sum("weight", shape)
        self.probability_sum = self.add_sum("probability_sum", shape)
        self.label_sum = self.add_sum("label_sum", shape)

    def from_bins(
        self, share: tf.Tensor, probability: tf.Tensor, frequency: tf.Tensor
    ) -> tf.Tensor:
        """Compute the metric from the bins.

        Args:
            share: `float32` `(num_classes, num_bins)`, the share of the images in each bin; the
                shares of a class sum to 1.
            probability: `float32` `(num_classes, num_bins)`, the class's mean probability in each
                bin, 0 in empty ones.
            frequency: `float32` `(num_classes, num_bins)`, how often it is the label there.

        Returns:
            A `float32` scalar.
        """
        raise NotImplementedError

    def add(
        self, labels: Any, predictions: Any, probabilities: tf.Tensor, weights: tf.Tensor
    ) -> None:
        """Add a batch to the bins."""
        if probabilities.shape[1] != self.num_classes:
            raise ValueError(
                f"Expected predictions of {self.num_classes} classes. "
                f"Received: {probabilities.shape[1]}."
            )
        bins = tf.cast(tf.floor(probabilities * self.num_bins), tf.int32)
        bins = tf.clip_by_value(bins, 0, self.num_bins - 1)
        bins += self.num_bins * tf.range(self.num_classes)
        spread = tf.broadcast_to(weights[:, None], tf.shape(probabilities))
        distribution = as_distribution(labels, self.num_classes)
        for total, values in (
            (self.weight, spread),
            (self.probability_sum, spread * probabilities),
            (self.label_sum, spread * distribution),
        ):
            sums = tf.math.unsorted_segment_sum(values, bins, self.num_classes * self.num_bins)
            total.assign_add(tf.reshape(sums, (self.num_classes, self.num_bins)))

    def measured(self) -> tf.Tensor:
        """Compute the metric from the sums of the bins."""
        weight = self.read(self.weight)
        share = tf.math.divide_no_nan(weight, tf.reduce_sum(weight, axis=1, keepdims=True))
        probability = tf.math.divide_no_nan(self.read(self.probability_sum), weight)
        frequency = tf.math.divide_no_nan(self.read(self.label_sum), weight)
        return self.from_bins(share, probability, frequency)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "num_bins": self.num_bins,
        }
