"""VarMixup with latents that are moved against the classifier."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup import VarMixup, VicinalClassifier, draws
from tf_varmixup.methods import AdversarialVarMixup, Batch

SEED = draws.run_seed(2)


@pytest.fixture(scope="module")
def classifier():
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Rescaling(1 / 25), keras.layers.Flatten(), keras.layers.Dense(7)]
    return VicinalClassifier(keras.Sequential([keras.Input((8, 8, 3)), *layers]))


def losses(classifier, batch):
    return np.asarray(
        keras.losses.categorical_crossentropy(
            batch.labels, classifier(batch.inputs), from_logits=True
        )
    )


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"clean_share": 0.4, "latents": "sample", "interpolation": "norm_keeping"},
        {"partner": "other_class", "lambda_per": "position"},
        {"residual": 1.0, "residual_from": "larger", "residual_label": 0.7},
    ],
    ids=str,
)
def test_without_a_radius_it_is_varmixup(autoencoder, images, labels, classifier, settings):
    batch = Batch(images, labels, np.linspace(0.5, 2.0, 7).astype("float32"))
    expected = VarMixup(autoencoder, **settings).draw(classifier, batch, SEED)
    # The weights of other_class are not the labels of its partners, which both see.
    tiny = AdversarialVarMixup(autoencoder, latent_radius=1e-6, **settings)
    found = tiny.draw(classifier, batch, SEED)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-2)


def test_the_loss_of_the_mixed_labels_rises(autoencoder, images, labels, classifier):
    batch = Batch(images, labels)
    plain = VarMixup(autoencoder).draw(classifier, batch, SEED)
    moved = AdversarialVarMixup(autoencoder).draw(classifier, batch, SEED)
    np.testing.assert_allclose(moved.labels, plain.labels, rtol=1e-5)
    assert (losses(classifier, moved) > losses(classifier, plain)).all()


def test_clean_images_stay(autoencoder, images, labels, classifier):
    method = AdversarialVarMixup(autoencoder, clean_share=0.4)
    moved = method.draw(classifier, Batch(images, labels), SEED)
    np.testing.assert_array_equal(moved.inputs[:3], images[:3].astype("float32"))


def test_latents_move_within_the_radius_in_units_of_the_posterior(autoencoder):
    method = AdversarialVarMixup(autoencoder, latent_radius=1.5, latent_step=1.0, latent_steps=2)
    latents, scales = tf.zeros((2, 3)), tf.constant([[0.1, 1.0, 10.0]] * 2)

    def classify(images):
        return tf.stack([images[:, 0], tf.zeros_like(images[:, 0])], 1)

    def decode(points):  # the loss of class 1 rises with the first number and falls with the second
        return (points[:, :1] - points[:, 1:2]) / 100.0

    columns = tf.constant([[0.0, 1.0, 1.0], [2.0, 0.0, 2.0]])
    found = method.move(classify, decode, latents, scales, columns)
    np.testing.assert_allclose(found, [[0.15, -1.5, 0.0], [-0.15, 1.5, 0.0]], rtol=1e-5)


def test_nothing_else_changes(autoencoder, images, labels, classifier):
    before = [weight.copy() for weight in (*classifier.get_weights(), *autoencoder.get_weights())]
    AdversarialVarMixup(autoencoder).draw(classifier, Batch(images, labels), SEED)
    after = (*classifier.get_weights(), *autoencoder.get_weights())
    for weight, earlier in zip(after, before, strict=True):
        np.testing.assert_array_equal(weight, earlier)


def test_the_autoencoder_stays_untrainable(autoencoder):
    network = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten()])
    classifier = VicinalClassifier(network, AdversarialVarMixup(autoencoder))
    classifier.trainable = True
    assert classifier.trainable_variables == []
    assert len(classifier.weights) == 1 + len(autoencoder.weights)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"latent_radius": 0}, "latent_radius to be a positive number. Received: 0"),
        ({"latent_step": -1}, "latent_step to be a positive number. Received: -1"),
        ({"latent_steps": 0}, "latent_steps to be a positive integer. Received: 0"),
        ({"alpha": 0}, "alpha to be a positive number. Received: 0"),
    ],
    ids=str,
)
def test_bad_parameters_are_named(autoencoder, parameters, message):
    with pytest.raises(ValueError, match=message):
        AdversarialVarMixup(autoencoder, **parameters)
