"""A small classifier, and how the checks of methods draw and train with it."""

import functools

import keras
import numpy as np

from tf_varmixup import draws
from tf_varmixup.classifier import VicinalClassifier
from tf_varmixup.methods import Batch

from .shared import CLASSES, LOSS, images_of, labels_of


def classifier_by(method, image_shape):
    """Return a classifier that is trained by a method."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input(image_shape)
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(3, 3, strides=2, activation="relu", name="stage1")(x)
    x = keras.layers.Conv2D(3, 2, activation="gelu", name="stage2")(x)
    x = keras.layers.Dense(CLASSES, dtype="float32")(keras.layers.Flatten()(x))
    return VicinalClassifier(keras.Model(inputs, x), method, seed=3)


def train(method, image_shape, classifier=None, sample_weight=None, batches=2):
    """Train a classifier by a method for two steps, the second on two images, or for the first."""
    classifier = classifier_by(method, image_shape) if classifier is None else classifier
    if not classifier.compiled:
        optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
        classifier.compile(optimizer, LOSS, metrics=["accuracy"], run_eagerly=True)
    before = int(classifier.step)
    data = images_of(image_shape), labels_of()
    if sample_weight is not None:
        data = *data, sample_weight
    # Not by `fit`, whose pipeline takes longer than such steps do.
    for first in (0, 8)[:batches]:
        logs = classifier.train_on_batch(*(part[first : first + 4] for part in data))
        assert np.isfinite(logs).all()
    assert int(classifier.step) == before + batches
    return classifier


@functools.cache
def bystander(image_shape):
    """Return an untrained classifier, the same for all that only look at it."""
    return classifier_by(None, image_shape)


def draw(method, image_shape):
    """Return what a method makes of a batch of seven images."""
    batch = Batch(images_of(image_shape, 7), labels_of(7))
    return method.draw(bystander(image_shape), batch, draws.run_seed(3))
