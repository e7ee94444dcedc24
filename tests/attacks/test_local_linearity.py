"""Local linearity: one search from one start."""

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.attacks import ascent_direction, local_linearity, random_start

MATRIX = np.random.default_rng(0).normal(size=(6, 3)).astype("float32") * 3.0
IMAGES = np.random.default_rng(1).uniform(size=(4, 6)).astype("float32")
LABELS = np.eye(3, dtype="float32")[[0, 1, 2, 0]]
CORNERS = np.stack(np.meshgrid(*6 * [[-1.0, 1.0]]), -1).reshape(-1, 6)


def classify(points):
    return tf.matmul(points, MATRIX)


def departures(perturbations):
    """Return |l(x + d) - l(x) - d . grad l(x)| in `float64`, for each image and perturbation."""

    def loss(points):
        logits = points @ MATRIX.astype("float64")
        largest = logits.max(-1, keepdims=True)
        of_all = largest[..., 0] + np.log(np.exp(logits - largest).sum(-1))
        return of_all - (logits * LABELS[:, None]).sum(-1)

    points = IMAGES.astype("float64")[:, None]
    logits = points[:, 0] @ MATRIX.astype("float64")
    probabilities = np.exp(logits - logits.max(1, keepdims=True))
    probabilities /= probabilities.sum(1, keepdims=True)
    slopes = (probabilities - LABELS) @ MATRIX.T.astype("float64")
    moved = (perturbations * slopes[:, None]).sum(-1)
    return np.abs(loss(points + perturbations) - loss(points) - moved)


def largest_of_searches(norm, clip, radius):
    starts = [random_start(IMAGES, norm, radius, draws.run_seed(seed)) for seed in range(20)]
    images, labels, starts = (
        np.tile(IMAGES, (20, 1)),
        np.tile(LABELS, (20, 1)),
        tf.concat(starts, 0),
    )
    found = local_linearity(classify, images, labels, starts, norm, radius, radius, 5, (0, 1), clip)
    return np.reshape(found, (20, len(IMAGES))).max(0)


@pytest.mark.slow
@pytest.mark.parametrize("clip", [False, True])
def test_the_best_corner_of_a_convex_loss_is_found(clip):
    perturbations = np.broadcast_to(0.1 * CORNERS, (4, *CORNERS.shape))
    if clip:
        points = IMAGES[:, None].astype("float64")
        perturbations = np.clip(points + perturbations, 0.0, 1.0) - points
    found = largest_of_searches("linf", clip, 0.1)
    np.testing.assert_allclose(found, departures(perturbations).max(1), atol=1e-6)


def test_the_best_point_of_a_round_ball_is_found():
    generator, around = np.random.default_rng(2), np.zeros((4, 1, 6))
    for spread in (1.0, 0.1, 0.03, 0.01):  # of the whole surface, then around the best of them
        points = around + spread * generator.normal(size=(4, 5000, 6))
        points *= 0.3 / np.linalg.norm(points, axis=2, keepdims=True)
        values = departures(points)
        around = np.take_along_axis(points, values.argmax(1)[:, None, None], axis=1)
    np.testing.assert_allclose(largest_of_searches("l2", False, 0.3), values.max(1), rtol=2e-3)


def test_a_loss_below_its_tangent_departs_as_well():
    def falling(points):  # log(1 + exp(z)) with z = -x^2 is concave near 0
        return tf.concat([0.0 * points, -(points**2)], 1)

    start = [[0.01]]  # which is its direction, to the end of the ball above
    given = falling, [[0.5]], [[1.0, 0.0]], start, "linf", 0.25, 0.25, 2, (0, 1)

    def loss(x):
        return np.log1p(np.exp(-(x**2)))

    slope = -1.0 / (1.0 + np.exp(0.25))
    departure = loss(0.75) - loss(0.5) - slope * 0.25
    assert departure < 0.0
    assert float(local_linearity(*given)[0]) == pytest.approx(-departure, rel=1e-4)


def test_the_range_of_images_makes_no_difference():
    start = random_start(IMAGES, "linf", 0.1, draws.run_seed(0))
    units = local_linearity(classify, IMAGES, LABELS, start, radius=0.1, value_range=(0, 1))
    levels = local_linearity(
        lambda points: classify(points / 255.0), 255.0 * IMAGES, LABELS, start, radius=0.1
    )
    np.testing.assert_allclose(levels, units, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
def test_xla_gives_the_same_and_an_empty_batch_nothing():
    def search(images, labels, start):
        return local_linearity(classify, images, labels, start, value_range=(0, 1))

    given = IMAGES, LABELS, random_start(IMAGES, "linf", 0.1, draws.run_seed(0))
    compiled = tf.function(search, jit_compile=True)(*map(tf.constant, given))
    np.testing.assert_allclose(compiled, search(*given), rtol=1e-4, atol=1e-6)
    assert search(*(tf.constant(one)[:0] for one in given)).shape == (0,)


def test_a_direction_without_length_stands_still():
    zeros = np.zeros_like(IMAGES)
    assert not np.any(ascent_direction(tf.constant(zeros), "linf"))
    found = local_linearity(classify, IMAGES, LABELS, zeros, value_range=(0, 1))
    np.testing.assert_allclose(found, 0.0, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("steps", 0, "steps to be a positive integer. Received: 0"),
        ("radius", 8, "radius in units of images"),
        ("step_size", 0.0, "step_size to be a positive number"),
        ("norm", "l1", "norm to be one of 'linf', 'l2'"),
    ],
)
def test_a_bad_argument_is_named(name, value, words):
    with pytest.raises(ValueError, match=words):
        local_linearity(classify, IMAGES, LABELS, IMAGES, value_range=(0, 1), **{name: value})
