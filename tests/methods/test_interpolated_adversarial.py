"""Interpolated adversarial training: two halves, each mixed by itself."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup import VicinalClassifier, draws
from tf_varmixup.methods import Batch, InterpolatedAdversarial, interpolate

# Each image of one color, and its own class, so that a mixture tells weight and partner.
IMAGES = np.repeat(np.arange(40, 216, 25, "uint8"), 8 * 8).reshape(8, 8, 8, 1)
LABELS = np.eye(8, dtype="float32")


def classifier_of():
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(8)]
    return VicinalClassifier(keras.Sequential([keras.Input((8, 8, 1)), *layers]))


def drawn(weights=None, **parameters):
    method = InterpolatedAdversarial(steps=2, **parameters)
    return method.draw(classifier_of(), Batch(IMAGES, LABELS, weights), draws.run_seed(1))


def test_the_clean_half_is_mixup_and_the_other_one_attacked():
    batch = drawn()
    assert batch.inputs.shape == (16, 8, 8, 1)
    colors = np.arange(40, 216, 25)
    clean, attacked = np.asarray(batch.inputs)[:8], np.asarray(batch.inputs)[8:]
    expected = np.asarray(batch.labels) @ colors
    np.testing.assert_allclose(clean[:, 0, 0, 0], expected[:8], rtol=1e-4)
    assert np.ptp(clean, (1, 2, 3)).max() < 1e-3
    off = np.abs(attacked[..., 0] - expected[8:, None, None])
    assert 1.0 < off.max() <= 8.001
    assert off.reshape(8, -1).max(1).min() > 1.0


def test_the_halves_have_weights_and_partners_of_their_own():
    labels = np.asarray(drawn().labels)
    clean, attacked = labels[:8], labels[8:]
    assert (clean.max(1) != attacked.max(1)).all()
    assert (np.argsort(clean)[:, -2:] != np.argsort(attacked)[:, -2:]).any()
    shared = np.asarray(drawn(lambda_per="batch").labels)
    own = np.diagonal(shared[:8])
    assert len(np.unique(own[own < 1.0].round(5))) == 1


def test_the_loss_is_half_of_each(shared):
    arrays = np.load(shared / "method_reference" / "losses.npz")
    labels = np.eye(10, dtype="float32")[arrays["mix_labels"]]
    weights = np.full(len(labels), arrays["mix_lambda"], "float32")
    mixed = interpolate(labels, tf.constant(weights), tf.constant(arrays["mix_partner"], tf.int32))
    classifier = classifier_of()
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    classifier.method = InterpolatedAdversarial()
    classifier.compile("sgd", loss)
    logits = np.concatenate([arrays["regmixup_clean_logits"], arrays["mix_logits"]])
    found = classifier.compute_loss(
        None, tf.concat([labels, mixed], 0), tf.constant(logits, tf.float32)
    )
    assert float(found) == pytest.approx(float(arrays["iat_loss"]), abs=1e-6)


def test_sample_weights_are_mixed_as_the_labels_are():
    weights = np.arange(1.0, 9.0, dtype="float32")
    batch = drawn(weights)
    plain = np.asarray(drawn().labels)
    np.testing.assert_allclose(batch.weights, plain @ weights, rtol=1e-5)


def test_bad_parameters_are_named():
    with pytest.raises(ValueError, match=r"alpha to be a positive number\. Received: 0"):
        InterpolatedAdversarial(alpha=0)
    with pytest.raises(ValueError, match="lambda_per to be one of 'image', 'batch'"):
        InterpolatedAdversarial(lambda_per="pixel")
