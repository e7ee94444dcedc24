"""Autoencoders that were tried for lines that leave pixel space, for `latent_tries.py`.

Each is the library's own with one more term in its objective, or with other networks. `latents`
are what is mixed, as in the library: those of the flow are where its prior is Gaussian.
"""

import math

import keras
import tensorflow as tf
import tensorflow_probability as tfp
from keras import layers

from models import VariationalAutoencoder
from models.autoencoder_networks import decoder_network, encoder_network
from models.latent_model import LatentModel, gaussian
from tf_varmixup import VarMixup, draws
from tf_varmixup.images import from_unit, to_unit

tfb, tfd = tfp.bijectors, tfp.distributions


class Blocks(LatentModel):
    """No autoencoder, for comparison: latents are averages of blocks of pixels, around zero."""

    def __init__(self, image_shape, block):
        super().__init__()
        self.image_shape, self.likelihood_scale = image_shape, 1.0
        inputs = keras.Input(image_shape)
        mean = layers.Rescaling(1.0, -0.5)(layers.AveragePooling2D(block)(inputs))
        statistics = layers.Concatenate()([mean, layers.Rescaling(0.0)(mean)])
        self.encoder = keras.Model(inputs, statistics)
        self.latent_shape = mean.shape[1:]
        inputs = keras.Input(self.latent_shape)
        upsampled = layers.UpSampling2D(block, interpolation="bilinear")(inputs)
        self.decoder = keras.Model(inputs, layers.Rescaling(1.0, 0.5)(upsampled))
        self.built = True


