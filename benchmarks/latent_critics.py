"""Autoencoders with a critic of points on straight lines between latents, for `latent_tries.py`."""

import math

import keras
import tensorflow as tf
from keras import layers
from latent_models import Extended, Perceptual

from tf_varmixup import draws

LEARNING_RATE = 1e-3


class Critic:
    """A network that judges images in [0, 1], and its optimizer; no part of the autoencoder.

    It sees patches of pixels and, where a model of features is given, their maps (projected, Sauer
    et al., arXiv 2111.01007).
    """

    def __init__(self, image_shape, features=None):
        inputs = keras.Input(image_shape)
        x = layers.Rescaling(4.0, -2.0)(inputs)
        for channels in (48, 64):
            x = layers.Conv2D(channels, 4, 2, padding="same")(x)
            x = layers.LeakyReLU(0.2)(x)
        maps = [x] if features is None else [x, *features(inputs, training=False)[1:]]
        judged = []
        for x in maps:
            x = layers.LeakyReLU(0.2)(layers.Conv2D(48, 3, padding="same")(x))
            judged.append(layers.Flatten()(layers.Conv2D(1, 1)(x)))
        judged = judged[0] if features is None else layers.Concatenate()(judged)
        self.network = keras.Model(inputs, judged)
        self.optimizer = keras.optimizers.Adam(LEARNING_RATE, beta_1=0.5, beta_2=0.99)
        self.optimizer.build(self.network.trainable_variables)
        self.seen = None

    def learn(self, loss):
        """Take a step by a function of what was seen."""
        with tf.GradientTape() as tape:
            value = loss(*self.seen)
        gradients = tape.gradient(value, self.network.trainable_variables)
        self.optimizer.apply(gradients)
        return value


class Criticized(Extended):
    """Abstract: points on lines between the means of posteriors are shown to a critic."""

    def __init__(self, critic, **kwargs):
        super().__init__(**kwargs)
        self.critic = critic
        self.critic_tracker = keras.metrics.Mean(name="critic")

    def train_step(self, data):
        """Take the autoencoder's step and then the critic's, on the same images."""
        logs = super().train_step(data)
        self.critic_tracker.update_state(self.critic.learn(self.critic_loss))
        return logs

    def term(self, images, labels, found):
        """Add what the critic says of points between the two halves of the batch."""
        count = tf.shape(images)[0] // 2
        weights = draws.uniforms((count,), draws.fold(self._step_seed(), 3))
        share = tf.reshape(weights, [-1] + [1] * len(self.latent_shape))
        first, second = found["mean"][:count], found["mean"][count : 2 * count]
        mixed = self.decoder(share * first + (1.0 - share) * second)
        self.critic.seen = images, found["likelihood_mean"], mixed, weights
        return super().term(images, labels, found) + self.fooled(*self.critic.seen)

    def fooled(self, images, reconstructions, mixed, weights):
        """Return what the autoencoder is to make small."""
        raise NotImplementedError

    def critic_loss(self, images, reconstructions, mixed, weights):
        """Return what the critic is to make small."""
        raise NotImplementedError


class Acai(Criticized):
    """A critic that tells how far from its nearer end a point is (arXiv 1807.07543).

    The weight is that of the article's code, which has images in [-1, 1] and mean squared errors.
    """

    def __init__(self, weight=0.5, gamma=0.2, **kwargs):
        super().__init__(**kwargs)
        self.gamma = gamma
        self.weight = weight / 4.0 * math.prod(self.image_shape) / 2 / self.likelihood_scale**2

    def fooled(self, images, reconstructions, mixed, weights):
        """Return the weighted square of what the critic says."""
        return self.weight * tf.reduce_mean(self._told(mixed) ** 2)

    def critic_loss(self, images, reconstructions, mixed, weights):
        """Return the squared error of distances, and of reconstructions, whose distance is 0."""
        between = self.gamma * images + (1.0 - self.gamma) * reconstructions
        nearer = tf.minimum(weights, 1.0 - weights)
        return tf.reduce_mean((self._told(mixed) - nearer) ** 2) + tf.reduce_mean(
            self._told(between) ** 2
        )

    def _told(self, images):
        return tf.reduce_mean(self.critic.network(images), -1)


class Resynthesis(Criticized):
    """A critic that tells points on lines from images (arXiv 1903.02709), hinge loss on patches.

    Its gradient at the pixels is given a norm of `strength` times that of the likelihood's, on
    average over the images, so that the weight of neither loss has to be found.
    """

    def __init__(self, strength=1.0, **kwargs):
        super().__init__(**kwargs)
        self.strength = strength

    def fooled(self, images, reconstructions, mixed, weights):
        """Return a term whose gradient at the points is the critic's, of the norm wanted."""
        shown = tf.stop_gradient(mixed)
        with tf.GradientTape() as tape:
            tape.watch(shown)
            doubt = -tf.reduce_mean(self.critic.network(shown))
        gradient = tape.gradient(doubt, shown)
        likelihood = (reconstructions - images) / self.likelihood_scale**2
        gradient *= self.strength * _mean_norm(likelihood) / (_mean_norm(gradient) + 1e-12)
        each = tf.reduce_sum(mixed * tf.stop_gradient(gradient), (1, 2, 3))
        return tf.reduce_mean(each)

    def critic_loss(self, images, reconstructions, mixed, weights):
        """Return the hinge loss, 2 where nothing can be told."""
        real, mixed = self.critic.network(images), self.critic.network(mixed)
        return tf.reduce_mean(tf.nn.relu(1.0 - real)) + tf.reduce_mean(tf.nn.relu(1.0 + mixed))


class PerceptualResynthesis(Resynthesis, Perceptual):
    """Both: a likelihood in features, and a critic of patches and of the same features."""


def _mean_norm(values):
    return tf.reduce_mean(tf.sqrt(tf.reduce_sum(values**2, (1, 2, 3))))
