import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tf_varmixup import draws
from tf_varmixup.methods import Mixup


def test_mixing_by_hand():
    images = np.stack([np.full((2, 2, 1), level, "uint8") for level in (0, 255, 51)])
    labels = np.array([[1, 0], [0, 1], [0.5, 0.5]], "float32")
    mixed, soft = Mixup().mix(
        images, labels, tf.constant([0.25, 1.0, 0.5]), tf.constant([1, 2, 0]), draws.run_seed(0)
    )
    np.testing.assert_allclose(mixed[:, 0, 0, 0], [191.25, 255.0, 25.5], rtol=1e-6)
    np.testing.assert_allclose(soft, [[0.25, 0.75], [0.0, 1.0], [0.75, 0.25]], rtol=1e-6)


def test_sample_mixes_with_what_it_draws(images, labels):
    seeds = draws.split(draws.run_seed(4), 3)
    weights, partners = (
        draws.mixing_weights(7, 0.6, seeds[0]).numpy(),
        draws.permutation(7, seeds[1]).numpy(),
    )
    mixed, soft = Mixup(alpha=0.6).sample(images, labels, draws.run_seed(4))
    floats, share = images.astype("float32"), weights[:, None, None, None]
    np.testing.assert_allclose(mixed, share * floats + (1 - share) * floats[partners], atol=1e-4)
    np.testing.assert_allclose(
        soft, weights[:, None] * labels + (1 - weights[:, None]) * labels[partners], atol=1e-6
    )
    assert (partners != np.arange(7)).any()


def test_the_transformation_is_that_of_keras(images, labels):
    weights, partners = draws.uniforms((7,), draws.run_seed(1)), draws.permutation(7, [0, 2])
    layer = keras.layers.MixUp()
    drawn = {"mix_weight": weights, "permutation_order": partners}
    mixed, soft = Mixup().mix(images, labels, weights, partners, draws.run_seed(0))
    np.testing.assert_allclose(mixed, layer.transform_images(images, drawn), rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(soft, layer.transform_labels(labels, drawn), rtol=1e-6)


@pytest.mark.parametrize("alpha", [0.05, 0.2, 1.0, 5.0, 20.0])
def test_mixing_weights_follow_the_beta_distribution_to_the_last_digit(alpha):
    """Of alpha .05 a fifth is 1 in float32, so that each number stands for all that round to it."""
    weights = Mixup(alpha).draw_weights(20_000, draws.run_seed(7)).numpy()
    assert weights.dtype == np.float32
    wide, tiny = weights.astype("float64"), np.finfo("float32").tiny
    low = (wide + np.nextafter(weights, np.float32(0.0))) / 2
    high = np.minimum((wide + np.nextafter(weights, np.float32(2.0))) / 2, 1.0)
    low, high = np.where(weights < tiny, 0.0, low), np.where(weights < tiny, tiny, high)
    cdf = stats.beta(alpha, alpha).cdf
    within = np.random.default_rng(0).uniform(size=len(weights))
    ranks = cdf(low) + within * (cdf(high) - cdf(low))
    assert stats.kstest(ranks, stats.uniform.cdf).pvalue > 1e-3
    # Rounded alike, SciPy's draws have the same distribution.
    others = stats.beta(alpha, alpha).rvs(20_000, random_state=0).astype("float32")
    assert stats.ks_2samp(weights, others).pvalue > 1e-3
