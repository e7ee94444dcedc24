import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup import VicinalClassifier, draws
from tf_varmixup.methods import Batch, Mixup, RegMixup

SEED = draws.run_seed(3)
LOSS = keras.losses.CategoricalCrossentropy(from_logits=True)


def test_mixup_follows_the_batch_itself(images, labels):
    for lambda_per in ("batch", "image"):
        drawn = RegMixup(5.0, lambda_per).draw(None, Batch(images, labels), SEED)
        mixed = Mixup(5.0, lambda_per).sample(images, labels, SEED)
        np.testing.assert_array_equal(drawn.inputs, np.concatenate([images, mixed[0]]))
        np.testing.assert_array_equal(drawn.labels, np.concatenate([labels, mixed[1]]))
        assert drawn.inputs.dtype == drawn.labels.dtype == tf.float32
        assert drawn.weights is None


def test_one_mixing_weight_for_the_batch_near_a_half(images, labels):
    drawn = RegMixup().draw(None, Batch(images, labels), SEED)
    shares = np.sort(drawn.labels[7:], axis=1)[:, -2:]
    assert len(np.unique(shares[shares[:, 0] > 0].round(5), axis=0)) == 1
    weights = RegMixup(lambda_per="image").mixup.draw_weights(2000, SEED).numpy()
    # The deviation of Beta(20, 20) is 1 / (2 sqrt(41)).
    assert weights.std() == pytest.approx(0.5 / np.sqrt(41), rel=0.1)


def test_sample_weights_are_mixed_as_labels_are(images, labels):
    weights = np.linspace(0.5, 2.0, 7, dtype="float32")
    drawn = RegMixup().draw(None, Batch(images, labels, weights), SEED)
    mixed = Mixup(20.0, "batch").draw(None, Batch(images, labels, weights), SEED)
    np.testing.assert_array_equal(drawn.weights, np.concatenate([weights, mixed.weights]))
    np.testing.assert_array_equal(drawn.labels[:7], labels)


def test_the_loss_is_the_authors(shared, monkeypatch):
    arrays = np.load(shared / "method_reference" / "losses.npz")
    weight, partners = float(arrays["mix_lambda"]), arrays["mix_partner"]
    monkeypatch.setattr(draws, "mixing_weights", lambda *_: tf.constant([weight]))
    monkeypatch.setattr(draws, "permutation", lambda *_: tf.constant(partners, tf.int32))
    labels = np.eye(10, dtype="float32")[arrays["mix_labels"]]
    batch = Batch(np.zeros((64, 1, 1, 1), "uint8"), labels)
    drawn = RegMixup().draw(None, batch, SEED)
    logits = np.concatenate([arrays["regmixup_clean_logits"], arrays["mix_logits"]])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, dtype="float64")
    expected = float(arrays["regmixup_loss"])
    assert float(loss(drawn.labels, logits)) == pytest.approx(expected, abs=1e-6)
    mixup = float(loss(drawn.labels[64:], logits[64:]))
    assert mixup == pytest.approx(float(arrays["mixup_loss"]), abs=1e-6)


def test_the_network_sees_both_halves_at_once(images, labels):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.BatchNormalization(momentum=0.0, center=False, scale=False)(inputs)
    network = keras.Model(inputs, keras.layers.Dense(7)(keras.layers.Flatten()(x)))
    classifier = VicinalClassifier(network, RegMixup(), seed=5)
    classifier.compile(keras.optimizers.SGD(0.0), LOSS)
    loss = classifier.train_on_batch(images, labels)
    seed = draws.fold(draws.run_seed(5), 0, 0)
    drawn = RegMixup().draw(None, Batch(images, labels), seed)
    [mean, _] = network.layers[1].get_weights()
    np.testing.assert_allclose(mean, np.mean(drawn.inputs, axis=(0, 1, 2)), rtol=1e-4)
    logits = network(drawn.inputs, training=True)
    halves = LOSS(labels, logits[:7]), LOSS(drawn.labels[7:], logits[7:])
    np.testing.assert_allclose(loss, np.mean(halves), rtol=1e-4)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"alpha": -1}, "alpha to be a positive number. Received: -1"),
        ({"lambda_per": "step"}, "lambda_per to be one of 'image', 'batch'. Received: 'step'"),
    ],
    ids=str,
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        RegMixup(**parameters)
