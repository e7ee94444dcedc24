"""Adversarial VarMixup: the worst latents of a ball around mixed ones."""

import functools
from collections.abc import Callable
from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup.attacks import ascend, loss_gradient
from tf_varmixup.checks import (
    Count,
    Fraction,
    NotNegative,
    Positive,
    Share,
    check_count,
    check_positive,
)
from tf_varmixup.methods.attacked import logits_of
from tf_varmixup.methods.method import Batch, Method
from tf_varmixup.methods.registry import register
from tf_varmixup.methods.varmixup import VarMixup
from tf_varmixup.methods.vicinal_distribution import check_soft_labels


@register("adversarial_varmixup")
class AdversarialVarMixup(Method):
    """VarMixup whose mixed latents are moved to where the classifier's loss rises most.

    z' = lambda z_i + (1 - lambda) z_j,  s' = lambda s_i + (1 - lambda) s_j,
    x' = decode(z' + argmax_d loss(decode(z' + d), y')) with |d| at most radius s' in each number of
    the latent,  y' = lambda y_i + (1 - lambda) y_j; s is the posterior's standard deviation.

    The maximum is sought by steps along the sign of the gradient through the decoder, the networks
    in inference mode. The clean share stays as it is. The other half of the idea is an autoencoder
    that is trained on attacked images, `adversarial_radius` of the autoencoder and
    `vae_adversarial_radius` of `train.py`; either half works without the other.

    Args:
        autoencoder: Model with `posterior(images)` and `decode(latents)`, trained before. It is set
            untrainable.
        latent_radius: How far each number of a latent is moved at most, in units of the posterior's
            standard deviation.
        latent_step: Length of a step, in that unit.
        latent_steps: Steps, each of which costs a pass through decoder and classifier and back.
        latents: What is mixed, the posterior's mean or a draw from it.
        alpha: Both parameters of the Beta distribution of the mixing weights; 1 is uniform.
        lambda_per: What each mixing weight is drawn for, as of varmixup.
        clean_share: Share of each batch that stays as it is, images and labels; the others are
            mixed among themselves. The first rows are kept, so the batch must be shuffled.
        interpolation: Path between two latents, as of varmixup.
        partner: Whom an image is mixed with, as of varmixup.
        residual: Share of x - decode(encode(x)) that is added to what is decoded.
        residual_from: Whose residual that is: of both images, mixed as they are, or of the one with
            the larger weight.
        residual_label: Share of the labels that goes by whose the residual is, for residual_from
            "larger".
        noise: Standard deviation of a draw from the likelihood around the decoded image, in units
            of images in [0, 1]; 0 takes the likelihood's mean.
        noise_draw: Whether each image has noise of that scale, or of one drawn uniformly up to it.

    Raises:
        ValueError: If a number or word is bad, or the model cannot encode and decode.

    Example:
        >>> from models import VariationalAutoencoder
        >>> AdversarialVarMixup(VariationalAutoencoder((8, 8, 1), width=8)).latent_radius
        1.0

    Source: the adversarial variant of arXiv 2003.06566; the ascent is that of Madry et al., arXiv
    1706.06083, in latent space.
    """

    def __init__(
        self,
        autoencoder: keras.Model,
        latent_radius: Positive = 1.0,
        latent_step: Positive = 0.5,
        latent_steps: Count = 3,
        latents: Literal["mean", "sample"] = "mean",
        alpha: Positive = 1.0,
        lambda_per: Literal["image", "batch", "position", "channel"] = "image",
        clean_share: Share = 0.0,
        interpolation: Literal["linear", "spherical", "norm_keeping"] = "linear",
        partner: Literal["random", "other_class", "nearest"] = "random",
        residual: Fraction = 0.0,
        residual_from: Literal["both", "larger"] = "both",
        residual_label: Fraction = 0.0,
        noise: NotNegative = 0.0,
        noise_draw: Literal["fixed", "uniform"] = "fixed",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.latent_radius = check_positive("latent_radius", latent_radius)
        self.latent_step = check_positive("latent_step", latent_step)
        self.latent_steps = check_count("latent_steps", latent_steps)
        self.varmixup = VarMixup(
            autoencoder,
            latents=latents,
            alpha=alpha,
            lambda_per=lambda_per,
            clean_share=clean_share,
            interpolation=interpolation,
            partner=partner,
            residual=residual,
            residual_from=residual_from,
            residual_label=residual_label,
            noise=noise,
            noise_draw=noise_draw,
        )

    def __getattr__(self, name: str) -> Any:
        # The parameters that VarMixup checks and keeps.
        if name in type(self).parameter_names() and "varmixup" in vars(self):
            return getattr(self.varmixup, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def keeps_rows(self) -> bool:
        """True."""
        return True

    def draw(self, classifier: keras.Model, batch: Batch, seed: tf.Tensor) -> Batch:
        """Draw as VarMixup does, from latents that were moved against the classifier."""
        labels = check_soft_labels(batch.labels)
        weights = batch.weights
        columns = tf.ones_like(labels[:, :1]) if weights is None else tf.reshape(weights, (-1, 1))
        columns = tf.cast(columns, tf.float32)
        columns = tf.concat([labels * columns, columns], 1)
        move = functools.partial(self.move, logits_of(classifier))
        mix = functools.partial(self.varmixup.mix, move=move)
        images, columns = self.varmixup.sample_pairs(batch.inputs, columns, labels, seed, mix)
        return Batch(images, _labels(columns), None if weights is None else columns[:, -1])

    def move(
        self,
        classify: Callable[[tf.Tensor], tf.Tensor],
        decode: Callable[[tf.Tensor], tf.Tensor],
        latents: tf.Tensor,
        scales: tf.Tensor,
        labels: tf.Tensor,
    ) -> tf.Tensor:
        """Move latents to where a classifier's loss of what is decoded from them is higher.

        Args:
            classify: Function from images in 0..255 to logits.
            decode: Function from latents to images in 0..255.
            latents: `float32 (B, *latent_shape)`.
            scales: Standard deviations, the unit of the radius, shaped like the latents.
            labels: Mixed labels `float32 (B, K)`, with a column of weights.

        Returns:
            A `float32` tensor shaped like the latents.
        """

        def gradient(units: tf.Tensor) -> tf.Tensor:
            return loss_gradient(
                lambda some: classify(decode(latents + scales * some)),
                units,
                _labels(labels),
                scaled=True,
            )

        ball = self.latent_radius, self.latent_step, self.latent_steps
        return latents + scales * ascend(gradient, tf.zeros_like(latents), "linf", *ball)


def _labels(columns: tf.Tensor) -> tf.Tensor:
    """Return the labels of columns that are weighted and have the weight beside them."""
    return tf.math.divide_no_nan(columns[:, :-1], columns[:, -1:])
