"""Empirical risk minimisation: the vicinity that is the example itself."""

import keras
import tensorflow as tf

from tf_varmixup.images import as_float

from .vicinal_distribution import VicinalDistribution


@keras.saving.register_keras_serializable(package="tf_varmixup")
class EmpiricalRisk(VicinalDistribution):
    """The Dirac distribution at each example: training on the data alone.

    Example:
        >>> images, labels = EmpiricalRisk().sample(images, labels, seed)

    Source: Vapnik, "Statistical Learning Theory", 1998; equation 3 of mixup, arXiv 1710.09412,
        calls it the empirical distribution.
    """

    method = "erm"

    def sample(self, images, labels, seed):
        return as_float(images), tf.cast(labels, tf.float32)
