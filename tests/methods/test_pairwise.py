import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tf_varmixup import draws
from tf_varmixup.methods import Mixup, PairwiseVicinity, interpolate


def drawn_weights(count, seed, **settings):
    """Return the mixing weights and partners of a batch of `count`, read from mixed labels; those
    of self-partners are left out."""
    _, labels = Mixup(**settings).sample(
        np.zeros((count, 1, 1, 1), "float32"), np.eye(count, dtype="float32"), draws.run_seed(seed)
    )
    labels = labels.numpy()
    weights, others = np.diag(labels), labels - np.diag(np.diag(labels))
    mixed = others.sum(1) > 0
    return weights[mixed], others.argmax(1)[mixed]


def test_interpolation_by_hand():
    values = tf.constant([[0.0, 8.0], [4.0, 0.0], [2.0, 2.0]])
    mixed = interpolate(values, tf.constant([0.75, 0.5, 1.0]), tf.constant([1, 2, 0]))
    np.testing.assert_array_equal(mixed, [[1.0, 6.0], [3.0, 1.0], [2.0, 2.0]])
    assert interpolate(
        tf.constant([0, 4]), tf.constant([0.75, 0.5]), tf.constant([1, 0])
    ).numpy().tolist() == [1.0, 2.0]
    halves = interpolate(
        tf.zeros((2, 3, 3, 1), tf.bfloat16),
        tf.constant([0.5, 0.5], tf.float16),
        tf.constant([1, 0]),
    )
    assert halves.dtype == tf.float32
    assert halves.shape == (2, 3, 3, 1)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 3.0])
def test_weights_of_the_images_follow_the_beta_distribution(alpha):
    weights, partners = drawn_weights(1000, 0, alpha=alpha)
    away = (weights > 1e-6) & (
        weights < 1 - 1e-6
    )  # labels of the smallest weights cannot be told from zero
    cdf = stats.beta(alpha, alpha).cdf
    low, high = cdf(1e-6), cdf(1 - 1e-6)
    assert away.sum() > 900 * (high - low)
    assert stats.kstest(weights[away], lambda x: (cdf(x) - low) / (high - low)).pvalue > 1e-3
    assert len(set(partners)) == len(partners) > 980


def test_one_weight_for_the_batch():
    class Weights(PairwiseVicinity):
        def mix(self, images, labels, weights, partners, seed):
            return weights

    sample = tf.function(Weights(alpha=2.0, lambda_per="batch").sample)
    rows = np.stack(
        [
            sample(tf.zeros((6, 1, 1, 1)), tf.zeros((6, 2)), draws.fold(draws.run_seed(0), step))
            for step in tf.range(300)
        ]
    )
    assert rows.shape == (300, 6)
    assert (rows == rows[:, :1]).all()
    assert stats.kstest(rows[:, 0], stats.beta(2, 2).cdf).pvalue > 1e-3
    weights, _ = drawn_weights(6, 0, alpha=2.0, lambda_per="batch")
    assert len(weights) > 1
    assert np.ptp(weights) == 0.0


def test_a_single_image_is_its_own_partner():
    for lambda_per in ("image", "batch"):
        images, labels = Mixup(lambda_per=lambda_per).sample(
            np.full((1, 2, 2, 1), 0.25, "float32"), np.ones((1, 1)), draws.run_seed(0)
        )
        np.testing.assert_allclose(images, 0.25)
        np.testing.assert_allclose(labels, 1.0)


def test_weights_partners_and_the_rest_are_drawn_apart():
    class Recorder(PairwiseVicinity):
        def mix(self, images, labels, weights, partners, seed):
            return weights, partners, seed

    seeds = draws.split(draws.run_seed(9), 3)
    weights, partners, seed = Recorder(alpha=0.5).sample(
        np.zeros((5, 1, 1, 1)), np.zeros((5, 2)), draws.run_seed(9)
    )
    np.testing.assert_array_equal(weights, draws.mixing_weights(5, 0.5, seeds[0]))
    np.testing.assert_array_equal(partners, draws.permutation(5, seeds[1]))
    np.testing.assert_array_equal(seed, seeds[2])


@pytest.mark.parametrize("alpha", [0.0, -1.0, float("nan"), float("inf")])
def test_a_bad_alpha_is_named(alpha):
    with pytest.raises(ValueError, match=f"alpha to be a positive number. Received: {alpha}"):
        PairwiseVicinity(alpha=alpha)


def test_an_unknown_lambda_per_is_named():
    with pytest.raises(
        ValueError, match=r"lambda_per to be one of 'image', 'batch'[.] Received: 'pixel'"
    ):
        PairwiseVicinity(lambda_per="pixel")


def test_a_pairwise_vicinity_must_define_mix(images, labels):
    with pytest.raises(NotImplementedError, match="Expected PairwiseVicinity to define mix"):
        PairwiseVicinity().sample(images, labels, draws.run_seed(0))


def test_per_picture_is_the_former_word_for_per_image():
    assert Mixup(lambda_per="picture").lambda_per == "image"
