"""Vicinities that need an autoencoder."""

import keras
import tensorflow as tf

from tf_varmixup import draws

from .vicinal_distribution import VicinalDistribution

LATENTS = ("mean", "sample")


class LatentVicinity(VicinalDistribution):
    """A vicinity that holds an autoencoder, trained before and frozen.

    Args:
        autoencoder: Keras model with the methods `posterior(images)`, returning a Gaussian of
            `tfp.distributions`, and `decode(latents)`. It is set untrainable, and saved with the
            vicinity.
        latents: `"mean"` takes the posterior's mean as a picture's latent, `"sample"` a draw from
            it.

    Raises:
        ValueError: for a model that lacks one of the methods, or an unknown `latents`.
    """

    def __init__(self, autoencoder, latents="mean", **kwargs):
        super().__init__(**kwargs)
        missing = [
            name
            for name in ("posterior", "decode")
            if not callable(getattr(autoencoder, name, None))
        ]
        if missing:
            raise ValueError(
                f"the autoencoder must have the methods posterior and decode; {type(autoencoder).__name__} lacks {' and '.join(missing)}."
            )
        if latents not in LATENTS:
            raise ValueError(f"latents must be one of {', '.join(LATENTS)}, received {latents!r}.")
        # An autoencoder that was saved frozen loads frozen with networks that are not, and Keras
        # skips assigning what is already there.
        autoencoder.trainable = True
        autoencoder.trainable = False
        self.autoencoder = autoencoder
        self.latents = latents

    @property
    def trainable(self):
        """False: the autoencoder was trained before, and stays as it is when a classifier around it
        is made trainable again."""
        return False

    @trainable.setter
    def trainable(self, value):
        pass

    def encode(self, images, seed):
        """Return the latents of pictures `(B, H, W, C)`, `float32 (B, *latent_shape)`; `seed`
        counts where they are drawn."""
        posterior = self.autoencoder.posterior(images)
        mean = posterior.mean()
        if self.latents == "mean":
            return mean
        return mean + posterior.stddev() * draws.normals(tf.shape(mean), seed)

    def reconstruct(self, images, seed):
        """Return the pictures decoded from the latents of pictures `(B, H, W, C)`, `float32` in [0,
        1]."""
        return self.autoencoder.decode(self.encode(images, seed))

    def get_config(self):
        return {
            **super().get_config(),
            "autoencoder": keras.saving.serialize_keras_object(self.autoencoder),
            "latents": self.latents,
        }

    @classmethod
    def from_config(cls, config):
        autoencoder = keras.saving.deserialize_keras_object(config["autoencoder"])
        return cls(**{**config, "autoencoder": autoencoder})
