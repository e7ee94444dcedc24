"""What the metrics of a classifier's predictions share."""

import warnings
from typing import Any

import tensorflow as tf

from tf_varmixup.metrics.batch import as_probabilities, as_weights, could_be_probabilities
from tf_varmixup.metrics.streaming_metric import StreamingMetric


class ClassificationMetric(StreamingMetric):
    """Abstract base of the metrics of labels and predictions.

    A subclass says in `add` what it makes of a batch, and in `measured` what it makes of all. If
    logits are expected and all rows are probabilities, the result is NaN, with a warning where one
    can be given.

    Args:
        from_logits: Whether predictions are logits or probabilities.
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Example:
        >>> class MeanConfidence(ClassificationMetric):
        ...     def __init__(self, from_logits=True, name="confidence", dtype=None):
        ...         super().__init__(from_logits, name, dtype)
        ...         self.sum, self.weight = self.add_sum("sum"), self.add_sum("weight")
        ...     def add(self, labels, predictions, probabilities, weights):
        ...         self.sum.assign_add(tf.reduce_sum(weights * tf.reduce_max(probabilities, -1)))
        ...         self.weight.assign_add(tf.reduce_sum(weights))
        ...     def measured(self):
        ...         return self.read(self.sum) / self.read(self.weight)
        >>> metric = MeanConfidence(from_logits=False)
        >>> metric.update_state([0, 1], [[0.5, 0.5], [0.0, 1.0]])
        >>> float(metric.result())
        0.75
    """

    def __init__(
        self, from_logits: bool = True, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.from_logits = from_logits
        self._direction = "down"  # what EarlyStopping(mode="auto") goes by
        self._warned = False
        if from_logits:
            self.could_be_probabilities = self.add_sum("could_be_probabilities")
            self.are_logits = self.add_sum("are_logits")

    def add(
        self, labels: Any, predictions: Any, probabilities: tf.Tensor, weights: tf.Tensor
    ) -> None:
        """Add a batch whose shapes fit.

        Args:
            labels: As `update_state` takes them.
            predictions: Logits or probabilities `(B, K)` as they came.
            probabilities: `float32` `(B, K)`.
            weights: `float32` `(B,)`, NaN where a row is bad.
        """
        raise NotImplementedError

    def measured(self) -> tf.Tensor:
        """Compute the metric of everything added since the last reset.

        Returns:
            A `float32` scalar, 0 if nothing was added.
        """
        raise NotImplementedError

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        A label that is no class number raises an error where its value can be seen, and makes the
        result NaN in a graph, unless its weight is 0.

        Args:
            y_true: Class numbers `(B,)` or `(B, 1)`, or one-hot or soft labels `(B, K)`.
            y_pred: Logits or probabilities `(B, K)`.
            sample_weight: `(B,)`, `(B, 1)`, a scalar or None.

        Raises:
            ValueError: If a shape or type is none of these.
        """
        probabilities = as_probabilities(y_pred, self.from_logits)
        weights = as_weights(sample_weight, y_true, probabilities, self.from_logits)
        if self.from_logits:
            used = tf.not_equal(weights, 0.0)
            for total, rows in zip(
                (self.could_be_probabilities, self.are_logits),
                could_be_probabilities(y_pred),
                strict=True,
            ):
                total.assign_add(tf.math.count_nonzero(rows & used, dtype=tf.float32))
        self.add(y_true, y_pred, probabilities, weights)

    def result(self) -> tf.Tensor:
        """Return the metric of everything added since the last reset, 0 if that is nothing."""
        value = tf.cast(self.measured(), self.dtype)
        if not self.from_logits:
            return value
        # A single row of logits may sum to 1 by chance.
        mistaken = (self.read(self.could_be_probabilities) > 1.0) & tf.equal(
            self.read(self.are_logits), 0.0
        )
        if not self._warned and not tf.is_symbolic_tensor(mistaken) and bool(mistaken):
            self._warned = True
            warnings.warn(
                f"Expected predictions of {self.name} that are logits. Received: probabilities; "
                "the metric is NaN. Say from_logits=False.",
                RuntimeWarning,
                stacklevel=2,
            )
        return tf.where(mistaken, tf.cast(float("nan"), self.dtype), value)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "from_logits": self.from_logits}