class Extended(VariationalAutoencoder):
    """The library's autoencoder, with terms that subclasses add to its objective in training."""

    def train_step(self, data):
        """Take Keras' own step on images and labels."""
        logs = keras.Model.train_step(self, data)
        self.step.assign_add(1)
        return logs

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the objective, in nats per image."""
        loss = super().compute_loss(x, None, y_pred, sample_weight, training)
        return loss + self.term(to_unit(x), y, y_pred) if training else loss

    def term(self, images, labels, found):
        """Return what is added to the objective, for images in [0, 1] and what `call` returned."""
        return 0.0


class FreeBits(Extended):
    """No latent saves nats below some (Kingma et al., arXiv 1606.04934, appendix C.8)."""

    def __init__(self, nats=0.25, **kwargs):
        super().__init__(**kwargs)
        self.nats = nats

    def term(self, images, labels, found):
        """Add what the divergence of each latent, averaged over the images, lacks of the nats."""
        posterior = tfd.Normal(found["mean"], found["stddev"])
        each = tf.reduce_mean(tfd.kl_divergence(posterior, tfd.Normal(0.0, 1.0)), 0)
        own = tf.reduce_sum(tf.maximum(each, self.nats) - each)
        return super().term(images, labels, found) + own


class Classes(Extended):
    """Latents also predict the class, by a linear layer."""

    def __init__(self, weight=30.0, num_classes=10, **kwargs):
        super().__init__(**kwargs)
        self.weight = weight
        self.head = layers.Dense(num_classes)
        self.head.build((None, math.prod(self.latent_shape)))

    def term(self, images, labels, found):
        """Add the weighted negative log-likelihood of the label."""
        logits = self.head(tf.reshape(found["latents"], (-1, math.prod(self.latent_shape))))
        nll = tf.nn.softmax_cross_entropy_with_logits(labels, logits)
        return super().term(images, labels, found) + self.weight * tf.reduce_mean(nll)


class Flow(Extended):
    """A flow between posterior and prior; mixing is done where the prior is Gaussian.

    Couplings (real NVP, Dinh et al., arXiv 1605.08803) of half of the channels given the other
    half and its surroundings.
    """

    def __init__(self, couplings=6, hidden=64, **kwargs):
        super().__init__(**kwargs)
        *grid, channels = self.latent_shape
        half, self.networks, steps = channels // 2, [], []
        for index in range(couplings):
            inputs = keras.Input((*grid, half))
            x = layers.Conv2D(hidden, 3, padding="same", activation="relu")(inputs)
            x = layers.Conv2D(hidden, 1, activation="relu")(x)
            x = layers.Conv2D(channels, 3, padding="same", kernel_initializer="zeros")(x)
            self.networks.append(keras.Model(inputs, x))
            masked = half if index % 2 == 0 else -half
            steps.append(tfb.RealNVP(masked, bijector_fn=_coupling(self.networks[-1])))
            if index % 2 == 1:
                steps.append(tfb.Permute([*range(0, channels, 2), *range(1, channels, 2)]))
        self.flow = tfb.Chain(steps)

    def term(self, images, labels, found):
        """Add KL(q || p) - KL(q || standard Gaussian), by a draw from the posterior."""
        # To TFP each position is one example; what the couplings see of others leaves the Jacobian
        # triangular, so that the sum over positions is the logarithm of the density.
        noise = draws.normals(tf.shape(found["mean"]), draws.fold(self._step_seed(), 2))
        drawn = found["mean"] + found["stddev"] * noise
        base = tfd.Sample(tfd.Normal(0.0, 1.0), self.latent_shape[-1:])
        prior = tfd.TransformedDistribution(base, tfb.Invert(self.flow))
        added = tf.reduce_sum(base.log_prob(drawn) - prior.log_prob(drawn), (1, 2))
        return super().term(images, labels, found) + tf.reduce_mean(added)

    def posterior(self, images):
        """Return a Gaussian around the flow's image of the posterior's mean."""
        mean, stddev = self.posterior_statistics(images)
        return gaussian(self.flow.forward(mean), stddev, self.latent_shape)

    def encode(self, images):
        """Return the flow's image of the posterior's mean."""
        return self.posterior(images).mean()

    def decode(self, latents):
        """Decode from where the prior is Gaussian."""
        return from_unit(self.decoder(self.flow.inverse(latents)))


def _coupling(network):
    def bijector(given, units):
        shift, log_scale = tf.split(network(given), 2, -1)
        return tfb.Chain([tfb.Shift(shift), tfb.Scale(log_scale=2.0 * tf.tanh(log_scale / 2.0))])

    return bijector


class Circles(Extended):
    """The decoder sees only the direction of each pair of channels, a point on a circle.

    A straight line between latents is decoded as an arc on each circle (directions as latents:
    Davidson et al., arXiv 1804.00891; here with Gaussians outside). Short pairs, which say nothing,
    stay short.
    """

    def __init__(self, softness=0.1, **kwargs):
        super().__init__(**kwargs)
        *grid, channels = self.latent_shape
        decoder = self.decoder
        del self.decoder
        inputs = keras.Input(self.latent_shape)
        x = layers.Reshape((*grid, channels // 2, 2))(inputs)
        x *= keras.ops.rsqrt(keras.ops.mean(x**2, -1, keepdims=True) + softness)
        self.decoder = keras.Model(inputs, decoder(layers.Reshape(self.latent_shape)(x)))


class Hierarchy(Extended):
    """A global vector that says the image in 8 x 8 pixels, and local latents given the vector.

    z = mean(g) + scale(g) e, with standard Gaussian priors of both g and e, whose posteriors are
    Gaussians given the image (a ladder of two, Sonderby et al., arXiv 1602.02282, by what is drawn
    and not by what comes of it). Latents are g and e in one vector.
    """

    def __init__(self, size=64, coarse_scale=0.1, channels=8, **kwargs):
        grid = (8, 8)
        local = math.prod(grid) * channels
        super().__init__(latent="flat", latent_size=size + local, **kwargs)
        self.encoder.trainable = self.decoder.trainable = False  # others take their place
        del self.encoder, self.decoder
        self.size, self.coarse_scale = size, coarse_scale
        bottom = encoder_network(self.image_shape, (*grid, channels), self.width, 1, "float32")
        x = layers.Conv2D(64, 4, 2, padding="same", activation="relu")(
            bottom.get_layer("relu").output
        )
        top = layers.Dense(2 * size)(layers.Flatten()(x))
        parts = [
            *(top[:, :size], layers.Flatten()(bottom.output[..., :channels])),
            *(top[:, size:], layers.Flatten()(bottom.output[..., channels:])),
        ]
        self.encoder = keras.Model(bottom.input, layers.Concatenate()(parts))

        inputs = keras.Input((size,))
        x = layers.Reshape((*grid, 32))(layers.Dense(math.prod(grid) * 32)(inputs))
        x = layers.Conv2D(64, 3, padding="same", activation="relu")(x)
        coarse = layers.Rescaling(0.25, 0.5)(layers.Conv2D(self.image_shape[-1], 1)(x))
        given = layers.Conv2D(2 * channels, 1, kernel_initializer="zeros")(x)
        self.top = keras.Model(inputs, [coarse, given])
        inputs = keras.Input((size + local,))
        given = self.top(inputs[:, :size])[1]
        noise = layers.Reshape((*grid, channels))(inputs[:, size:])
        z = given[..., :channels] + keras.ops.exp(given[..., channels:]) * noise
        shapes = self.image_shape, (*grid, channels)
        self.decoder = keras.Model(
            inputs, decoder_network(*shapes, self.width, self.blocks, "float32")(z)
        )

    def term(self, images, labels, found):
        """Add the negative log-likelihood of the image in 8 x 8 pixels, given the vector alone."""
        coarse = self.top(found["latents"][:, : self.size])[0]
        likelihood = tfd.Independent(tfd.Normal(coarse, self.coarse_scale), 3)
        nll = -likelihood.log_prob(tf.nn.avg_pool2d(images, 4, 4, "VALID"))
        return super().term(images, labels, found) + tf.reduce_mean(nll)


class CarriedLocals(VarMixup):
    """VarMixup that mixes the vector of a `Hierarchy`, with local latents of the larger weight."""

    def interpolate(self, images, weights, partners, seed, *others):
        """Decode mixed vectors and carried local latents."""
        size, local = self.autoencoder.size, self.autoencoder.latent_shape[0]
        larger = tf.cast(weights >= 0.5, tf.float32)[:, None]
        weights = tf.where(tf.range(local) < size, weights[:, None], larger)
        return super().interpolate(images, weights, partners, seed, *others)


class Perceptual(Extended):
    """A likelihood in the features of a classifier beside that of the pixels.

    `features` is a model from images in [0, 1] to feature maps, `scale` the standard deviation of
    the likelihood in units of that of each map over a batch.
    """

    def __init__(self, features, feature_scale=4.0, **kwargs):
        super().__init__(**kwargs)
        self.features, self.feature_scale = features, feature_scale

    def term(self, images, labels, found):
        """Add the negative log-likelihood of the features, without its constant."""
        shown = self.features(found["likelihood_mean"], training=False)
        nll = 0.0
        for mean, wanted in zip(shown, self.features(images, training=False), strict=True):
            unit = tf.math.reduce_std(wanted)
            likelihood = tfd.Independent(tfd.Normal(mean / unit, self.feature_scale), 3)
            best = likelihood.log_prob(mean / unit)
            nll += tf.reduce_mean(best - likelihood.log_prob(wanted / unit))
        return super().term(images, labels, found) + nll
