"""Every metric goes through the harness, and what breaks its laws does not pass."""

import functools
import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.active_units import ActiveUnits
from tests.harness import check_draws, check_metric
from tests.harness.shared import CLASSES
from tf_varmixup import metrics
from tf_varmixup.methods import Method, Mixup, VicinalDistribution

METRICS = [
    one
    for name in metrics.__all__
    if inspect.isclass(one := getattr(metrics, name)) and issubclass(one, keras.metrics.Metric)
]


@pytest.mark.parametrize("kind", METRICS, ids=lambda kind: kind.__name__)
def test_metrics(kind):
    by_class = "num_classes" in inspect.signature(kind).parameters
    check_metric(functools.partial(kind, num_classes=CLASSES) if by_class else kind)


def test_metric_of_latents():
    means = np.random.default_rng(0).normal(size=(11, 2, 3)) * [1.0, 0.001, 1.0]
    check_metric(lambda: ActiveUnits(latent_size=6), means.astype("float32"))


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
