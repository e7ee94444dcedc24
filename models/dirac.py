"""The kernel of a convolution that starts as the identity."""

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="tf_varmixup")
class Dirac(keras.initializers.Initializer):
    """Start a convolution as the identity on as many channels as it takes in; the channels beyond
    are random.

    Args:
        seed: Python integer, or None for one of Keras' own.

    Example:
        >>> keras.layers.Conv2D(64, 3, padding="same", kernel_initializer=Dirac())

    Source: Zagoruyko and Komodakis, "DiracNets", arXiv 1706.00388; the random remainder, Jordan,
        arXiv 2404.00498.
    """

    def __init__(self, seed=None):
        self.remainder = keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform", seed=seed)
        self.seed = self.remainder.seed

    def __call__(self, shape, dtype=None):
        """Return the kernel of `shape` `(rows, columns, inputs, outputs)`."""
        rows, columns, inputs, outputs = shape
        identity = np.zeros(shape)
        identity[rows // 2, columns // 2] = np.eye(inputs, outputs)
        random = self.remainder(shape, dtype)
        return keras.ops.where(
            np.arange(outputs) < inputs, keras.ops.convert_to_tensor(identity, random.dtype), random
        )

    def get_config(self):
        return {"seed": self.seed}
