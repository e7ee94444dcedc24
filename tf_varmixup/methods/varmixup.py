"""VarMixup: the vicinity in the latent space of a variational autoencoder."""

import functools
from collections.abc import Callable
from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import (
    Fraction,
    NotNegative,
    Positive,
    Share,
    check_applies,
    check_choice,
    check_fraction,
)
from tf_varmixup.methods.interpolation import PATHS
from tf_varmixup.methods.latent import LatentVicinity
from tf_varmixup.methods.noise import FIXED_OR_UNIFORM, add_noise, check_noise, per_image
from tf_varmixup.methods.pairwise import PairwiseVicinity, image_weights, interpolate
from tf_varmixup.methods.partners import nearest_partners, partners_of_another_class
from tf_varmixup.methods.registry import register

PARTNERS = ("random", "other_class", "nearest")


@register("varmixup")
class VarMixup(LatentVicinity, PairwiseVicinity):
    """Images decoded from interpolated latents; labels interpolated by the same weight.

    z' = lambda z_i + (1 - lambda) z_j,  x' = decode(z'),  y' = lambda y_i + (1 - lambda) y_j.

    Args:
        autoencoder: Model with `posterior(images)` and `decode(latents)`, trained before. It is set
            untrainable.
        latents: What is mixed, the posterior's mean or a draw from it.
        alpha: Both parameters of the Beta distribution of the mixing weights; 1 is uniform.
        lambda_per: What each mixing weight is drawn for. With one per position or channel of the
            latents, images are mixed in part, and labels by the mean weight, which is near a half.
        clean_share: Share of each batch that stays as it is, images and labels; the others are
            mixed among themselves. The first rows are kept, so the batch must be shuffled.
        interpolation: Path between two latents: a straight line, an arc, or a line whose points
            keep the norm of the ends and, with it, the contrast of the images.
        partner: Whom an image is mixed with: any image of the batch, one of another class, or the
            one whose latent is nearest.
        residual: Share of x - decode(encode(x)) that is added to what is decoded; with 1 and
            posterior means, a mixing weight of 1 returns the image itself, and only the mixing is
            the autoencoder's.
        residual_draw: Whether each image has that share of the residual, or one drawn uniformly up
            to it, so that images are of all degrees of blur.
        residual_from: Whose residual that is: of both images, mixed as they are, or of the one with
            the larger weight, so that details are of one image and whole.
        residual_label: Share of the labels that goes by whose the residual is rather than by the
            latents' weights, for residual_from "larger"; it is multiplied by the share of the
            residual. A classifier of CIFAR-10 finds about 0.7 of an image's class in the residual
            of an autoencoder of 24 dB.
        temperature: Factor of the posterior's standard deviation where latents are drawn from it;
            above 1 they leave what the decoder was trained on.
        temperature_draw: Whether each image's draw has that temperature, or one drawn uniformly up
            to it.
        noise: Standard deviation of a draw from the likelihood around the decoded image, in units
            of images in [0, 1]; 0 takes the likelihood's mean.
        noise_draw: Whether each image has noise of that scale, or of one drawn uniformly up to it.
        single_share: Share of the images that are not kept clean which are decoded from draws of
            their own posterior, mixed with none; 1 is the control that does all but mixing.

    Raises:
        ValueError: If a number or word is bad, or the model cannot encode and decode.

    Example:
        >>> from models import VariationalAutoencoder
        >>> VarMixup(VariationalAutoencoder((8, 8, 1), width=8), alpha=0.5).alpha
        0.5

    Source: "On the Benefits of Defining Vicinal Distributions in Latent Space", arXiv 2003.06566.
    """

    LAMBDA_PER = ("image", "batch", "position", "channel")

    def __init__(
        self,
        autoencoder: keras.Model,
        latents: Literal["mean", "sample"] = "mean",
        alpha: Positive = 1.0,
        lambda_per: Literal["image", "batch", "position", "channel"] = "image",
        clean_share: Share = 0.0,
        interpolation: Literal["linear", "spherical", "norm_keeping"] = "linear",
        partner: Literal["random", "other_class", "nearest"] = "random",
        residual: Fraction = 0.0,
        residual_draw: Literal["fixed", "uniform"] = "fixed",
        residual_from: Literal["both", "larger"] = "both",
        residual_label: Fraction = 0.0,
        temperature: Positive = 1.0,
        temperature_draw: Literal["fixed", "uniform"] = "fixed",
        noise: NotNegative = 0.0,
        noise_draw: Literal["fixed", "uniform"] = "fixed",
        single_share: Fraction = 0.0,
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
        if self.lambda_per in ("position", "channel") and not hasattr(autoencoder, "latent_shape"):
            raise ValueError(
                f"Expected an autoencoder with a latent_shape for lambda_per {lambda_per!r}. "
                f"Received: {type(autoencoder).__name__}, which has none."
            )
        self.interpolation = check_choice("interpolation", interpolation, PATHS)
        self.partner = check_choice("partner", partner, PARTNERS)
        self.residual = check_fraction("residual", residual)
        self.residual_draw = check_choice("residual_draw", residual_draw, FIXED_OR_UNIFORM)
        self.residual_from = check_choice("residual_from", residual_from, ("both", "larger"))
        self.residual_label = check_fraction("residual_label", residual_label)
        self.noise = check_noise(noise)
        self.noise_draw = check_choice("noise_draw", noise_draw, FIXED_OR_UNIFORM)
        self.single_share = check_fraction("single_share", single_share)
        self.check_temperature_applies(drawn=self.single_share > 0.0)
        added = self.residual > 0.0, "where residual is above 0"
        check_applies("residual_draw", residual_draw, "fixed", *added)
        check_applies("residual_from", residual_from, "both", *added)
        larger = self.residual > 0.0 and self.residual_from == "larger"
        check_applies(
            "residual_label", residual_label, 0.0, larger, "where residual_from is 'larger'"
        )
        check_applies("noise_draw", noise_draw, "fixed", self.noise > 0.0, "where noise is above 0")

    def sample_columns(
        self, images: tf.Tensor, columns: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Draw as `sample` does; where labels choose partners, weights have no part in it."""
        if self.partner == "other_class":
            return self.sample_pairs(images, columns, labels, seed)
        return super().sample_columns(images, columns, labels, seed)

    def draw_weights(self, count: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Draw the mixing weights: of images `(B,)`, or of the parts of latents `(B, ..., 1)`."""
        if self.lambda_per in ("image", "batch"):
            weights = super().draw_weights(count, seed)
        else:
            shape = [count, *self._mixed_parts()]
            drawn = draws.mixing_weights(tf.reduce_prod(shape), self.alpha, seed)
            weights = tf.reshape(drawn, shape)
        return weights

    def draw_partners(self, images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Choose whom each image is mixed with, `int32 (B,)`."""
        if self.partner == "other_class":
            return partners_of_another_class(labels, seed)
        if self.partner == "nearest":
            return nearest_partners(self.autoencoder.posterior(images).mean())
        return super().draw_partners(images, labels, seed)

    def mix(
        self,
        images: tf.Tensor,
        labels: tf.Tensor,
        weights: tf.Tensor,
        partners: tf.Tensor,
        seed: tf.Tensor,
        move: Callable[..., tf.Tensor] | None = None,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Decode interpolated latents, and interpolate labels by the same weight.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.
            labels: `float32 (B, K)`.
            weights: Mixing weights, `float32 (B,)` or of a shape that broadcasts to the latents.
            partners: `int32 (B,)`, which example each is mixed with.
            seed: `int32 (2,)`, for draws from posterior and likelihood.
            move: What is done to the latents before they are decoded, as of `interpolate`, with
                the mixed labels as one more argument; None leaves them.

        Returns:
            Images `float32 (B, H, W, C)` in 0..255 and labels `float32 (B, K)`.
        """
        single = None
        if self.single_share > 0.0:
            single = self._is_single(tf.shape(images)[0])
            weights = tf.where(_per_image(single, weights), 1.0, weights)
        shares = image_weights(weights)
        moved = self.residual_label * self._residual_share(shares, seed)
        shares += moved * (self._residual_weights(weights) - shares)
        labels = interpolate(labels, shares, partners)
        if move is not None:
            move = functools.partial(move, labels=labels)
        mixed = self.interpolate(images, weights, partners, seed, single, move)
        if self.noise > 0.0:
            mixed = add_noise(mixed, self.noise, self.noise_draw, draws.fold(seed, 2))
        return mixed, labels

    def interpolate(
        self,
        images: tf.Tensor,
        weights: tf.Tensor,
        partners: tf.Tensor,
        seed: tf.Tensor,
        single: tf.Tensor | None = None,
        move: Callable[..., tf.Tensor] | None = None,
    ) -> tf.Tensor:
        """Decode interpolated latents: the likelihood's mean, with the residual that is added.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.
            weights: Mixing weights, `float32 (B,)` or of a shape that broadcasts to the latents.
            partners: `int32 (B,)`, which example each is mixed with.
            seed: `int32 (2,)`, for draws from the posterior.
            single: Which images are decoded from draws of their own posterior, `bool (B,)`.
            move: Function of the decoder (from latents to images in 0..255, the residual
                included), the latents and the standard deviations of the posteriors, interpolated
                as latents are on a line; it returns the latents to decode. None leaves them.

        Returns:
            A `float32` tensor `(B, H, W, C)` in 0..255.
        """
        posterior = self.autoencoder.posterior(images)
        means = posterior.mean()
        drawn = self.draw_latents(posterior, seed) if self.latents == "sample" else means
        latents = PATHS[self.interpolation](drawn, weights, partners)
        if single is not None:
            own = self.draw_latents(posterior, seed)
            latents = tf.where(_per_image(single, latents), own, latents)
        decode = self._decoder(images, means, weights, partners, seed)
        if move is not None:
            latents = move(decode, latents, interpolate(posterior.stddev(), weights, partners))
        return decode(latents)

    def _decoder(
        self,
        images: tf.Tensor,
        means: tf.Tensor,
        weights: tf.Tensor,
        partners: tf.Tensor,
        seed: tf.Tensor,
    ) -> Callable[[tf.Tensor], tf.Tensor]:
        """Return the function from latents to images, with the residual that is added."""
        if self.residual == 0.0:
            return self.autoencoder.decode
        residuals = tf.cast(images, tf.float32) - self.autoencoder.decode(means)
        residuals = interpolate(residuals, self._residual_weights(weights), partners)
        residuals *= self._residual_share(residuals, seed)
        return lambda latents: tf.clip_by_value(
            self.autoencoder.decode(latents) + residuals, 0.0, 255.0
        )

    def _residual_share(self, values: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Return the share of the residual that each image has, to be multiplied by values."""
        return per_image(self.residual, self.residual_draw, values, draws.fold(seed, 3))

    def _residual_weights(self, weights: tf.Tensor) -> tf.Tensor:
        """Return the weight of each image's own residual, `float32 (B,)`."""
        weights = image_weights(weights)
        return tf.cast(weights >= 0.5, tf.float32) if self.residual_from == "larger" else weights

    def _mixed_parts(self) -> list[int]:
        """Return the shape of the weights of one latent."""
        *positions, channels = self.autoencoder.latent_shape
        if self.lambda_per == "channel":
            return [1] * len(positions) + [channels]
        return [*positions, 1] if positions else [channels]  # each number of a vector has its own

    def _is_single(self, count: tf.Tensor) -> tf.Tensor:
        """Return which images of a batch are mixed with none, the first ones, `bool (B,)`."""
        return tf.range(count) < tf.cast(
            tf.round(self.single_share * tf.cast(count, tf.float32)), tf.int32
        )


def _per_image(values: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    """Give one value per image the rank of another tensor."""
    return tf.reshape(values, [-1] + [1] * (len(like.shape) - 1))
