"""Draws per picture."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tf_varmixup.corruptions import sampling
from tf_varmixup.draws import fold, run_seed


def test_picture_seeds_are_folds():
    indices = [0, 7, 9999]
    seeds = sampling.picture_seeds(run_seed(3), tf.constant(indices)).numpy()
    for seed, index in zip(seeds, indices, strict=True):
        np.testing.assert_array_equal(seed, fold(run_seed(3), index).numpy())


@pytest.mark.parametrize("draw", [sampling.uniform, sampling.normal, sampling.bits])
def test_a_picture_keeps_its_draws(draw):
    seeds = sampling.picture_seeds(run_seed(0), tf.range(5))
    together = draw(seeds, 3, 4).numpy()
    assert together.shape == (5, 3, 4)
    np.testing.assert_array_equal(together[3:4], draw(seeds[3:4], 3, 4).numpy())
    assert len(np.unique(together)) == together.size


def test_distributions():
    seeds = sampling.picture_seeds(run_seed(0), tf.range(20))
    assert stats.kstest(sampling.uniform(seeds, 1000).numpy().ravel(), "uniform").pvalue > 1e-3
    assert stats.kstest(sampling.normal(seeds, 1000).numpy().ravel(), "norm").pvalue > 1e-3
    ones = np.unpackbits(sampling.bits(seeds, 1000).numpy().view(np.uint8)).mean()
    assert abs(ones - 0.5) < 0.003


def test_normal_is_finite_at_the_ends_of_the_uniform_draw():
    ends = sampling.as_normal(tf.constant([0.0, 1.0 - 2.0**-23])).numpy()
    np.testing.assert_allclose(ends, [-5.3, 5.2], atol=0.2)
