"""What holds for every attack: balls, ranges, starts, and what is left alone."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.attacks import (
    ascend,
    ascent_direction,
    fgsm,
    loss_gradient,
    pgd,
    pgd_iterates,
    project,
    random_start,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3)).astype("uint8")
LABELS = np.eye(3, dtype="float32")[[0, 1, 2, 0, 1, 2]]


def lengths(values):
    return np.sqrt(np.sum(np.asarray(values, "float64") ** 2, tuple(range(1, values.ndim))))


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    layers = [
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(4, 3),
        keras.layers.BatchNormalization(),
        keras.layers.Activation("relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(3, dtype="float32"),
    ]
    return keras.Sequential([keras.Input((8, 8, 3)), *layers])


@pytest.mark.parametrize(("norm", "radius"), [("linf", 8 / 255), ("l2", 0.5)])
def test_images_stay_in_the_ball_and_in_range(model, norm, radius):
    start = random_start(IMAGES, norm, radius, draws.run_seed(0))
    iterates = pgd_iterates(model, IMAGES, LABELS, norm, radius, radius / 3, 6, start).numpy()
    assert iterates.shape == (7, *IMAGES.shape)
    assert iterates.min() >= 0.0
    assert iterates.max() <= 255.0
    moved = (iterates - IMAGES).reshape(7, len(IMAGES), -1) / 255.0
    sizes = np.abs(moved).max(2) if norm == "linf" else np.linalg.norm(moved, axis=2)
    assert sizes.max() <= radius * 1.00001
    losses = [keras.losses.categorical_crossentropy(LABELS, model(one), True) for one in iterates]
    assert (np.asarray(losses[-1]) > np.asarray(losses[0])).all()


def test_what_an_image_is_does_not_hang_on_its_type(model):
    expected = pgd(model, IMAGES, LABELS)
    np.testing.assert_array_equal(pgd(model, IMAGES.astype("float32"), LABELS), expected)
    units = pgd(lambda one: model(255.0 * one), IMAGES / 255.0, LABELS, value_range=(0, 1))
    np.testing.assert_allclose(255.0 * units, expected, atol=1e-3)


def test_fgsm_moves_pixels_by_the_radius_and_leaves_those_without_a_gradient():
    def classify(images):
        brightness = tf.reduce_mean(images[:, :4], (1, 2, 3))[:, None] / 50.0
        return tf.concat([brightness, 0.0 * brightness], 1)

    images = np.full((1, 8, 8, 1), 100, "uint8")
    found = fgsm(classify, images, np.eye(2)[:1], radius=10 / 255).numpy()
    np.testing.assert_allclose(found[:, :4], 90.0, rtol=1e-6)
    np.testing.assert_allclose(found[:, 4:], 100.0, rtol=1e-6)


def test_a_row_is_attacked_by_itself(model):
    together = pgd(model, IMAGES, LABELS)
    alone = pgd(model, IMAGES[2:3], LABELS[2:3])
    np.testing.assert_allclose(alone, together[2:3], atol=1e-3)


def test_no_weight_changes(model):
    before = [weight.copy() for weight in model.get_weights()]
    pgd(lambda images: model(images, training=False), IMAGES, LABELS)
    for weight, earlier in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, earlier)


def test_a_saturated_softmax_hides_nothing():
    def classify(points):
        return tf.concat([40.0 + points, -points, points - 60.0], 1)

    # In float32 the probability of the first class is 1 exactly.
    point, label = tf.constant([[1.0]]), tf.constant([[1.0, 0.0, 0.0]])
    found = float(loss_gradient(classify, point, label)[0, 0])
    assert found == pytest.approx(-2.0 * np.exp(-42.0), rel=1e-5)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_no_confidence_is_so_high_that_an_attack_stands_still(norm):
    def classify(points):
        return tf.concat([10.0 * points, 2500.0 - 10.0 * points], 1)

    attacked = pgd(classify, [[100.0], [150.0]], np.eye(2)[[1, 0]], norm, steps=4)
    np.testing.assert_allclose(attacked, [[108.0], [142.0]], rtol=1e-5)


def test_half_precision_loses_no_gradient():
    def classify(points):
        logits = tf.cast(points, tf.float16) + 20.0
        return tf.concat([logits, -logits], 1)

    found = loss_gradient(classify, [[1.0]], [[1.0, 0.0]])
    assert found.dtype == tf.float32
    assert float(found[0, 0]) == pytest.approx(-2.0 * np.exp(-42.0), rel=1e-5)


def test_a_start_outside_the_ball_is_projected():
    flat = pgd_iterates(lambda points: 0.0 * points, np.full((1, 3), 100.0), np.eye(3)[:1], start=1)
    np.testing.assert_allclose(flat, np.full((11, 1, 3), 108.0), rtol=1e-6)


def test_starts_are_uniform_in_the_ball():
    seed = draws.run_seed(5)
    cube = random_start(np.zeros((4000, 3)), "linf", 0.5, seed).numpy()
    assert np.abs(cube).max() <= 0.5
    np.testing.assert_allclose(np.quantile(cube, [0.25, 0.5, 0.75]), [-0.25, 0, 0.25], atol=0.02)
    ball = random_start(np.zeros((4000, 3)), "l2", 0.5, seed).numpy()
    # The share of a ball within a length is its third power in three dimensions.
    shares = (lengths(ball) / 0.5) ** 3
    np.testing.assert_allclose(np.quantile(shares, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.03)
    assert np.abs(ball.mean(0)).max() < 0.02
    np.testing.assert_array_equal(
        random_start(IMAGES, "l2", 0.5, seed), random_start(IMAGES, "l2", 0.5, seed)
    )


def test_directions_and_projections_by_hand():
    values = tf.constant([[3.0, 4.0], [0.0, 0.0], [0.3, 0.4]])
    np.testing.assert_allclose(ascent_direction(values, "l2"), [[0.6, 0.8], [0, 0], [0.6, 0.8]])
    np.testing.assert_array_equal(ascent_direction(values, "linf"), [[1, 1], [0, 0], [1, 1]])
    np.testing.assert_allclose(project(values, "l2", 2.5), [[1.5, 2], [0, 0], [0.3, 0.4]])
    np.testing.assert_allclose(project(values, "linf", 3.5), [[3, 3.5], [0, 0], [0.3, 0.4]])


def test_an_ascent_finds_the_highest_point_of_a_ball():
    def gradient(points):
        return tf.constant([[3.0, 4.0]]) - 0.0 * points

    found = ascend(gradient, tf.zeros((1, 2)), "l2", radius=1.0, step_size=0.3, steps=5)
    np.testing.assert_allclose(found, [[0.6, 0.8]], rtol=1e-6)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"norm": "l1"}, "Expected norm to be one of 'linf', 'l2'. Received: 'l1'"),
        ({"radius": 0}, "radius to be a positive number. Received: 0"),
        ({"step_size": -1}, "step_size to be a positive number. Received: -1"),
        ({"steps": 0}, "steps to be a positive integer. Received: 0"),
        ({"value_range": (0, 2)}, r"value_range to be one of .* Received: \(0, 2\)"),
    ],
    ids=str,
)
def test_bad_parameters_are_named(model, parameters, message):
    with pytest.raises(ValueError, match=message):
        pgd(model, IMAGES, LABELS, **parameters)


@pytest.mark.parametrize("attack", [pgd, pgd_iterates, fgsm])
def test_images_in_another_range_than_stated_are_refused(model, attack):
    with pytest.raises(ValueError, match=r"images in 0\.\.255\. Received: .* looks like \[0, 1\]"):
        attack(model, IMAGES / 255.0, LABELS)
    with pytest.raises(ValueError, match=r"images in 0\.\.1\. Received: 0 to 255"):
        attack(model, IMAGES, LABELS, value_range=(0, 1))
    with pytest.raises(ValueError, match="Received: nan"):
        attack(model, np.full(IMAGES.shape, np.nan), LABELS)


@pytest.mark.parametrize("attack", [pgd, fgsm])
def test_a_radius_in_levels_is_refused(model, attack):
    with pytest.raises(ValueError, match=r"radius in units of images in \[0, 1\].* Received: 8"):
        attack(model, IMAGES, LABELS, radius=8)


@pytest.mark.parametrize("labels", [np.arange(6) % 3, LABELS[:5], LABELS[:, :2]])
def test_labels_of_another_shape_than_the_logits_are_refused(model, labels):
    with pytest.raises(ValueError, match=r"labels \(B, K\) for logits of shape \(6, 3\)"):
        pgd(model, IMAGES, labels)
