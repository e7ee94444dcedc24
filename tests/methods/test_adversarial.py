"""Adversarial training: what is attacked, by what, and what is left alone."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup import VicinalClassifier, draws
from tf_varmixup.attacks import pgd, random_start
from tf_varmixup.images import to_unit
from tf_varmixup.methods import Adversarial, Batch

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3)).astype("uint8")
LABELS = np.eye(3, dtype="float32")[[0, 1, 2, 0, 1, 2]]
SEED = draws.run_seed(4)


def network(scale=1 / 255):
    keras.utils.set_random_seed(0)
    layers = [
        keras.layers.Rescaling(scale),
        keras.layers.Conv2D(4, 3, activity_regularizer="l2"),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.5),
        keras.layers.Activation("relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(3, dtype="float32"),
    ]
    return keras.Sequential([keras.Input((8, 8, 3)), *layers])


def losses(classifier, images):
    return np.asarray(
        keras.losses.categorical_crossentropy(LABELS, classifier(images), from_logits=True)
    )


def test_the_batch_is_the_last_iterate_of_pgd_on_the_true_labels():
    classifier = VicinalClassifier(network())
    drawn = Adversarial(steps=4).draw(classifier, Batch(IMAGES, LABELS), SEED)
    start = random_start(IMAGES, "linf", 8 / 255, SEED)
    np.testing.assert_allclose(
        drawn.inputs, pgd(classifier, IMAGES, LABELS, steps=4, start=start), atol=1e-4
    )
    np.testing.assert_array_equal(drawn.labels, LABELS)
    assert (losses(classifier, drawn.inputs) > losses(classifier, IMAGES)).all()


def test_without_a_random_start_the_seed_makes_no_difference():
    classifier, method = VicinalClassifier(network()), Adversarial(steps=2, random_start=False)
    one, other = (
        method.draw(classifier, Batch(IMAGES, LABELS), draws.run_seed(seed)).inputs
        for seed in (0, 1)
    )
    np.testing.assert_array_equal(one, other)
    moved = Adversarial(steps=2).draw(classifier, Batch(IMAGES, LABELS), SEED).inputs
    assert np.abs(moved - one).max() > 1.0


def test_the_attack_changes_no_weight_and_no_moving_average():
    classifier = VicinalClassifier(network())
    before = [weight.copy() for weight in classifier.get_weights()]
    Adversarial().draw(classifier, Batch(IMAGES, LABELS), SEED)
    for weight, earlier in zip(classifier.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, earlier)


@pytest.mark.parametrize("settings", [{"value_range": (0, 1)}, {"backbone_range": (0, 1)}], ids=str)
def test_the_range_of_images_makes_no_difference(settings):
    plain, other = VicinalClassifier(network()), VicinalClassifier(network(1.0), **settings)
    batch = Batch(IMAGES, LABELS)
    expected = Adversarial(steps=2).draw(plain, batch, SEED).inputs
    found = Adversarial(steps=2).draw(other, batch, SEED).inputs
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_training_step_is_one_on_attacked_images():
    def fitted(method, images):
        classifier = VicinalClassifier(network(), method, seed=4)
        classifier.backbone.layers[3].rate = 0.0
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        classifier.compile(keras.optimizers.SGD(0.1), loss, run_eagerly=True)
        return classifier, classifier.train_on_batch(images, LABELS)

    classifier = VicinalClassifier(network())
    seed = draws.fold(draws.run_seed(4), 0, 0)
    attacked = Adversarial(steps=2).draw(classifier, Batch(IMAGES, LABELS), seed).inputs
    expected, expected_loss = fitted(None, np.asarray(attacked))
    found, found_loss = fitted(Adversarial(steps=2), IMAGES)
    # The losses of layers are those of the training pass alone.
    np.testing.assert_allclose(found_loss, expected_loss, rtol=1e-5)
    for one, other in zip(found.get_weights()[:-1], expected.get_weights()[:-1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_images_stay_in_an_l2_ball():
    classifier = VicinalClassifier(network())
    method = Adversarial("l2", radius=0.3, step_size=0.2, steps=3)
    drawn = method.draw(classifier, Batch(IMAGES, LABELS), SEED).inputs
    lengths = tf.norm(tf.reshape(to_unit(drawn) - to_unit(IMAGES), (6, -1)), axis=1)
    assert np.max(lengths) <= 0.3 * 1.0001
    assert np.min(lengths) > 0.1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"norm": "l1"}, "norm to be one of 'linf', 'l2'. Received: 'l1'"),
        ({"radius": 0}, "radius to be a positive number. Received: 0"),
        ({"step_size": 0}, "step_size to be a positive number. Received: 0"),
        ({"steps": 0}, "steps to be a positive integer. Received: 0"),
    ],
    ids=str,
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        Adversarial(**parameters)
