"""How many dimensions of a latent space carry information about the image."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.metrics.streaming_metric import StreamingMetric


@keras.saving.register_keras_serializable(package="tf_varmixup")
class ActiveUnits(StreamingMetric):
    """Number of latent dimensions whose posterior mean varies, Var_x(E[z_u | x]) > threshold.

    Args:
        latent_size: Number of latent dimensions, all axes multiplied.
        threshold: Variance over the images above which a dimension counts as active.
        name: Name of the metric.
        dtype: Type of the result, `float32` by default.

    Example:
        >>> metric = ActiveUnits(latent_size=2)
        >>> metric.update_state([[-1.0, 0.0], [1.0, 0.0]])
        >>> float(metric.result())
        1.0

    Source:
        Burda et al. 2016, arXiv:1509.00519, section 5.2.
    """

    def __init__(
        self,
        latent_size: int,
        threshold: float = 0.01,
        name: str = "active_units",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"
        self.latent_size = int(latent_size)
        self.threshold = float(threshold)
        self.count = self.add_sum("count")
        self.total = self.add_sum("total", (self.latent_size,))
        self.squares = self.add_sum("squares", (self.latent_size,))

    def update_state(self, means: Any, sample_weight: Any = None) -> None:
        """Add a batch of posterior means.

        Args:
            means: `(B, ...)`, as many entries each as there are latent dimensions.
            sample_weight: Not used, since activity is a property of the latent space.
        """
        means = tf.cast(tf.reshape(means, (-1, self.latent_size)), tf.float32)
        self.count.assign_add(tf.cast(tf.shape(means)[0], tf.float32))
        self.total.assign_add(tf.reduce_sum(means, 0))
        self.squares.assign_add(tf.reduce_sum(means**2, 0))

    def result(self) -> tf.Tensor:
        """Return the number of active units as a `float32` scalar."""
        count = self.read(self.count)
        mean = tf.math.divide_no_nan(self.read(self.total), count)
        variance = tf.math.divide_no_nan(self.read(self.squares), count) - mean**2
        return tf.reduce_sum(tf.cast(variance > self.threshold, tf.float32))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "latent_size": self.latent_size,
            "threshold": self.threshold,
        }
