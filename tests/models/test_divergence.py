import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from models.divergence import kl_divergence, maximum_mean_discrepancy

tfd = tfp.distributions


def test_kl_by_hand():
    mean, stddev = (
        np.array([[1.0, -2.0], [0.0, 0.0]], "float32"),
        np.array([[0.5, 2.0], [1.0, 1.0]], "float32"),
    )
    posterior = tfd.Independent(tfd.Normal(mean, stddev), 1)
    prior = tfd.Independent(tfd.Normal(tf.zeros(2), tf.ones(2)), 1)
    by_hand = 0.5 * (mean**2 + stddev**2 - 1.0) - np.log(stddev)
    np.testing.assert_allclose(kl_divergence(posterior, prior), by_hand.sum(1), rtol=1e-6)


def test_mmd_by_loops():
    generator = np.random.default_rng(0)
    first, second = generator.normal(size=(5, 3)), generator.normal(1.0, 2.0, size=(7, 3))

    def kernel(x, y):
        return np.exp(-np.mean((x - y) ** 2) / 3)

    by_hand = (
        np.mean([kernel(x, y) for x in first for y in first])
        + np.mean([kernel(x, y) for x in second for y in second])
        - 2 * np.mean([kernel(x, y) for x in first for y in second])
    )
    np.testing.assert_allclose(maximum_mean_discrepancy(first, second), by_hand, rtol=1e-5)


def test_mmd_flattens_and_vanishes_for_equal_sets():
    codes = np.random.default_rng(1).normal(size=(6, 2, 2, 4)).astype("float32")
    assert abs(float(maximum_mean_discrepancy(codes, codes))) < 1e-7
    np.testing.assert_allclose(
        maximum_mean_discrepancy(codes, codes + 1),
        maximum_mean_discrepancy(codes.reshape(6, -1), codes.reshape(6, -1) + 1),
        rtol=1e-4,
    )


def test_mmd_is_accurate_in_many_dimensions():
    generator = np.random.default_rng(2)
    first, second = generator.normal(size=(64, 512)), generator.normal(0.1, 1.0, size=(64, 512))

    def mean_kernel(x, y):
        return np.mean(np.exp(-((x[:, None] - y[None]) ** 2).mean(-1) / 512))

    exact = mean_kernel(first, first) + mean_kernel(second, second) - 2 * mean_kernel(first, second)
    np.testing.assert_allclose(maximum_mean_discrepancy(first, second), exact, rtol=0.02)
