"""Empirical risk minimization: the vicinity that is the example itself."""

import tensorflow as tf

from tf_varmixup.methods.registry import register
from tf_varmixup.methods.vicinal_distribution import VicinalDistribution


@register("erm")
class EmpiricalRisk(VicinalDistribution):
    """The Dirac distribution at each example: training on the data alone.

    Example:
        >>> from tf_varmixup.draws import run_seed
        >>> images, labels = np.full((2, 8, 8, 1), 9, "uint8"), np.eye(2, dtype="float32")
        >>> float(tf.reduce_max(EmpiricalRisk().sample(images, labels, run_seed(0))[0]))
        9.0

    Source: Vapnik, "Statistical Learning Theory", 1998; equation 3 of mixup, arXiv 1710.09412,
    calls it the empirical distribution.
    """

    def sample(
        self, images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the batch itself."""
        return tf.cast(images, tf.float32), tf.cast(labels, tf.float32)
