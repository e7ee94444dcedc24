"""Paths between latents, against numbers worked out by hand."""

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.methods.interpolation import PATHS, norm_keeping, spherical

LATENTS = np.random.default_rng(0).normal(size=(6, 2, 3, 4)).astype("float32")
PARTNERS = np.array([3, 2, 5, 0, 1, 4], "int32")


@pytest.mark.parametrize("path", PATHS.values(), ids=list(PATHS))
@pytest.mark.parametrize("shape", [(6,), (6, 2, 3, 1), (6, 1, 1, 4)], ids=str)
def test_a_path_begins_and_ends_at_the_two_latents(path, shape):
    np.testing.assert_allclose(path(LATENTS, tf.ones(shape), PARTNERS), LATENTS, atol=1e-5)
    np.testing.assert_allclose(
        path(LATENTS, tf.zeros(shape), PARTNERS), LATENTS[PARTNERS], atol=1e-5
    )


@pytest.mark.parametrize("path", PATHS.values(), ids=list(PATHS))
def test_a_latent_mixed_with_itself_stays(path):
    weights = tf.linspace(0.0, 1.0, 6)
    np.testing.assert_allclose(path(LATENTS, weights, np.arange(6)), LATENTS, rtol=1e-4)


def test_an_arc_by_hand():
    # From the x axis to the y axis, of lengths 2 and 1: a third of the one is at 60 degrees and of
    # length 4/3, a third of the other at 30 degrees and of length 5/3.
    latents = np.array([[2.0, 0.0], [0.0, 1.0]], "float32")
    points = spherical(latents, tf.constant([1 / 3, 1 / 3]), np.array([1, 0]))
    expected = np.array([[4 / 3, 4 / 3], [5 / 3, 5 / 3]]) * [[0.5, 0.75**0.5], [0.75**0.5, 0.5]]
    np.testing.assert_allclose(points, expected, atol=1e-6)


def test_an_arc_keeps_a_common_norm():
    unit = LATENTS / np.sqrt((LATENTS**2).sum((1, 2, 3), keepdims=True))
    points = spherical(unit, tf.fill([6], 0.3), PARTNERS).numpy()
    np.testing.assert_allclose((points**2).sum((1, 2, 3)), 1.0, rtol=1e-5)


def test_opposite_latents_have_the_straight_line_for_an_arc():
    latents = np.array([[1.0, 0.0], [-1.0, 0.0]], "float32")
    points = spherical(latents, tf.constant([0.75, 0.5]), np.array([1, 0]))
    np.testing.assert_allclose(points, [[0.5, 0.0], [0.0, 0.0]], atol=1e-6)


def test_no_arc_is_longer_than_its_ends():
    pairs = np.random.default_rng(1).normal(size=(2000, 2)).astype("float32")
    pairs[:2] = [[1.0, 0.0], [-3.0, 0.005]]  # almost opposite
    points = spherical(pairs, tf.fill([2000], 0.5), np.arange(2000) ^ 1).numpy()
    norms = np.linalg.norm(pairs, axis=1)
    longest = np.maximum(norms, norms[np.arange(2000) ^ 1])
    assert (np.linalg.norm(points, axis=1) <= longest * 1.001).all()


def test_a_norm_keeping_line_by_hand():
    # Halfway between lengths 4 and 2 at right angles: the direction of (2, 1), the length 3.
    latents = np.array([[4.0, 0.0], [0.0, 2.0]], "float32")
    point = norm_keeping(latents, tf.constant([0.5, 0.5]), np.array([1, 0]))[0]
    np.testing.assert_allclose(point, 3 * np.array([2.0, 1.0]) / np.sqrt(5), rtol=1e-6)


def test_zeros_stay_zeros():
    for path in PATHS.values():
        np.testing.assert_array_equal(path(tf.zeros((2, 3)), tf.fill([2], 0.5), [1, 0]), 0.0)
