"""mixup of reconstructions: the control that tells latent from pixel mixing."""

from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup.checks import Positive, Share
from tf_varmixup.methods.latent import LatentVicinity
from tf_varmixup.methods.pairwise import PairwiseVicinity, interpolate, interpolate_images
from tf_varmixup.methods.registry import register


@register("mixup_reconstruction")
class MixupReconstruction(LatentVicinity, PairwiseVicinity):
    """Decoded images and their labels, interpolated in pixel space: mixup with the decoder's blur.

    Args:
        autoencoder: Model with `posterior(images)` and `decode(latents)`, trained before. It is set
            untrainable.
        latents: What is decoded, the posterior's mean or a draw from it.
        alpha: Both parameters of the Beta distribution of the mixing weights; 1 is uniform.
        lambda_per: What each mixing weight is drawn for.
        clean_share: Share of each batch that stays as it is, images and labels; the others are
            mixed among themselves. The first rows are kept, so the batch must be shuffled.
        temperature: Factor of the posterior's standard deviation where latents are drawn from it.
        temperature_draw: Whether each image's draw has that temperature, or one drawn uniformly up
            to it.

    Example:
        >>> from models import VariationalAutoencoder
        >>> MixupReconstruction(VariationalAutoencoder((8, 8, 1), width=8)).latents
        'mean'

    Source: the control "Mixup-R" of arXiv 2003.06566.
    """

    def __init__(
        self,
        autoencoder: keras.Model,
        latents: Literal["mean", "sample"] = "mean",
        alpha: Positive = 1.0,
        lambda_per: Literal["image", "batch"] = "image",
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
            alpha=alpha,
            lambda_per=lambda_per,
            clean_share=clean_share,
            **kwargs,
        )
        self.check_temperature_applies()

    def mix(
        self,
        images: tf.Tensor,
        labels: tf.Tensor,
        weights: tf.Tensor,
        partners: tf.Tensor,
        seed: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Interpolate the pixels of reconstructions, and labels by the same weight."""
        reconstructions = self.reconstruct(images, seed)
        return (
            interpolate_images(reconstructions, weights, partners),
            interpolate(labels, weights, partners),
        )
