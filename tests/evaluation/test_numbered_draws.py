"""Draws of an image by its number."""

import numpy as np
import tensorflow as tf
from scipy import stats

from tf_varmixup import draws
from tf_varmixup.evaluation.numbered_draws import checksums, numbered_uniforms


def numbered(numbers, seed=3):
    return numbered_uniforms(numbers, 30, draws.run_seed(seed))


def test_numbered_uniforms_are_uniform_and_independent():
    found = numbered(tf.range(4000)).numpy()
    assert stats.kstest(found.ravel(), "uniform").pvalue > 0.01
    assert 0 < found.min() < found.max() < 1
    other_seed = numbered(tf.range(4000), seed=4).numpy()
    pairs = [(found[:-1], found[1:]), (found[:, :-1], found[:, 1:]), (found, other_seed)]
    for one, other in pairs:
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4 / np.sqrt(one.size)


def test_numbered_uniforms_depend_on_the_number_alone_and_are_the_same_under_xla():
    together = numbered(tf.range(100)).numpy()
    np.testing.assert_array_equal(numbered(tf.constant([7, 99, 7])), together[[7, 99, 7]])
    np.testing.assert_array_equal(tf.function(numbered, jit_compile=True)(tf.range(100)), together)
    negative = numbered(tf.constant([-7, 2**31 - 1]))  # as checksums are
    assert len(np.unique(negative)) == negative.numpy().size


def test_checksums_see_every_value_and_its_place():
    one_set = np.eye(48, dtype="uint8").reshape(-1, 4, 4, 3)
    images = np.concatenate([one_set, 2 * one_set, 255 * one_set, 0 * one_set[:1]])
    found = checksums(tf.constant(images)).numpy()
    assert len(np.unique(found)) == len(images)
    np.testing.assert_array_equal(checksums(tf.constant(images[5:9])), found[5:9])
    np.testing.assert_array_equal(tf.function(checksums, jit_compile=True)(images), found)
    assert checksums(tf.zeros((0, 8, 8, 1), tf.uint8)).shape == (0,)
