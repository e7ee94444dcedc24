"""The variational autoencoder whose latent space the vicinity is defined in."""

import inspect
import math
from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import (
    check_choice,
    check_count,
    check_fraction,
    check_positive,
    check_seed,
)
from tf_varmixup.images import check_images, from_unit, to_unit

from .active_units import ActiveUnits
from .arguments import check_image_shape
from .autoencoder_networks import decoder_network, encoder_network, latent_shape
from .divergence import kl_divergence, maximum_mean_discrepancy
from .latent_model import LatentModel, check_unweighted, gaussian
from .reconstruction_attack import reconstruction_attack
from .replicas import scaled_for_replicas

OBJECTIVES = ("elbo", "mmd")


@keras.saving.register_keras_serializable(package="tf_varmixup")
class VariationalAutoencoder(LatentModel):
    """Convolutional variational autoencoder with TensorFlow Probability distributions.

    The posterior q(z|x) and the prior p(z) are diagonal Gaussians, the likelihood p(x|z) a Gaussian
    of fixed standard deviation around the decoder's output. Train it with `compile(optimizer)` and
    `fit` on images in 0..255; labels that come with them are ignored.

    Objectives, both minimized, in nats per image:

    - `"elbo"`: -E_q log p(x|z) + kl_weight KL(q(z|x) || p(z));
    - `"mmd"`: -E_q log p(x|z) + mmd_weight MMD(q(z) || p(z)), InfoVAE with the mutual information
      fully kept (its alpha 1).

    Logged: `loss`, `log_likelihood` and `kl` (nats per image), `mse` and `psnr` (dB) of images in
    [0, 1], `active_units`, and `mmd` where it is the objective.

    Args:
        image_shape: `(H, W, C)` with H and W of at least 8 and C 1 or 3.
        latent: `"spatial"`, a map at a quarter of the resolution (an eighth of more than 64 x 64
            pixels, a sixteenth of more than 128 x 128); `"circles"`, such a map of which only the
            direction of each pair of channels is decoded, so that a straight line is decoded as an
            arc; or `"flat"`, a vector.
        latent_size: Channels of the map (default 8, and 16 and 32 of larger images; twice as many
            of circles) or length of the vector (default 128).
        width: Channels of the hidden layers at a quarter of the resolution, twice and four times as
            many below it. A multiple of 4 where the latent is flat.
        blocks: Residual blocks in the decoder. The encoder has half as many, rounded up: more of
            them gain nothing there.
        objective: `"elbo"` or `"mmd"`.
        kl_weight: Weight of the KL divergence (beta of the beta-VAE), 0 or more.
        mmd_weight: Weight of the MMD. None makes the objective proportional to the mean squared
            error plus the MMD, as in the reference code of InfoVAE.
        likelihood_scale: Standard deviation of p(x|z), in units of images in [0, 1].
        seed: Python integer, the seed of the draws in training.
        adversarial_radius: Where above 0, training images are perturbed within this distance per
            value, in units of images in [0, 1], so that the squared error of their reconstruction
            rises most, and the clean images are to be reconstructed from them.

    Raises:
        ValueError: For a shape, word or number outside these bounds.

    Example:
        >>> autoencoder = VariationalAutoencoder((8, 8, 1), width=8)
        >>> autoencoder.compile(keras.optimizers.Adam(2e-3))
        >>> images = np.random.default_rng(0).integers(0, 256, (16, 8, 8, 1), "uint8")
        >>> history = autoencoder.fit(images, batch_size=8, verbose=0)
        >>> autoencoder.posterior(images).mean().shape
        TensorShape([16, 2, 2, 8])

    Source:
        Kingma and Welling, arXiv 1312.6114; Higgins et al., beta-VAE, ICLR 2017; Zhao et al.,
        InfoVAE, arXiv 1706.02262. Directions as latents: Davidson et al., arXiv 1804.00891, whose
        posterior lies on one sphere; here it is Gaussian around many circles.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (32, 32, 3),
        latent: Literal["spatial", "flat", "circles"] = "spatial",
        latent_size: int | None = None,
        width: int = 64,
        blocks: int = 2,
        objective: Literal["elbo", "mmd"] = "elbo",
        kl_weight: float = 1.0,
        mmd_weight: float | None = None,
        likelihood_scale: float = 0.05,
        seed: int = 0,
        adversarial_radius: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.latent_shape = latent_shape(image_shape, latent, latent_size)
        self.image_shape = check_image_shape(image_shape)
        self.latent, self.latent_size = latent, latent_size
        self.width = check_count("width", width)
        self.blocks = check_count("blocks", blocks)
        self.objective = check_choice("objective", objective, OBJECTIVES)
        self.kl_weight = float(kl_weight)
        self.mmd_weight = None if mmd_weight is None else check_positive("mmd_weight", mmd_weight)
        self.likelihood_scale = check_positive("likelihood_scale", likelihood_scale)
        self.seed = check_seed(seed)
        self.adversarial_radius = check_fraction("adversarial_radius", adversarial_radius)
        if not 0.0 <= self.kl_weight < math.inf:
            raise ValueError(f"Expected kl_weight to be at least 0. Received: {kl_weight!r}.")

        # The networks carry the dtype policy; what leaves them is float32.
        shapes = self.image_shape, self.latent_shape, self.width
        self.encoder = encoder_network(*shapes, math.ceil(self.blocks / 2), self.dtype_policy)
        self.decoder = decoder_network(
            *shapes, self.blocks, self.dtype_policy, circles=latent == "circles"
        )
        self.step = self.add_weight(
            name="step",
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )

        # Each an attribute of its own, which is where files of version 0.1 have them.
        self.log_likelihood_tracker = keras.metrics.Mean(name="log_likelihood", dtype="float32")
        self.kl_tracker = keras.metrics.Mean(name="kl", dtype="float32")
        if self.objective == "mmd":
            self.mmd_tracker = keras.metrics.Mean(name="mmd", dtype="float32")
        self.mse_tracker = keras.metrics.Mean(name="mse", dtype="float32")
        self.psnr_tracker = keras.metrics.Mean(name="psnr", dtype="float32")
        self.active_units_tracker = ActiveUnits(latent_size=math.prod(self.latent_shape))
        self.built = True

    def call(self, images: Any, training: bool = False) -> dict[str, tf.Tensor]:
        """Encode and decode images `(B, H, W, C)` in 0..255.

        Returns:
            A dict of `float32` tensors: `mean` and `stddev` of the posterior, `latents` (drawn from
            it in training, its mean otherwise), `likelihood_mean` (the decoder's output for them,
            around [0, 1], not clipped) and `reconstruction` (the same as images in 0..255).
        """
        mean, stddev = self.posterior_statistics(images)
        latents = mean
        if training:
            latents = mean + stddev * draws.normals(tf.shape(mean), self._step_seed())
        decoded = self.decoder(latents)
        return {
            "mean": mean,
            "stddev": stddev,
            "latents": latents,
            "likelihood_mean": decoded,
            "reconstruction": from_unit(decoded),
        }

    def train_step(self, data: Any) -> dict[str, Any]:
        """Take Keras' own step, on the images alone, with draws of this step and replica."""
        images = self._images(data)
        if self.adversarial_radius > 0.0:
            seed = draws.fold(self._step_seed(), 2)
            attacked = reconstruction_attack(self, images, self.adversarial_radius, seed)
            logs = super().train_step((attacked, images))
        else:
            logs = super().train_step((images,))
        self.step.assign_add(1)
        return logs

    def test_step(self, data: Any) -> dict[str, Any]:
        """Take Keras' own step, on the images alone, at the posterior's mean."""
        return super().test_step((self._images(data),))

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Return the objective, averaged over the images, of `y` or, without it, of `x`."""
        images, mean = to_unit(x if y is None else y), y_pred["likelihood_mean"]
        log_likelihood = self.likelihood_around(mean).log_prob(images)
        posterior = gaussian(y_pred["mean"], y_pred["stddev"], self.latent_shape)
        divergence = kl_divergence(posterior, self.prior)
        if self.objective == "elbo":
            loss = tf.reduce_mean(self.kl_weight * divergence - log_likelihood)
        else:
            latents = y_pred["latents"]
            samples = draws.normals(tf.shape(latents), draws.fold(self._step_seed(), 1))
            discrepancy = maximum_mean_discrepancy(latents, samples)
            self.mmd_tracker.update_state(discrepancy)
            weight = self.mmd_weight
            if weight is None:
                weight = math.prod(self.image_shape) / (2.0 * self.likelihood_scale**2)
            loss = weight * discrepancy - tf.reduce_mean(log_likelihood)

        mse = tf.reduce_mean((tf.clip_by_value(mean, 0.0, 1.0) - images) ** 2, (1, 2, 3))
        psnr = -10.0 * tf.math.log(tf.maximum(mse, 1e-12)) / tf.math.log(10.0)
        self.log_likelihood_tracker.update_state(log_likelihood)
        self.kl_tracker.update_state(divergence)
        self.mse_tracker.update_state(mse)
        self.psnr_tracker.update_state(psnr)
        self.active_units_tracker.update_state(y_pred["mean"])
        return scaled_for_replicas(loss, tf.shape(images)[0])

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments for Keras to save."""
        names = [name for name in inspect.signature(type(self)).parameters if name != "kwargs"]
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def _images(self, data: Any) -> Any:
        """Return the images of a batch that may also hold labels."""
        images, _, weights = keras.utils.unpack_x_y_sample_weight(data)
        check_unweighted(weights=weights)
        check_images(images, self.image_shape)
        return images

    def _step_seed(self) -> tf.Tensor:
        run = draws.run_seed(self.seed)
        return draws.fold(run, tf.convert_to_tensor(self.step), draws.replica_id())
