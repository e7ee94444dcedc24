"""A Keras model with an encoder and a decoder, seen as distributions and as images in 0..255."""

from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tf_varmixup import draws
from tf_varmixup.checks import check_count
from tf_varmixup.data.first_batch import check_first_batch
from tf_varmixup.image_model import ImageModel
from tf_varmixup.images import check_images, from_unit, to_unit


class LatentModel(ImageModel):
    """Abstract base of autoencoders with Gaussian posterior, prior and likelihood.

    Images are in 0..255 outside and in [0, 1] inside, where the networks and the likelihood are.
    Only tensors cross a Keras boundary; `prior`, `posterior` and `likelihood` wrap them into
    `tfp.distributions`.

    Attributes:
        image_shape: `(H, W, C)`.
        latent_shape: Shape of a latent.
        likelihood_scale: Standard deviation of p(x|z), in units of images in [0, 1].
        encoder: Keras model from `float32 (B, H, W, C)` in [0, 1] to means and logarithms of
            standard deviations, concatenated on the last axis.
        decoder: Keras model from `float32 (B, *latent_shape)` to `float32 (B, H, W, C)`.

    Example:
        >>> from models import VariationalAutoencoder
        >>> autoencoder = VariationalAutoencoder((8, 8, 1), width=8)
        >>> images = np.full((2, 8, 8, 1), 200, "uint8")
        >>> autoencoder.decode(autoencoder.posterior(images).sample(seed=(1, 2))).shape
        TensorShape([2, 8, 8, 1])
        >>> autoencoder.interpolate(images[:1], images[1:], steps=5).shape
        TensorShape([1, 5, 8, 8, 1])
    """

    image_shape: tuple[int, int, int]
    latent_shape: tuple[int, ...]
    likelihood_scale: float
    encoder: keras.Model
    decoder: keras.Model

    @property
    def prior(self) -> tfp.distributions.Distribution:
        """The prior p(z), a standard Gaussian over latents of event shape `latent_shape`."""
        return gaussian(tf.zeros(self.latent_shape), tf.ones(self.latent_shape), self.latent_shape)

    def posterior(self, images: Any) -> tfp.distributions.Distribution:
        """Return the posterior q(z|x), a Gaussian over latents.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.

        Returns:
            A `tfp.distributions.Distribution` with batch shape `(B,)`, event shape `latent_shape`.

        Raises:
            ValueError: If the images are of another type or shape.
        """
        return gaussian(*self.posterior_statistics(images), self.latent_shape)

    def likelihood(self, latents: Any) -> tfp.distributions.Distribution:
        """Return the likelihood p(x|z), a Gaussian over images in [0, 1], the unit of its scale.

        Args:
            latents: `float32 (B, *latent_shape)`.

        Returns:
            A `tfp.distributions.Distribution` with batch shape `(B,)`, event shape `(H, W, C)`. Its
            `log_prob` takes `tf_varmixup.images.to_unit(images)`.
        """
        return self.likelihood_around(self.decoder(latents))

    def encode(self, images: Any) -> tf.Tensor:
        """Return the posterior's means.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.

        Returns:
            A `float32` tensor `(B, *latent_shape)`.

        Raises:
            ValueError: If the images are of another type or shape.
        """
        return self.posterior_statistics(images)[0]

    def decode(self, latents: Any) -> tf.Tensor:
        """Return the likelihood's means as images.

        Args:
            latents: `float32 (B, *latent_shape)`.

        Returns:
            A `float32` tensor `(B, H, W, C)` in 0..255.
        """
        return from_unit(self.decoder(latents))

    def reconstruct(self, images: Any) -> tf.Tensor:
        """Decode the posterior's means of images.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.

        Returns:
            A `float32` tensor `(B, H, W, C)` in 0..255.
        """
        return self.decode(self.encode(images))

    def sample(self, count: int, seed: int = 0) -> tf.Tensor:
        """Decode draws from the prior.

        Args:
            count: Number of draws.
            seed: Python integer; the same one gives the same draws, with and without XLA.

        Returns:
            A `float32` tensor `(count, H, W, C)` in 0..255.

        Raises:
            ValueError: If `count` is not a positive integer.
        """
        shape = (check_count("count", count), *self.latent_shape)
        return self.decode(draws.normals(shape, draws.run_seed(seed)))

    def interpolate(self, first: Any, second: Any, steps: int) -> tf.Tensor:
        """Decode points on the straight lines between the posterior means of pairs of images.

        Args:
            first: Images `(B, H, W, C)` in 0..255, where each line starts.
            second: Images `(B, H, W, C)` in 0..255, where it ends.
            steps: Number of points on each line, both ends included; at least 2.

        Returns:
            A `float32` tensor `(B, steps, H, W, C)` in 0..255.

        Raises:
            ValueError: If `steps` is not an integer of at least 2.
        """
        steps = check_count("steps", steps, smallest=2)
        start, end = self.encode(first)[:, None], self.encode(second)[:, None]
        share = tf.reshape(tf.linspace(0.0, 1.0, steps), (1, steps) + (1,) * len(self.latent_shape))
        points = tf.reshape((1.0 - share) * start + share * end, (-1, *self.latent_shape))
        return tf.reshape(self.decode(points), (-1, steps, *self.image_shape))

    def fit(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Fit as Keras does, once the first batch was found to be one of images in 0..255."""
        check_first_batch(x, y, image_shape=self.image_shape)
        # Keras drops the weights of images without labels.
        check_unweighted(**{name: kwargs.get(name) for name in ("sample_weight", "class_weight")})
        return super().fit(x, y, *args, **kwargs)

    def posterior_statistics(self, images: Any) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the posterior's means and standard deviations.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.

        Returns:
            Two `float32` tensors `(B, *latent_shape)`.
        """
        check_images(images, self.image_shape)
        mean, log_stddev = tf.split(self.encoder(to_unit(images)), 2, axis=-1)
        return mean, tf.exp(tf.clip_by_value(log_stddev, -7.0, 2.0))

    def likelihood_around(self, mean: tf.Tensor) -> tfp.distributions.Distribution:
        """Return p(x|z) by its mean, `float32 (B, H, W, C)` in [0, 1], as the decoder gives it."""
        return gaussian(mean, tf.fill(tf.shape(mean), self.likelihood_scale), self.image_shape)


def check_unweighted(**weights: Any) -> None:
    """Raise ValueError if images come with weights, which no objective here weights them by.

    Args:
        **weights: Weights by what they are called; None where there are none.

    Raises:
        ValueError: If there are any.

    Example:
        >>> check_unweighted(sample_weight=None)
    """
    for name, given in weights.items():
        if given is not None:
            raise ValueError(
                f"Expected images without {name}, which the autoencoder does not weight them by. "
                f"Received: {type(given).__name__}."
            )


def gaussian(
    mean: tf.Tensor, stddev: tf.Tensor, event_shape: tuple[int, ...]
) -> tfp.distributions.Distribution:
    """Return a Gaussian with a diagonal covariance.

    Args:
        mean: `float32 (..., *event_shape)`.
        stddev: Standard deviations of the same shape.
        event_shape: Shape of a draw.

    Returns:
        A `tfp.distributions.Distribution`.

    Example:
        >>> gaussian(tf.zeros((4, 2, 3)), tf.ones((4, 2, 3)), (2, 3)).batch_shape
        TensorShape([4])
    """
    normal = tfp.distributions.Normal(mean, stddev)
    return tfp.distributions.Independent(normal, reinterpreted_batch_ndims=len(event_shape))
