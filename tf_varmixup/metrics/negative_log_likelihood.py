"""The negative log-likelihood as a Keras metric."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.metrics.batch_labels import as_distribution
from tf_varmixup.metrics.classification_metric import ClassificationMetric


@keras.saving.register_keras_serializable(package="tf_varmixup")
class NegativeLogLikelihood(ClassificationMetric):
    """Negative log-likelihood of the labels, the mean of -log p(label), in nats.

    Nothing is clipped: a label with the probability 0 makes it infinite. With logits it is computed
    from these, so that a probability too small for `float32` still counts. Of soft labels it is the
    cross-entropy. The formula is `scores.nll`.

    Args:
        from_logits: Whether predictions are logits or probabilities.
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Example:
        >>> metric = NegativeLogLikelihood(from_logits=False)
        >>> metric.update_state([0, 1], [[0.5, 0.5], [0.75, 0.25]])
        >>> round(float(metric.result()), 4)
        1.0397
    """

    def __init__(self, from_logits: bool = True, name: str = "nll", dtype: Any = None) -> None:
        super().__init__(from_logits=from_logits, name=name, dtype=dtype)
        self.total = self.add_sum("total")
        self.weight = self.add_sum("weight")

    def add(
        self, labels: Any, predictions: Any, probabilities: tf.Tensor, weights: tf.Tensor
    ) -> None:
        """Add a batch to the sum."""
        if self.from_logits:
            log_probabilities = tf.nn.log_softmax(tf.cast(predictions, tf.float32))
        else:
            log_probabilities = tf.math.log(tf.maximum(probabilities, 0.0))
        distribution = as_distribution(labels, probabilities.shape[1])
        # A class that is no label counts nothing, even with the probability 0.
        score = -tf.reduce_sum(tf.math.multiply_no_nan(log_probabilities, distribution), axis=-1)
        self.total.assign_add(tf.reduce_sum(tf.math.multiply_no_nan(score, weights)))
        self.weight.assign_add(tf.reduce_sum(weights))

    def measured(self) -> tf.Tensor:
        """Return the mean score."""
        return tf.math.divide_no_nan(self.read(self.total), self.read(self.weight))
