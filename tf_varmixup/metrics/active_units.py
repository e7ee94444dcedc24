"""How many dimensions of a latent space carry information about the picture."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tf_varmixup")
class ActiveUnits(keras.metrics.Metric):
    """Number of latent dimensions whose posterior mean varies over the pictures: Var_x(E[z_u | x])
    > threshold.

    Args:
        latent_size: number of latent dimensions, all axes multiplied.
        threshold: variance above which a dimension counts as active.

    Example:
        >>> metric = ActiveUnits(latent_size=512)
        >>> metric.update_state(posterior.mean())
        >>> metric.result()

    Source: Burda et al., "Importance Weighted Autoencoders", arXiv 1509.00519, section 5.2.
    """

    def __init__(self, latent_size, threshold=0.01, name="active_units", dtype=None):
        super().__init__(name=name, dtype=dtype or "float32")
        self._direction = "up"
        self.latent_size = int(latent_size)
        self.threshold = float(threshold)
        self.count = self.add_weight(name="count", shape=(), initializer="zeros", dtype="float32")
        self.total = self.add_weight(
            name="total", shape=(self.latent_size,), initializer="zeros", dtype="float32"
        )
        self.squares = self.add_weight(
            name="squares", shape=(self.latent_size,), initializer="zeros", dtype="float32"
        )

    def update_state(self, means, sample_weight=None):
        """Take in posterior means `(B, ...)`; weights are not used, since activity is a property of
        the latent space."""
        means = tf.cast(tf.reshape(means, (-1, self.latent_size)), tf.float32)
        self.count.assign_add(tf.cast(tf.shape(means)[0], tf.float32))
        self.total.assign_add(tf.reduce_sum(means, 0))
        self.squares.assign_add(tf.reduce_sum(means**2, 0))

    def result(self):
        """Return the number of active units as a `float32` scalar."""
        mean = tf.math.divide_no_nan(
            tf.convert_to_tensor(self.total), tf.convert_to_tensor(self.count)
        )
        variance = (
            tf.math.divide_no_nan(
                tf.convert_to_tensor(self.squares), tf.convert_to_tensor(self.count)
            )
            - mean**2
        )
        return tf.reduce_sum(tf.cast(variance > self.threshold, tf.float32))

    def get_config(self):
        return {
            "name": self.name,
            "dtype": self.dtype,
            "latent_size": self.latent_size,
            "threshold": self.threshold,
        }
