"""VarMixup: the vicinity in the latent space of a variational autoencoder."""

import keras
import tensorflow as tf

from tf_varmixup.images import as_float

from .latent import LatentVicinity
from .pairwise import PairwiseVicinity, interpolate


@keras.saving.register_keras_serializable(package="tf_varmixup")
class VarMixup(LatentVicinity, PairwiseVicinity):
    """Pictures decoded from latents that are interpolated linearly; labels interpolated with the
    same weight.

    z' = lambda z_i + (1 - lambda) z_j,  x' = decode(z'),  y' = lambda y_i + (1 - lambda) y_j.

    Args:
        autoencoder: model with `posterior(images)` and `decode(latents)`, trained before. It is set
            untrainable.
        latents: `"mean"` mixes the posterior's means, `"sample"` draws from it.
        alpha: positive number, both parameters of the mixing weight's Beta distribution.
        lambda_per: `"picture"` or `"batch"`, what each mixing weight is drawn for.
        clean_share: share in [0, 1) of the batch that stays as it is, pictures and labels; the
            others are mixed among themselves. The first rows are kept, so the batch must be
            shuffled.

    Raises:
        ValueError: for a bad number or word, or a model that cannot encode and decode.

    Example:
        >>> images, labels = VarMixup(autoencoder, alpha=1.0).sample(images, labels, seed)

    Source: "On the Benefits of Defining Vicinal Distributions in Latent Space", arXiv 2003.06566.
    """

    method = "varmixup"

    def __init__(
        self,
        autoencoder,
        latents="mean",
        alpha=1.0,
        lambda_per="picture",
        clean_share=0.0,
        **kwargs,
    ):
        super().__init__(
            autoencoder=autoencoder, latents=latents, alpha=alpha, lambda_per=lambda_per, **kwargs
        )
        if not 0.0 <= clean_share < 1.0:
            raise ValueError(f"clean_share must lie in [0, 1), received {clean_share!r}.")
        self.clean_share = float(clean_share)

    def sample(self, images, labels, seed):
        if self.clean_share == 0.0:
            return super().sample(images, labels, seed)
        labels = tf.cast(labels, tf.float32)
        count = tf.shape(images)[0]
        clean = tf.cast(tf.round(self.clean_share * tf.cast(count, tf.float32)), tf.int32)
        # Some processors' convolutions give wrong shapes for no pictures, so one that is to stay
        # may be mixed and dropped.
        first = tf.maximum(tf.minimum(clean, count - 1), 0)
        mixed_images, mixed_labels = (
            values[clean - first :]
            for values in super().sample(images[first:], labels[first:], seed)
        )
        return tf.concat([as_float(images[:clean]), mixed_images], 0), tf.concat(
            [labels[:clean], mixed_labels], 0
        )

    def mix(self, images, labels, weights, partners, seed):
        latents = interpolate(self.encode(images, seed), weights, partners)
        return self.autoencoder.decode(latents), interpolate(labels, weights, partners)

    def get_config(self):
        return {**super().get_config(), "clean_share": self.clean_share}
