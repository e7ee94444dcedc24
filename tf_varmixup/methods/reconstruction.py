"""Reconstructions: the control that tells the decoder's blur from the mixing."""

from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup.methods.latent import LatentVicinity
from tf_varmixup.methods.registry import register


@register("reconstruction")
class Reconstruction(LatentVicinity):
    """Decoded images with their own labels: VarMixup with every mixing weight 1.

    Args:
        autoencoder: Model with `posterior(images)` and `decode(latents)`, trained before. It is set
            untrainable.
        latents: What is decoded, the posterior's mean or a draw from it.

    Example:
        >>> from models import VariationalAutoencoder
        >>> Reconstruction(VariationalAutoencoder((8, 8, 1), width=8)).latents
        'mean'
    """

    def __init__(
        self,
        autoencoder: keras.Model,
        latents: Literal["mean", "sample"] = "mean",
        **kwargs: Any,
    ) -> None:
        super().__init__(autoencoder=autoencoder, latents=latents, **kwargs)

    def sample(
        self, images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the decoded images with their labels."""
        return self.reconstruct(images, seed), tf.cast(labels, tf.float32)
