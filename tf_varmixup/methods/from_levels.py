"""Networks of images in [0, 1], for images in 0..255."""

import keras
import tensorflow as tf

from tf_varmixup.images import to_unit


class FromLevels:
    """A network that takes images in [0, 1], called with images in 0..255.

    Args:
        network: Keras model from images in [0, 1].

    Example:
        >>> mean = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.GlobalAveragePooling2D()])
        >>> float(FromLevels(mean)(np.full((1, 8, 8, 1), 255.0))[0, 0])
        1.0
    """

    def __init__(self, network: keras.Model) -> None:
        self.network = network

    def __call__(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Run the network on images in 0..255."""
        return self.network(to_unit(images), training=training)
