"""Vicinities that need an autoencoder."""

from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import check_choice
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

    Raises:
        ValueError: If the model lacks one of the methods, or `latents` is unknown.
    """

    def __init__(
        self,
        autoencoder: keras.Model,
        latents: Literal["mean", "sample"] = "mean",
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

    def encode(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Return the latents of images, the posterior's mean or a draw from it.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.
            seed: `int32 (2,)`, what draws are made from.

        Returns:
            A `float32` tensor `(B, *latent_shape)`.
        """
        posterior = self.autoencoder.posterior(images)
        mean = posterior.mean()
        if self.latents == "mean":
            return mean
        return mean + posterior.stddev() * draws.normals(tf.shape(mean), seed)

    def reconstruct(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Return the images decoded from the latents of images, `float32` in 0..255."""
        return self.autoencoder.decode(self.encode(images, seed))
