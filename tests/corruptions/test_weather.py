"""Weather, against scikit-image and by hand."""

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.corruptions import corrupt, plasma, sampling
from tf_varmixup.corruptions.catalogue import constants
from tf_varmixup.draws import run_seed

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)


@pytest.mark.parametrize("severity", [1, 4, 5])
def test_brightness(severity):
    color = pytest.importorskip("skimage.color")
    images = IMAGES.copy()
    images[:, 0] = 0  # black turns gray
    hsv = color.rgb2hsv(images / 255.0)
    hsv[..., 2] = np.clip(hsv[..., 2] + constants("brightness", severity, 32, 32), 0, 1)
    expected = (color.hsv2rgb(hsv) * 255).astype(int)
    difference = np.abs(corrupt(images, "brightness", severity, 0).numpy() - expected)
    assert difference.max() <= 1
    assert difference.mean() < 0.3


def test_brightness_by_hand():
    images = np.full((1, 8, 8, 3), (100, 50, 0), np.uint8)
    # 0.30 of 255 is 76.5: the value rises to 176.5 and the other channels in proportion.
    np.testing.assert_array_equal(
        corrupt(images, "brightness", 5, 0).numpy()[0, 0, 0], [176, 88, 0]
    )


@pytest.mark.parametrize(("height", "width"), [(32, 32), (9, 20)])
def test_plasma_spans_the_unit_range_and_is_smooth(height, width):
    maps = plasma.plasma(
        sampling.image_seeds(run_seed(0), tf.range(50)), height, width, 3.0
    ).numpy()
    assert maps.shape == (50, height, width)
    assert maps.min() >= 0
    assert maps.max() <= 1
    if height == width == 32:
        np.testing.assert_allclose(
            [maps.min(axis=(1, 2)), maps.max(axis=(1, 2))], [[0.0] * 50, [1.0] * 50], atol=1e-6
        )
    steps = np.abs(np.diff(maps, axis=1)).mean()
    assert steps < 0.3 * maps.std()


@pytest.mark.parametrize(("side", "decay"), [(8, 1.75), (32, 3.0), (224, 1.4)])
def test_plasma_is_that_of_numpy(side, decay):
    library = pytest.importorskip("benchmarks.library_corruptions", exc_type=ImportError)
    seeds = sampling.image_seeds(run_seed(1), tf.range(1))
    drawn = iter(
        2 * sampling.uniform(seeds, 4 ** (side - 1).bit_length() - 1).numpy()[0].astype(np.float64)
        - 1
    )
    expected = library.diamond_square(
        lambda count: np.array([next(drawn) for _ in range(count)]), side, decay
    )
    np.testing.assert_allclose(
        plasma.plasma(seeds, side, side, decay).numpy()[0], expected[:side, :side], atol=1e-5
    )


def test_fog_keeps_the_images_highest_value_as_its_bound():
    images = np.full((3, 32, 32, 3), 100, np.uint8)
    foggy = corrupt(images, "fog", 5, 0).numpy()
    # (x + c p) max / (max + c): from 100 * 100 / (100 + 382.5) at no fog to 100 at full fog.
    assert foggy.min() == 20
    assert 99 <= foggy.max() <= 100
    np.testing.assert_array_equal(foggy[..., 0], foggy[..., 2])


def test_snow_adds_a_layer_that_is_its_own_half_turn():
    black = np.zeros((6, 32, 32, 3), np.uint8)
    snowy = corrupt(black, "snow", 3, 0).numpy()
    assert snowy.min() == 12  # (1 - 0.9) * 127.5, truncated
    np.testing.assert_array_equal(snowy, snowy[:, ::-1, ::-1])
    assert 15 < snowy.mean() < 27
    assert len(np.unique(snowy.mean(axis=(1, 2, 3)))) == 6


def test_frost_takes_different_pieces_and_weighs_them():
    gray = np.full((30, 32, 32, 3), 100, np.uint8)
    frosty = corrupt(gray, "frost", 3, 0).numpy().astype(float)
    assert (frosty >= 89).all()  # 0.9 * 100, truncated in the sum
    assert len(np.unique(frosty.reshape(30, -1), axis=0)) == 30


def test_mud_and_water_have_their_colors():
    black, white = np.zeros((20, 32, 32, 3), np.uint8), np.full((20, 32, 32, 3), 255, np.uint8)
    mud = corrupt(white, "spatter", 5, 0).numpy()
    covered = (mud != 255).all(axis=-1)
    assert 0.005 < covered.mean() < 0.1
    assert (mud[covered] >= [63, 42, 20]).all()
    assert mud[covered].min() < 30
    water = corrupt(black, "spatter", 3, 0).numpy().astype(float)
    brightest = water.reshape(20, -1, 3).max(axis=1)
    np.testing.assert_allclose(
        brightest, np.tile([0.5 * 175, 0.5 * 238, 0.5 * 238], (20, 1)), atol=1
    )
