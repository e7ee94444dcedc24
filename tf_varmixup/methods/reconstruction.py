"""Reconstructions: the control that tells the decoder's blur from the mixing."""

import keras
import tensorflow as tf

from .latent import LatentVicinity


@keras.saving.register_keras_serializable(package="tf_varmixup")
class Reconstruction(LatentVicinity):
    """Decoded pictures with their clean labels: VarMixup with every mixing weight 1.

    Args:
        autoencoder: model with `posterior(images)` and `decode(latents)`, trained before. It is set
            untrainable.
        latents: `"mean"` decodes the posterior's mean, `"sample"` a draw from it.

    Example:
        >>> images, labels = Reconstruction(autoencoder).sample(images, labels, seed)
    """

    method = "reconstruction"

    def sample(self, images, labels, seed):
        return self.reconstruct(images, seed), tf.cast(labels, tf.float32)
