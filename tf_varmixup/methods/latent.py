"""Vicinities that need an autoencoder."""

from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import Positive, check_applies, check_choice, check_positive
from tf_varmixup.methods.noise import FIXED_OR_UNIFORM, per_image
from tf_varmixup.methods.vicinal_distribution import VicinalDistribution

LATENTS = ("mean", "sample")


class LatentVicinity(VicinalDistribution):
    """A vicinity that holds an autoencoder, trained before and frozen.

    Args:
        autoencoder: Keras model with the methods `posterior(images)`, returning a Gaussian of
            `tfp.distributions`, and `decode(latents)`, returning images; both in 0..255. It is
            set untrainable, and saved with the vicinity.
        latents: `"mean"` takes the posterior's mean as an image's latent, `"sample"` a draw from
            it.
        temperature: Factor of the posterior's standard deviation where latents are drawn from it.
        temperature_draw: Whether each image's draw has that temperature, or one drawn uniformly up
            to it.

    Raises:
        ValueError: If the model lacks one of the methods, the temperature is not positive, or a
            word unknown.
    """

    def __init__(
        self,
        autoencoder: keras.Model,
        latents: Literal["mean", "sample"] = "mean",
        temperature: Positive = 1.0,
        temperature_draw: Literal["fixed", "uniform"] = "fixed",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        needed = ("posterior", "decode")
        missing = [name for name in needed if not callable(getattr(autoencoder, name, None))]
        if missing:
            raise ValueError(
                "Expected an autoencoder with the methods posterior and decode. "
                f"Received: {type(autoencoder).__name__}, which lacks {' and '.join(missing)}."
            )
        self.latents = check_choice("latents", latents, LATENTS)
        self.temperature = check_positive("temperature", temperature)
        self.temperature_draw = check_choice("temperature_draw", temperature_draw, FIXED_OR_UNIFORM)
        # An autoencoder that was saved frozen loads frozen with networks that are not, and Keras
        # skips assigning what is already there.
        autoencoder.trainable = True
        autoencoder.trainable = False
        self.autoencoder = autoencoder

    @property
    def trainable(self) -> bool:
        """False: the autoencoder stays as it is when a classifier around it is made trainable."""
        return False

    @trainable.setter
    def trainable(self, value: bool) -> None:
        pass

    def check_temperature_applies(self, drawn: bool = False) -> None:
        """Raise ValueError if there is a temperature and no latent is drawn.

        Args:
            drawn: Whether some are drawn although `latents` is `"mean"`.
        """
        drawn = drawn or self.latents == "sample"
        where = "where latents are drawn (latents 'sample')"
        check_applies("temperature", self.temperature, 1.0, drawn, where)
        check_applies("temperature_draw", self.temperature_draw, "fixed", drawn, where)

    def encode(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Return the latents of images, the posterior's mean or a draw from it.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.
            seed: `int32 (2,)`, what draws are made from.

        Returns:
            A `float32` tensor `(B, *latent_shape)`.
        """
        posterior = self.autoencoder.posterior(images)
        return posterior.mean() if self.latents == "mean" else self.draw_latents(posterior, seed)

    def draw_latents(self, posterior: Any, seed: tf.Tensor) -> tf.Tensor:
        """Return draws from a posterior at the method's temperature.

        Args:
            posterior: Gaussian of `tfp.distributions`, as the autoencoder returns it.
            seed: `int32 (2,)`.

        Returns:
            A `float32` tensor `(B, *latent_shape)`.
        """
        mean = posterior.mean()
        # Folded in, so that draws of temperature 1 are those that they were without temperatures.
        scale = per_image(self.temperature, self.temperature_draw, mean, draws.fold(seed, 1))
        return mean + scale * posterior.stddev() * draws.normals(tf.shape(mean), seed)

    def reconstruct(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Return the images decoded from the latents of images, `float32` in 0..255."""
        return self.autoencoder.decode(self.encode(images, seed))
