"""Draws per image."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tf_varmixup.corruptions import sampling
from tf_varmixup.draws import fold, run_seed


def test_image_seeds_are_folds():
    indices = [0, 7, 9999]
    seeds = sampling.image_seeds(run_seed(3), tf.constant(indices)).numpy()
    for seed, index in zip(seeds, indices, strict=True):
        np.testing.assert_array_equal(seed, fold(run_seed(3), index).numpy())


@pytest.mark.parametrize("draw", [sampling.uniform, sampling.normal, sampling.bits])
@pytest.mark.parametrize("shape", [(3, 4), (31, 33), ()])
def test_a_image_keeps_its_draws_in_any_batch(draw, shape):
    seeds = sampling.image_seeds(run_seed(0), tf.range(1000, 1040))
    together = draw(seeds, *shape).numpy()
    assert together.shape == (40, *shape)
    np.testing.assert_array_equal(draw(seeds[3:20], *shape).numpy(), together[3:20])
    order = np.random.default_rng(0).permutation(40)
    np.testing.assert_array_equal(draw(tf.gather(seeds, order), *shape).numpy(), together[order])
    np.testing.assert_array_equal(draw(seeds[39:], *shape).numpy(), together[39:])
    assert draw(seeds[:0], *shape).shape == (0, *shape)


def test_images_seeds_and_streams_differ():
    seeds = sampling.image_seeds(run_seed(0), tf.range(2))
    first = sampling.uniform(seeds, 4000).numpy()
    others = [first[1], sampling.uniform(seeds, 4000, stream=1).numpy()[0]]
    others.append(sampling.uniform(sampling.image_seeds(run_seed(1), tf.range(2)), 4000).numpy()[0])
    assert np.abs(np.corrcoef([first[0], *others]) - np.eye(4)).max() < 0.06


@pytest.mark.parametrize("indices", [[0, 1, 2], [7, 2, 5]])
def test_xla_draws_the_same(indices):
    seeds = sampling.image_seeds(run_seed(5), tf.constant(indices))
    compiled = tf.function(
        lambda: (sampling.bits(seeds, 99), sampling.normal(seeds, 99)), jit_compile=True
    )
    np.testing.assert_array_equal(compiled()[0].numpy(), sampling.bits(seeds, 99).numpy())
    np.testing.assert_allclose(compiled()[1].numpy(), sampling.normal(seeds, 99).numpy(), atol=1e-5)


def test_distributions():
    seeds = sampling.image_seeds(run_seed(0), tf.range(20))
    assert stats.kstest(sampling.uniform(seeds, 1000).numpy().ravel(), "uniform").pvalue > 1e-3
    normal = sampling.normal(seeds, 4000).numpy()
    assert stats.kstest(normal.ravel(), "norm").pvalue > 1e-3
    # The two halves of Box and Muller's transform share their draws, and are independent all the
    # same.
    assert (
        abs(np.corrcoef(np.abs(normal[:, :2000]).ravel(), np.abs(normal[:, 2000:]).ravel())[0, 1])
        < 0.02
    )
    np.testing.assert_allclose(
        [normal.std(), stats.kurtosis(normal.ravel())], [1.0, 0.0], atol=0.05
    )
    ones = np.unpackbits(sampling.bits(seeds, 1000).numpy().view(np.uint8)).mean()
    assert abs(ones - 0.5) < 0.003


def test_normal_is_finite_at_the_ends_of_its_draws():
    ends = sampling._as_normal(tf.constant([[0, 2**16 - 1, 0, 0]], tf.uint16)).numpy()[0]
    np.testing.assert_allclose(
        ends[:2], [np.sqrt(2 * np.log(2**17)), np.sqrt(2 * 2.0**-17)], rtol=1e-3
    )
