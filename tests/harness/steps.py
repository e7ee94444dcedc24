"""A small classifier, and how the checks of methods draw and train with it."""

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
    x = keras.layers.Dense(CLASSES, dtype="float32")(keras.layers.Flatten()(x))
    return VicinalClassifier(keras.Model(inputs, x), method, seed=3)


def train(method, image_shape, classifier=None, **settings):
    """Train a classifier by a method for three steps, the last on two images."""
    classifier = classifier_by(method, image_shape) if classifier is None else classifier
    if not classifier.compiled:
        optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
        classifier.compile(optimizer, LOSS, metrics=["accuracy"], run_eagerly=True)
    images, labels = images_of(image_shape), labels_of()
    before = int(classifier.step)
    history = classifier.fit(
        images, labels, batch_size=4, shuffle=False, verbose=0, **settings
    ).history
    assert np.isfinite(history["loss"]).all()
    assert int(classifier.step) == before + 3
    return classifier


def draw(method, image_shape):
    """Return what a method makes of a batch of seven images."""
    batch = Batch(images_of(image_shape, 7), labels_of(7))
    return method.draw(classifier_by(None, image_shape), batch, draws.run_seed(3))
