"""What all Keras metrics here share: copies that keep what was measured."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf


class StreamingMetric(keras.metrics.Metric):
    """Abstract base of metrics that add up over batches and replicas.

    State and arithmetic are `float32` under every dtype policy. `copy.deepcopy` and `pickle` keep
    the state; Keras' own copies begin at nothing.

    Args:
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Example:
        >>> class Count(StreamingMetric):
        ...     def __init__(self, name="count", dtype=None):
        ...         super().__init__(name, dtype)
        ...         self.count = self.add_sum("count")
        ...     def update_state(self, values):
        ...         self.count.assign_add(float(len(values)))
        ...     def result(self):
        ...         return self.read(self.count)
        >>> metric = Count()
        >>> metric.update_state([1, 2])
        >>> float(metric.result())
        2.0
    """

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype or "float32")

    def add_sum(self, name: str, shape: tuple[int, ...] = ()) -> Any:
        """Add a `float32` variable that begins at zero and is summed over replicas."""
        return self.add_variable(shape=shape, initializer="zeros", dtype="float32", name=name)

    @staticmethod
    def read(variable: Any) -> tf.Tensor:
        """Return a variable's value over all replicas as a tensor."""
        return tf.convert_to_tensor(variable)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        state = [np.array(variable) for variable in self.variables]
        return _restore, (type(self), self.get_config(), state)


def _restore(kind: Any, config: dict[str, Any], state: list[np.ndarray]) -> StreamingMetric:
    metric = kind.from_config(config)
    for variable, value in zip(metric.variables, state, strict=True):
        variable.assign(value)
    return metric
