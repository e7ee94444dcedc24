"""Everything that the library names goes through the harness, what is new included."""

import functools
import inspect
import typing

import keras
import numpy as np
import pytest
import tensorflow as tf

import models
from models import FusedBatchNormalization, VariationalAutoencoder, airbench, compact
from models.active_units import ActiveUnits
from tests.harness import (
    autoencoder_of,
    check_autoencoder,
    check_classifier,
    check_draws,
    check_layer,
    check_method,
    check_metric,
)
from tf_varmixup import metrics
from tf_varmixup.checks import Count, Fraction, NotNegative, Positive, Share
from tf_varmixup.methods import (
    Method,
    Mixup,
    VarMixup,
    VicinalDistribution,
    create,
    method_signatures,
)

METRICS = [
    one
    for name in metrics.__all__
    if inspect.isclass(one := getattr(metrics, name)) and issubclass(one, keras.metrics.Metric)
]
TINY = {
    "airbench": functools.partial(airbench, widths=(4, 8)),
    "compact": functools.partial(compact, width=4),
}


def other_value(parameter):
    """Return a value that is not the default of a method's parameter."""
    annotation = parameter.annotation
    if typing.get_origin(annotation) is typing.Literal:
        return next(one for one in typing.get_args(annotation) if one != parameter.default)
    values = {Positive: 0.5, NotNegative: 0.1, Share: 0.3, Fraction: 0.4, Count: 2}
    if annotation is bool:
        return not parameter.default
    return values.get(annotation, parameter.default)


def method_of(name, others, image_shape):
    signature = method_signatures()[name]
    parameters = {
        one.name: other_value(one)
        for one in signature.parameters
        if others or one.default is inspect.Parameter.empty
    }
    if signature.needs_autoencoder:
        parameters["autoencoder"] = autoencoder_of(image_shape)
    return create(name, **parameters)


@pytest.mark.parametrize("name", method_signatures())
def test_methods(name):
    check_method(functools.partial(method_of, name, False))


@pytest.mark.parametrize(
    "name", [one.name for one in method_signatures().values() if one.parameters]
)
def test_methods_with_other_parameters(name):
    check_draws(functools.partial(method_of, name, True))


def test_varmixup_with_weights_of_positions_and_chosen_partners():
    words = {"lambda_per": "position", "partner": "nearest", "interpolation": "norm_keeping"}
    residual = {"residual": 1.0, "residual_from": "larger"}
    check_draws(lambda image_shape: VarMixup(autoencoder_of(image_shape), **words, **residual))


def test_a_method_of_ones_own(request, monkeypatch):
    monkeypatch.syspath_prepend(request.path.parent / "assets" / "methods")
    check_method(lambda: create("confidence_penalty:ConfidencePenalty", strength=0.3, form="gini"))


@pytest.mark.parametrize("kind", METRICS, ids=lambda kind: kind.__name__)
def test_metrics(kind):
    check_metric(kind)


def test_metric_of_latents():
    means = np.random.default_rng(0).normal(size=(11, 2, 3)) * [1.0, 0.001, 1.0]
    check_metric(lambda: ActiveUnits(latent_size=6), means.astype("float32"))


def test_layers():
    check_layer(lambda: FusedBatchNormalization(momentum=0.5), (4, 4, 3))


@pytest.mark.parametrize("name", [*models.NETWORKS, "wrn-10-1", "resnet18"])
def test_classifiers(name, small_resnet):
    check_classifier(TINY.get(name) or models.classifier_builder(name))


@pytest.mark.parametrize("settings", [{}, {"latent": "flat", "objective": "mmd"}], ids=str)
def test_autoencoders(settings):
    check_autoencoder(lambda shape: VariationalAutoencoder(shape, width=4, blocks=1, **settings))


# The harness itself: what breaks a law does not pass.


class Shuffled(Mixup):
    """Draws from TensorFlow's global generator."""

    def sample(self, images, labels, seed):
        images, labels = super().sample(images, labels, seed)
        return tf.random.shuffle(images), labels


class Overexposed(VicinalDistribution):
    def sample(self, images, labels, seed):
        return 2.0 * tf.cast(images, tf.float32), labels


class Heavier(VicinalDistribution):
    def sample(self, images, labels, seed):
        return tf.cast(images, tf.float32), 1.5 * labels


class Forgetful(Method):
    def __init__(self, strength: float = 0.1, **kwargs):
        super().__init__(**kwargs)


class Brightness(VicinalDistribution):
    """Takes floats for images in [0, 1]."""

    def sample(self, images, labels, seed):
        images = tf.convert_to_tensor(images)
        scale = 1.0 if images.dtype == tf.uint8 else 0.5
        return scale * tf.cast(images, tf.float32), labels


class Diverging(Method):
    def penalty(self, logits):
        return tf.reduce_sum(logits) / 0.0


@pytest.mark.parametrize("kind", [Shuffled, Overexposed, Heavier, Brightness, Diverging])
def test_a_method_that_breaks_a_law_is_found(kind):
    with pytest.raises(AssertionError):
        check_draws(kind)


def test_a_method_that_does_not_keep_its_parameters_is_found():
    with pytest.raises(AttributeError, match="strength"):
        check_draws(Forgetful)


class Weightless(metrics.ExpectedCalibrationError):
    """Counts batches where it should count images."""

    def add(self, labels, predictions, probabilities, weights):
        count = tf.cast(tf.shape(weights)[0], tf.float32)
        super().add(labels, predictions, probabilities, weights / count)


def test_a_metric_that_breaks_a_law_is_found():
    with pytest.raises(AssertionError):
        check_metric(Weightless)
