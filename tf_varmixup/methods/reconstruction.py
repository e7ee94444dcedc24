"""Reconstructions: the control that tells the decoder's blur from the mixing."""

from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup.checks import Positive, Share, check_share
from tf_varmixup.methods.clean_share import keep_clean
from tf_varmixup.methods.latent import LatentVicinity
from tf_varmixup.methods.registry import register


@register("reconstruction")
class Reconstruction(LatentVicinity):
    """Decoded images with their own labels: VarMixup with every mixing weight 1.

    Args:
        autoencoder: Model with `posterior(images)` and `decode(latents)`, trained before. It is set
            untrainable.
        latents: What is decoded, the posterior's mean or a draw from it.
        clean_share: Share of each batch that stays as it is. The first rows are kept, so the batch
            must be shuffled.
        temperature: Factor of the posterior's standard deviation where latents are drawn from it.
        temperature_draw: Whether each image's draw has that temperature, or one drawn uniformly up
            to it.

    Example:
        >>> from models import VariationalAutoencoder
        >>> Reconstruction(VariationalAutoencoder((8, 8, 1), width=8)).latents
        'mean'
    """

    def __init__(
        self,
        autoencoder: keras.Model,
        latents: Literal["mean", "sample"] = "mean",
        clean_share: Share = 0.0,
        temperature: Positive = 1.0,
        temperature_draw: Literal["fixed", "uniform"] = "fixed",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            autoencoder=autoencoder,
            latents=latents,
            temperature=temperature,
            temperature_draw=temperature_draw,
            **kwargs,
        )
        self.clean_share = check_share("clean_share", clean_share)
        self.check_temperature_applies()

    def sample(
        self, images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Decode all images but the clean share; labels stay."""
        return keep_clean(
            self.clean_share,
            images,
            labels,
            lambda some, theirs: (self.reconstruct(some, seed), theirs),
        )
