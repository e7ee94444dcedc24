import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tf_varmixup import draws


def test_folding_depends_on_every_number_and_on_their_order():
    seed = draws.run_seed(3)
    seeds = [
        draws.fold(seed, 1, 2),
        draws.fold(seed, 2, 1),
        draws.fold(seed, 1),
        draws.fold(draws.run_seed(4), 1, 2),
    ]
    assert len({tuple(one.numpy()) for one in seeds}) == 4
    assert all(one.dtype == tf.int32 and one.shape == (2,) for one in seeds)
    np.testing.assert_array_equal(draws.fold(seed, tf.constant(1, tf.int64), 2), seeds[0])


def test_run_seeds_beyond_32_bits_stay_apart():
    assert draws.run_seed(1).numpy().tolist() == [1, 0]
    assert draws.run_seed(1 + 2**31).numpy().tolist() == [1, 1]


def test_mixing_weights_follow_the_beta_distribution():
    for alpha in (0.2, 1.0, 4.0):
        weights = draws.mixing_weights(4000, alpha, draws.run_seed(1)).numpy()
        assert weights.dtype == np.float32
        assert stats.kstest(weights, stats.beta(alpha, alpha).cdf).pvalue > 1e-3


def test_mixing_weights_of_a_tiny_alpha_are_finite():
    weights = draws.mixing_weights(2000, 1e-3, draws.run_seed(0)).numpy()
    assert np.isfinite(weights).all()
    assert ((weights >= 0) & (weights <= 1)).all()
    assert 0.3 < (weights > 0.5).mean() < 0.7


def test_permutation_is_a_permutation_and_uniform():
    many = np.stack(
        [draws.permutation(4, draws.fold(draws.run_seed(0), step)).numpy() for step in range(600)]
    )
    assert (np.sort(many, 1) == np.arange(4)).all()
    counts = np.stack([(many == value).sum(0) for value in range(4)])
    assert stats.chisquare(counts.ravel()).pvalue > 1e-3


def test_uniforms_and_normals_follow_their_distributions():
    values = draws.uniforms((5000,), draws.run_seed(1)).numpy()
    assert values.min() > 0.0
    assert values.max() < 1.0
    assert stats.kstest(values, stats.uniform.cdf).pvalue > 1e-3
    assert (
        stats.kstest(draws.normals((5000,), draws.run_seed(2)).numpy(), stats.norm.cdf).pvalue
        > 1e-3
    )


def test_draws_are_the_same_under_xla():
    def draw(step):
        seeds = draws.split(draws.fold(draws.run_seed(0), step), 4)
        return (
            draws.uniforms((64,), seeds[0]),
            draws.permutation(64, seeds[1]),
            draws.normals((64,), seeds[2]),
            draws.mixing_weights(64, 0.4, seeds[3]),
        )

    under_xla = tf.function(draw, jit_compile=True)
    for step in range(4):
        compiled, plain = under_xla(tf.constant(step)), draw(step)
        np.testing.assert_array_equal(compiled[0], plain[0])
        np.testing.assert_array_equal(compiled[1], plain[1])
        np.testing.assert_allclose(compiled[2], plain[2], atol=1e-4)
        np.testing.assert_allclose(compiled[3], plain[3], atol=1e-5)


def test_negative_seeds_draw_the_same_under_xla():
    def draw(seed):
        return draws.uniforms((8,), draws.fold(seed, 1))

    seed = tf.constant([-5, -9])
    np.testing.assert_array_equal(tf.function(draw, jit_compile=True)(seed), draw(seed))


def test_replicas_have_their_own_number():
    strategy = tf.distribute.MirroredStrategy(
        tf.config.list_logical_devices("CPU"), cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    numbers = strategy.experimental_local_results(strategy.run(tf.function(draws.replica_id)))
    assert [int(number) for number in numbers] == [0, 1]


@pytest.mark.parametrize("seed", [1.7, "1", None, True])
def test_a_seed_that_is_no_integer_is_refused(seed):
    with pytest.raises(ValueError, match=f"seed to be an integer. Received: {seed!r}"):
        draws.run_seed(seed)
