"""The kernel of a convolution that starts as the identity."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tf_varmixup")
class Dirac(keras.initializers.Initializer):
    """Initializer of a convolution as the identity on as many channels as it takes in.

    Channels beyond those are random.

    Args:
        seed: Python integer, or None for one of Keras' own.

    Example:
        >>> kernel = Dirac(seed=0)((3, 3, 2, 4))
        >>> kernel[1, 1, :, :2].numpy().tolist()
        [[1.0, 0.0], [0.0, 1.0]]

    Source:
        Zagoruyko and Komodakis, "DiracNets", arXiv 1706.00388; the random remainder, Jordan,
        arXiv 2404.00498.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.remainder = keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform", seed=seed)
        self.seed = self.remainder.seed

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> tf.Tensor:
        """Return the kernel of `shape` `(rows, columns, inputs, outputs)`."""
        rows, columns, inputs, outputs = shape
        identity = np.zeros(shape)
        identity[rows // 2, columns // 2] = np.eye(inputs, outputs)
        random = self.remainder(shape, dtype)
        return keras.ops.where(
            np.arange(outputs) < inputs, keras.ops.convert_to_tensor(identity, random.dtype), random
        )

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments for Keras to save."""
        return {"seed": self.seed}
