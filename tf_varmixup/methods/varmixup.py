"""VarMixup: the vicinity in the latent space of a variational autoencoder."""

from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup.checks import Positive, Share, check_share
from tf_varmixup.methods.latent import LatentVicinity
from tf_varmixup.methods.pairwise import PairwiseVicinity, interpolate
from tf_varmixup.methods.registry import register


@register("varmixup")
class VarMixup(LatentVicinity, PairwiseVicinity):
    """Images decoded from linearly interpolated latents; labels interpolated by the same weight.

    z' = lambda z_i + (1 - lambda) z_j,  x' = decode(z'),  y' = lambda y_i + (1 - lambda) y_j.

    Args:
        autoencoder: Model with `posterior(images)` and `decode(latents)`, trained before. It is set
            untrainable.
        latents: What is mixed, the posterior's mean or a draw from it.
        alpha: Both parameters of the Beta distribution of the mixing weights; 1 is uniform.
        lambda_per: What each mixing weight is drawn for.
        clean_share: Share of each batch that stays as it is, images and labels; the others are
            mixed among themselves. The first rows are kept, so the batch must be shuffled.

    Raises:
        ValueError: If a number or word is bad, or the model cannot encode and decode.

    Example:
        >>> from models import VariationalAutoencoder
        >>> VarMixup(VariationalAutoencoder((8, 8, 1), width=8), alpha=0.5).alpha
        0.5

    Source: "On the Benefits of Defining Vicinal Distributions in Latent Space", arXiv 2003.06566.
    """

    def __init__(
        self,
        autoencoder: keras.Model,
        latents: Literal["mean", "sample"] = "mean",
        alpha: Positive = 1.0,
        lambda_per: Literal["image", "batch"] = "image",
        clean_share: Share = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            autoencoder=autoencoder, latents=latents, alpha=alpha, lambda_per=lambda_per, **kwargs
        )
        self.clean_share = check_share("clean_share", clean_share)

    def sample(
        self, images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Mix all examples but the clean share with random partners, in latent space."""
        if self.clean_share == 0.0:
            return super().sample(images, labels, seed)
        labels = tf.cast(labels, tf.float32)
        count = tf.shape(images)[0]
        clean = tf.cast(tf.round(self.clean_share * tf.cast(count, tf.float32)), tf.int32)
        # Some processors' convolutions give wrong shapes for no images, so one that is to stay may
        # be mixed and dropped.
        first = tf.maximum(tf.minimum(clean, count - 1), 0)
        mixed_images, mixed_labels = (
            values[clean - first :]
            for values in super().sample(images[first:], labels[first:], seed)
        )
        kept = tf.cast(images[:clean], tf.float32)
        return tf.concat([kept, mixed_images], 0), tf.concat([labels[:clean], mixed_labels], 0)

    def mix(
        self,
        images: tf.Tensor,
        labels: tf.Tensor,
        weights: tf.Tensor,
        partners: tf.Tensor,
        seed: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Decode interpolated latents, and interpolate labels by the same weight."""
        latents = interpolate(self.encode(images, seed), weights, partners)
        return self.autoencoder.decode(latents), interpolate(labels, weights, partners)
