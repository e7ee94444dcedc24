"""Every corruption against the same one made with SciPy, scikit-image, OpenCV and Pillow, from the
same draws, at the benchmark's sizes."""

import numpy as np
import pytest
import tensorflow as tf
from sklearn import datasets

from tf_varmixup.corruptions import CORRUPTIONS, SEVERITIES, frost, plasma, sampling
from tf_varmixup.corruptions.catalogue import constants
from tf_varmixup.corruptions.functions import FUNCTIONS
from tf_varmixup.draws import run_seed

pytest.importorskip("cv2")
pytest.importorskip("skimage")

from benchmarks import library_corruptions as library

# These draw by a distribution's table or from uniform numbers where the libraries count photons and
# flips: see test_noise.
OWN_WAY_TO_DRAW = ("shot_noise", "impulse_noise")


@pytest.fixture(scope="module")
def photographs():
    """Two photographs `uint8 (427, 640, 3)` that ship with scikit-learn."""
    return datasets.load_sample_images().images


def images(photographs, height, width, count):
    """Pieces of the photographs, at half their size where that is enough."""
    step = 2 if height < 100 else 1
    generator, pieces = np.random.default_rng(0), []
    for number in range(count):
        photograph = photographs[number % 2][::step, ::step]
        top, left = (
            generator.integers(0, size - side)
            for size, side in zip(photograph.shape, (height, width), strict=False)
        )
        pieces.append(photograph[top : top + height, left : left + width])
    return np.stack(pieces)


def draws(corruption, seeds, shape, values):
    """The draws of our function for these seeds, a tuple per image, as the libraries take them."""
    height, width, _ = shape
    if corruption in ("gaussian_noise", "speckle_noise"):
        return zip(sampling.normal(seeds, *shape).numpy())
    if corruption == "spatter":
        return zip(sampling.normal(seeds, height, width).numpy())
    if corruption == "motion_blur":
        return zip(-45 + 90 * sampling.uniform(seeds).numpy())
    if corruption == "fog":
        return zip(plasma.plasma(seeds, height, width, values.decay).numpy())
    if corruption == "glass_blur":
        reach, passes = values.reach, values.passes
        both = np.int32(sampling.uniform(seeds, passes, height, width).numpy() * (2 * reach) ** 2)
        return zip(np.stack([both // (2 * reach), both % (2 * reach)], axis=1) - reach)
    if corruption == "snow":
        return zip(
            sampling.normal(seeds, height, width).numpy(),
            -135 + 90 * sampling.uniform(seeds, stream=1).numpy(),
            strict=True,
        )
    if corruption == "elastic_transform":
        moves = 2 * sampling.uniform(seeds, 3, 2).numpy() - 1
        return zip(
            moves, 2 * sampling.uniform(seeds, 2, height, width, stream=1).numpy() - 1, strict=True
        )
    if corruption == "frost":
        return [
            (frost_piece(row, values.scale, height, width),)
            for row in sampling.uniform(seeds, 3).numpy()
        ]
    return [()] * len(seeds)


def frost_piece(row, scale, height, width):
    texture = frost.frost_textures(scale, height, width)[int(row[0] * np.float32(5))]
    top, left = (
        int(share * np.float32(size - side))
        for share, size, side in zip(row[1:], texture.shape, (height, width), strict=False)
    )
    return texture[top : top + height, left : left + width]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("height", "width", "count"), [(32, 32, 5), (21, 30, 2), (64, 64, 2), (224, 224, 1)]
)
@pytest.mark.parametrize(
    "corruption", [name for name in CORRUPTIONS if name not in OWN_WAY_TO_DRAW]
)
def test_same_draws_give_the_same_images(photographs, corruption, height, width, count):
    clean = images(photographs, height, width, count)
    for severity in SEVERITIES:
        values = constants(corruption, severity, height, width)
        seeds = sampling.image_seeds(run_seed(severity), tf.range(count))
        found = library.to_levels(FUNCTIONS[corruption](tf.constant(clean), values, seeds).numpy())
        given = zip(clean, draws(corruption, seeds, clean.shape[1:], values), strict=True)
        expected = [
            library.to_levels(library.FUNCTIONS[corruption](image, values, *drawn))
            for image, drawn in given
        ]
        difference = np.abs(found.astype(int) - expected)
        assert difference.mean() <= 0.35, severity
        assert (difference <= 2).mean() >= 0.995, severity
