"""The variational autoencoder whose latent space the vicinity is defined in."""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tf_varmixup import draws
from tf_varmixup.divergence import kl_divergence, maximum_mean_discrepancy
from tf_varmixup.images import as_float
from tf_varmixup.metrics.active_units import ActiveUnits

from .autoencoder_networks import decoder_network, encoder_network, latent_shape

tfd = tfp.distributions

OBJECTIVES = ("elbo", "mmd")


@keras.saving.register_keras_serializable(package="tf_varmixup")
class VariationalAutoencoder(keras.Model):
    """Convolutional variational autoencoder with TensorFlow Probability distributions.

    The posterior q(z|x) and the prior p(z) are diagonal Gaussians, the likelihood p(x|z) a Gaussian
    of fixed standard deviation around the
    decoder's output. Only tensors cross a Keras boundary: `call` returns them, the methods
        `posterior` and `likelihood` wrap them into
    distributions. Train it with `compile(optimizer)` and `fit` on pictures; labels that come with
    them are ignored.

    Objectives, both minimised, in nats a picture:

    - `"elbo"`: -E_q log p(x|z) + kl_weight KL(q(z|x) || p(z));
    - `"mmd"`: -E_q log p(x|z) + mmd_weight MMD(q(z) || p(z)), InfoVAE with the mutual information
      fully kept (its alpha 1).

    Logged: `loss`, `log_likelihood` and `kl` (nats a picture), `mmd`, `mse` and `psnr` (dB) of
        pictures in [0, 1], `active_units`.

    Args:
        image_shape: `(H, W, C)` with H and W from 8 to 64 and C 1 or 3.
        latent: `"spatial"`, a map at a quarter of the resolution, or `"flat"`, a vector.
        latent_size: channels of the map (default 8) or length of the vector (default 128).
        width: channels of the hidden layers.
        blocks: residual blocks in the decoder. The encoder has half as many, rounded up: more of
            them gain nothing there.
        objective: `"elbo"` or `"mmd"`.
        kl_weight: weight of the KL divergence (beta of the beta-VAE).
        mmd_weight: weight of the MMD. None makes the objective proportional to the mean squared
            error plus the MMD, as in the reference code of InfoVAE.
        likelihood_scale: standard deviation of p(x|z), in units of pictures in [0, 1].
        seed: Python integer, the seed of the draws in training.

    Raises:
        ValueError: for a shape outside these bounds, an unknown latent or objective, or a number
            that is not positive.

    Example:
        >>> autoencoder = VariationalAutoencoder((32, 32, 3))
        >>> autoencoder.compile(keras.optimizers.Adam(2e-3))
        >>> autoencoder.fit(images, batch_size=256, epochs=6)
        >>> autoencoder.posterior(images).mean().shape
        TensorShape([256, 8, 8, 8])

    Source: Kingma and Welling, arXiv 1312.6114; Higgins et al., beta-VAE, ICLR 2017; Zhao et al.,
        InfoVAE, arXiv 1706.02262.
    """

    def __init__(
        self,
        image_shape=(32, 32, 3),
        latent="spatial",
        latent_size=None,
        width=64,
        blocks=2,
        objective="elbo",
        kl_weight=1.0,
        mmd_weight=None,
        likelihood_scale=0.05,
        seed=0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if objective not in OBJECTIVES:
            raise ValueError(
                f"objective must be one of {', '.join(OBJECTIVES)}, received {objective!r}."
            )
        numbers = {"width": width, "blocks": blocks, "likelihood_scale": likelihood_scale}
        if mmd_weight is not None:
            numbers["mmd_weight"] = mmd_weight
        for name, value in numbers.items():
            if not value > 0:
                raise ValueError(f"{name} must be positive, received {value!r}.")
        if not kl_weight >= 0:
            raise ValueError(f"kl_weight must not be negative, received {kl_weight!r}.")
        self.image_shape = tuple(int(size) for size in image_shape)
        self.latent = latent
        self.latent_size = latent_size
        self.width = int(width)
        self.blocks = int(blocks)
        self.objective = objective
        self.kl_weight = float(kl_weight)
        self.mmd_weight = mmd_weight
        self.likelihood_scale = float(likelihood_scale)
        self.seed = int(seed)

        # Layers. The networks carry the dtype policy; what leaves them is float32.
        self.latent_shape = latent_shape(self.image_shape, latent, latent_size)
        self.encoder = encoder_network(
            self.image_shape, self.latent_shape, self.width, -(-self.blocks // 2), self.dtype_policy
        )
        self.decoder = decoder_network(
            self.image_shape, self.latent_shape, self.width, self.blocks, self.dtype_policy
        )
        self.step = self.add_weight(
            name="step",
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )

        # Measures.
        self.log_likelihood_tracker = keras.metrics.Mean(name="log_likelihood", dtype="float32")
        self.kl_tracker = keras.metrics.Mean(name="kl", dtype="float32")
        self.mmd_tracker = keras.metrics.Mean(name="mmd", dtype="float32")
        self.mse_tracker = keras.metrics.Mean(name="mse", dtype="float32")
        self.psnr_tracker = keras.metrics.Mean(name="psnr", dtype="float32")
        self.active_units_tracker = ActiveUnits(
            latent_size=tf.TensorShape(self.latent_shape).num_elements()
        )
        self.built = True

    @property
    def prior(self):
        """The prior p(z), a standard Gaussian over latents, as a
        `tfp.distributions.Distribution`."""
        return self._gaussian(tf.zeros(self.latent_shape), tf.ones(self.latent_shape))

    def posterior(self, images):
        """Return q(z|x), a distribution over latents with batch shape `(B,)`, for pictures `(B, H,
        W, C)`, `uint8` or in [0, 1]."""
        return self._gaussian(*self._posterior_statistics(images))

    def likelihood(self, latents):
        """Return p(x|z), a distribution over pictures with batch shape `(B,)`, for latents `(B,
        *latent_shape)`."""
        mean = self.decoder(latents)
        return self._gaussian(mean, tf.fill(tf.shape(mean), self.likelihood_scale))

    def encode(self, images):
        """Return the posterior's means, `float32 (B, *latent_shape)`, of pictures `(B, H, W, C)`,
        `uint8` or in [0, 1]."""
        return self._posterior_statistics(images)[0]

    def decode(self, latents):
        """Return the likelihood's means as pictures, `float32 (B, H, W, C)` clipped to [0, 1], of
        latents `(B, *latent_shape)`."""
        return tf.clip_by_value(self.decoder(latents), 0.0, 1.0)

    def reconstruct(self, images):
        """Decode the posterior's means of pictures `(B, H, W, C)`: `float32` pictures of the same
        shape in [0, 1]."""
        return self.decode(self.encode(images))

    def sample(self, count, seed=0):
        """Decode `count` draws of the prior: `float32` pictures `(count, H, W, C)` in [0, 1];
        `seed` is a Python integer."""
        return self.decode(self.prior.sample(count, seed=draws.run_seed(seed)))

    def interpolate(self, first, second, steps):
        """Decode points on the straight lines between the posterior means of pairs of pictures.

        Args:
            first: pictures `(B, H, W, C)`, where each line starts.
            second: pictures `(B, H, W, C)`, where it ends.
            steps: number of points on each line, both ends included; at least 2.

        Returns:
            `float32` pictures `(B, steps, H, W, C)` in [0, 1].

        Example:
            >>> autoencoder.interpolate(images[:8], images[8:16], steps=9)
        """
        if steps < 2:
            raise ValueError(f"steps must be at least 2, received {steps!r}.")
        start, end = self.encode(first)[:, None], self.encode(second)[:, None]
        share = tf.reshape(tf.linspace(0.0, 1.0, steps), (1, steps) + (1,) * len(self.latent_shape))
        points = tf.reshape((1.0 - share) * start + share * end, (-1, *self.latent_shape))
        return tf.reshape(self.decode(points), (-1, steps, *self.image_shape))

    def call(self, images, training=False):
        """Encode and decode pictures `(B, H, W, C)`.

        Returns:
            A dict of `float32` tensors: `mean` and `stddev` of the posterior, `latents` (drawn from
                it in training, its mean otherwise) and
            `reconstruction`, the decoder's output for them.
        """
        mean, stddev = self._posterior_statistics(images)
        latents = mean
        if training:
            seed = draws.fold(
                draws.run_seed(self.seed), tf.convert_to_tensor(self.step), draws.replica_id()
            )
            latents = mean + stddev * draws.normals(tf.shape(mean), seed)
        return {
            "mean": mean,
            "stddev": stddev,
            "latents": latents,
            "reconstruction": self.decoder(latents),
        }

    def train_step(self, data):
        """One step of Keras' own, on the pictures alone, with draws of its own."""
        logs = super().train_step((_pictures(data),))
        self.step.assign_add(1)
        return logs

    def test_step(self, data):
        """One step of Keras' own, on the pictures alone; the expectation over the posterior is
        taken at its mean."""
        return super().test_step((_pictures(data),))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the objective, averaged over the pictures, and update the measures."""
        images = as_float(x)
        posterior = self._gaussian(y_pred["mean"], y_pred["stddev"])
        reconstruction = y_pred["reconstruction"]
        likelihood = self._gaussian(
            reconstruction, tf.fill(tf.shape(reconstruction), self.likelihood_scale)
        )
        log_likelihood = likelihood.log_prob(images)
        divergence = kl_divergence(posterior, self.prior)
        seed = draws.fold(
            draws.run_seed(self.seed), tf.convert_to_tensor(self.step), draws.replica_id(), 1
        )
        discrepancy = maximum_mean_discrepancy(
            y_pred["latents"], self.prior.sample(tf.shape(images)[0], seed=seed)
        )
        if self.objective == "elbo":
            loss = tf.reduce_mean(self.kl_weight * divergence - log_likelihood)
        else:
            loss = self._resolved_mmd_weight() * discrepancy - tf.reduce_mean(log_likelihood)

        mse = tf.reduce_mean((tf.clip_by_value(reconstruction, 0.0, 1.0) - images) ** 2, (1, 2, 3))
        self.log_likelihood_tracker.update_state(log_likelihood)
        self.kl_tracker.update_state(divergence)
        self.mmd_tracker.update_state(discrepancy)
        self.mse_tracker.update_state(mse)
        self.psnr_tracker.update_state(
            -10.0 * tf.math.log(tf.maximum(mse, 1e-12)) / tf.math.log(10.0)
        )
        self.active_units_tracker.update_state(y_pred["mean"])
        return loss

    def get_config(self):
        names = "image_shape latent latent_size width blocks objective kl_weight mmd_weight likelihood_scale seed".split()
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def _posterior_statistics(self, images):
        statistics = self.encoder(as_float(images))
        mean, log_stddev = tf.split(statistics, 2, axis=-1)
        return mean, tf.exp(tf.clip_by_value(log_stddev, -7.0, 2.0))

    def _gaussian(self, mean, stddev):
        return tfd.Independent(
            tfd.Normal(mean, stddev),
            reinterpreted_batch_ndims=len(mean.shape)
            - (0 if mean.shape == self.latent_shape else 1),
        )

    def _resolved_mmd_weight(self):
        if self.mmd_weight is not None:
            return float(self.mmd_weight)
        return tf.TensorShape(self.image_shape).num_elements() / (2.0 * self.likelihood_scale**2)


def _pictures(data):
    """Return the pictures of a batch that may also hold labels and weights."""
    return keras.utils.unpack_x_y_sample_weight(data)[0]
