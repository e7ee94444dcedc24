"""Noise against the distributions it is drawn from."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tf_varmixup.corruptions import corrupt, noise, sampling
from tf_varmixup.draws import run_seed

SEEDS = sampling.image_seeds(run_seed(0), tf.range(10))
GRAY = np.full((10, 40, 40, 3), 128, np.uint8)


@pytest.mark.parametrize("severity", [1, 5])
def test_gaussian_noise(severity):
    sigma = (0.04, None, None, None, 0.10)[severity - 1] * 255
    difference = noise.gaussian_noise(GRAY, sigma / 255, SEEDS).numpy() - 128.0
    assert stats.kstest(difference.ravel(), stats.norm(0, sigma).cdf).pvalue > 1e-3


def test_channels_and_images_differ():
    difference = noise.gaussian_noise(GRAY, 0.1, SEEDS).numpy() - 128.0
    assert abs(np.corrcoef(difference[..., 0].ravel(), difference[..., 1].ravel())[0, 1]) < 0.05
    assert abs(np.corrcoef(difference[0].ravel(), difference[1].ravel())[0, 1]) < 0.1


def test_speckle_noise_grows_with_the_value():
    images = np.concatenate(
        [np.full((5, 40, 40, 3), 50, np.uint8), np.full((5, 40, 40, 3), 200, np.uint8)]
    )
    difference = noise.speckle_noise(images, 0.2, SEEDS).numpy() - images
    np.testing.assert_allclose(
        [difference[:5].std(), difference[5:].std()], [10.0, 40.0], rtol=0.03
    )


def test_impulse_noise_flips_values_not_pixels():
    noisy = noise.impulse_noise(tf.constant(GRAY), 0.07, SEEDS).numpy()
    assert set(np.unique(noisy)) == {0, 128, 255}
    np.testing.assert_allclose([(noisy == 0).mean(), (noisy == 255).mean()], 0.035, rtol=0.06)
    changed = noisy != 128
    # Channels change on their own: all three of a pixel with chance 0.07 ** 3.
    assert changed.all(axis=-1).mean() < 0.002


@pytest.mark.parametrize("count", [500, 50, 3])
def test_poisson_levels(count):
    matrix = noise.poisson_levels(count)
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0, atol=1e-9)
    assert matrix[0, 0] == 1.0
    # By hand: a clean level of 51 means lambda = count / 5; the level of `count // 2` photons is
    # 255 (count // 2) / count, cut.
    level = int(count // 2 / count * 255)
    photons = [number for number in range(count) if int(number / count * 255) == level]
    np.testing.assert_allclose(
        matrix[51, level], stats.poisson.pmf(photons, count / 5).sum(), atol=1e-12
    )


@pytest.mark.parametrize("count", [500, 50, 3])
def test_alias_tables_hold_the_distribution(count):
    entries = noise._poisson_table(count).astype(int).reshape(256, 256)
    keep, alias = (entries >> 8) / 256, entries & 255
    matrix = noise.poisson_levels(count)
    for level in (0, 1, 128, 255):
        held = keep[level] + np.bincount(alias[level], 1.0 - keep[level], 256)
        np.testing.assert_allclose(held / 256, matrix[level], atol=2.0**-16)


def test_shot_noise_is_distributed_as_poisson():
    noisy = noise.shot_noise(tf.constant(GRAY), 50, SEEDS).numpy().ravel()
    expected = (
        np.clip(np.random.default_rng(0).poisson(128 / 255 * 50, noisy.size) / 50, 0, 1) * 255
    ).astype(np.uint8)
    observed = np.array([np.bincount(noisy, minlength=256), np.bincount(expected, minlength=256)])
    observed = observed[:, observed.sum(axis=0) > 20]
    assert stats.chi2_contingency(observed).pvalue > 1e-3


def test_black_stays_black_under_shot_and_speckle_noise():
    black = np.zeros((2, 8, 8, 3), np.uint8)
    for name in ("shot_noise", "speckle_noise"):
        assert not corrupt(black, name, 5, 0).numpy().any()
