"""Blurs against SciPy, OpenCV and the original's loops."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from tf_varmixup.corruptions import blur, corrupt
from tf_varmixup.corruptions.catalogue import constants

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)


def levels_apart(result, expected):
    """Truncation may fall either way where a value is whole, so that a level of difference now and then is right."""
    difference = np.abs(result.astype(int) - expected.astype(int))
    assert difference.max() <= 1 and difference.mean() < 0.02, (difference.max(), difference.mean())


@pytest.mark.parametrize("severity", [1, 5])
@pytest.mark.parametrize("size", [32, 70])
def test_gaussian_blur(severity, size):
    images = np.random.default_rng(1).integers(0, 256, (2, size, size + 3, 3), np.uint8)
    sigma = constants("gaussian_blur", severity, size, size + 3)
    expected = ndimage.gaussian_filter(images / 255.0, (0, sigma, sigma, 0), mode="nearest", truncate=4) * 255
    levels_apart(corrupt(images, "gaussian_blur", severity, 0).numpy(), expected.astype(np.uint8))


@pytest.mark.parametrize("size", [32, 64, 150])
@pytest.mark.parametrize("severity", [1, 3, 5])
def test_defocus_blur(size, severity):
    cv2 = pytest.importorskip("cv2")
    radius, alias_sigma = constants("defocus_blur", severity, size, size)
    extent = np.arange(-8, 9) if radius <= 8 else np.arange(-radius, radius + 1)
    disk = np.float32(extent**2 + extent[:, None] ** 2 <= radius**2)
    kernel = cv2.GaussianBlur(disk / disk.sum(), (3, 3) if radius <= 8 else (5, 5), sigmaX=alias_sigma)
    image = np.random.default_rng(2).integers(0, 256, (size, size, 3), np.uint8)
    expected = np.clip(cv2.filter2D(image / 255.0, -1, kernel), 0, 1) * 255
    levels_apart(corrupt(image[None], "defocus_blur", severity, 0).numpy()[0], expected.astype(np.uint8))


@pytest.mark.parametrize(("severity", "factors"), [(1, 7), (2, 12), (3, 16), (4, 21), (5, 26)])
def test_zoom_blur(severity, factors):
    values = np.arange(1, *constants("zoom_blur", severity, 32, 32))
    assert len(values) == factors
    image = IMAGES[0].astype(np.float64)
    total = image.copy()
    for factor in values:
        cut = int(np.ceil(32 / factor))
        first = (32 - cut) // 2
        zoomed = ndimage.zoom(image[first : first + cut, first : first + cut], (factor, factor, 1), order=1)
        trim = (len(zoomed) - 32) // 2
        total += zoomed[trim : trim + 32, trim : trim + 32]
    levels_apart(corrupt(IMAGES[:1], "zoom_blur", severity, 0).numpy()[0], (total / (factors + 1)).astype(np.uint8))


def sources_by_the_original_loop(down, right, reach):
    height, width = down.shape
    picture = np.arange(height * width).reshape(height, width)
    for row in range(height - reach, reach, -1):
        for column in range(width - reach, reach, -1):
            picture[row, column] = picture[row + down[row, column], column + right[row, column]]
    return picture.ravel()


@pytest.mark.parametrize("reach", [1, 2, 4])
def test_glass_sources(reach):
    generator = np.random.default_rng(reach)
    down, right = generator.integers(-reach, reach, (2, 3, 14, 19)).astype(np.int32)
    found = blur.glass_sources(tf.constant(down), tf.constant(right), reach).numpy()
    for number in range(3):
        np.testing.assert_array_equal(found[number], sources_by_the_original_loop(down[number], right[number], reach))


def test_glass_blur_moves_pixels_by_one_down_and_right():
    # sigma 0.05 blurs nothing, so that severity 1 only moves pixels.
    result = corrupt(IMAGES, "glass_blur", 1, 0).numpy()
    np.testing.assert_array_equal(result[:, :2], IMAGES[:, :2])
    np.testing.assert_array_equal(result[:, :, :2], IMAGES[:, :, :2])
    chosen = np.zeros((2, 2))
    for row in range(2, 32):
        for column in range(2, 32):
            for down in (0, 1):
                for right in (0, 1):
                    chosen[down, right] += (result[:, row, column] == IMAGES[:, row - down, column - right]).all(axis=1).sum()
    assert chosen.sum() == 4 * 30 * 30
    np.testing.assert_allclose(chosen / chosen.sum(), 0.25, atol=0.03)


def test_motion_blur_reads_to_the_right():
    images = np.zeros((50, 16, 40, 1), np.uint8)
    images[:, :, 20:] = 255
    result = corrupt(images, "motion_blur", 5, 0).numpy()
    assert (result[:, 8, 15] > 0).all()
    assert (result[:, 8, 20:] >= 254).all()
