"""Data, models and distributions that the tests of the classifier share."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from tf_varmixup import methods
from tf_varmixup.classifier import VicinalClassifier
from tf_varmixup.methods import (
    Batch,
    Method,
    Mixup,
    PairwiseVicinity,
    VicinalDistribution,
    register,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (16, 8, 8, 3)).astype("uint8")
CLASSES = np.random.default_rng(1).integers(0, 3, 16)
LABELS = np.eye(3, dtype="float32")[CLASSES]
LOSS = keras.losses.CategoricalCrossentropy(from_logits=True)


def make_backbone(seed=0):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((8, 8, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Flatten()(layers.Conv2D(4, 3, strides=2, activation="relu")(x))
    return keras.Model(inputs, layers.Dense(3, dtype="float32")(x))


def make(distribution=None, optimizer="sgd", seed=0, compile_settings=None, **settings):
    model = VicinalClassifier(make_backbone(), distribution, seed=seed, **settings)
    model.compile(optimizer, LOSS, metrics=["accuracy"], **(compile_settings or {}))
    return model


def make_eager(distribution, **compile_settings):
    """Make a classifier whose single steps need no graph."""
    return make(distribution, compile_settings={"run_eagerly": True, **compile_settings})


def create(method, autoencoder, **parameters):
    """Create a method with those of the given parameters that it has."""
    given = {"autoencoder": autoencoder, **parameters}
    own = methods.method_class(method).parameter_names()
    return methods.create(method, **{name: given[name] for name in own if name in given})


def fit(model, images=IMAGES, labels=LABELS, batch_size=4, **settings):
    return model.fit(
        images, labels, batch_size=batch_size, shuffle=False, verbose=0, **settings
    ).history


def cross_entropy(logits, labels):
    """Return the cross-entropy of each picture, in double precision."""
    logits = np.asarray(logits, "float64")
    return -(labels * (logits - np.log(np.exp(logits).sum(1, keepdims=True)))).sum(1)


def assert_same_weights(one, other, **tolerance):
    for first, second in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(first, second, **{"rtol": 1e-5, "atol": 1e-6, **tolerance})


@keras.saving.register_keras_serializable(package="test_classifier")
class FixedMix(PairwiseVicinity):
    """Mixes with chosen weights and partners, in pixels."""

    WEIGHTS = np.array([0.25, 1.0, 0.5, 0.6], "float32")
    PARTNERS = np.array([1, 2, 3, 0], "int32")

    def sample(self, images, labels, seed):
        return self.mix(images, labels, tf.constant(self.WEIGHTS), tf.constant(self.PARTNERS), seed)

    mix = Mixup.mix


class Probe(VicinalDistribution):
    """Records the seeds that it is given."""

    def __init__(self):
        super().__init__()
        self.seeds = []

    def sample(self, images, labels, seed):
        tf.numpy_function(lambda value: self.seeds.append(tuple(value.tolist())), [seed], [])
        return tf.cast(images, tf.float32), labels


@register("two_views")
class TwoViews(Method):
    """Each image and its negative; the labels are those of the first rows."""

    def __init__(self, weight=0.5, **kwargs):
        super().__init__(**kwargs)
        self.weight = weight

    def draw(self, classifier, batch, seed):
        images = tf.cast(batch.inputs, tf.float32)
        return Batch(tf.concat([images, 255.0 - images], 0), batch.labels, batch.weights)

    def penalty(self, logits):
        first, second = tf.split(logits, 2)
        return self.weight * tf.reduce_mean((first - second) ** 2)
