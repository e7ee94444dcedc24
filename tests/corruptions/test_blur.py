"""Blurs against SciPy, OpenCV and the original's loops."""

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.corruptions import blur, corrupt

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)


def sources_by_the_original_loop(down, right, reach):
    height, width = down.shape
    image = np.arange(height * width).reshape(height, width)
    for row in range(height - reach, reach, -1):
        for column in range(width - reach, reach, -1):
            image[row, column] = image[row + down[row, column], column + right[row, column]]
    return image.ravel()


@pytest.mark.parametrize("reach", [1, 2, 4])
def test_glass_sources(reach):
    generator = np.random.default_rng(reach)
    down, right = generator.integers(-reach, reach, (2, 3, 14, 19)).astype(np.int32)
    found = blur.glass_sources(tf.constant(down), tf.constant(right), reach).numpy()
    for number in range(3):
        np.testing.assert_array_equal(
            found[number], sources_by_the_original_loop(down[number], right[number], reach)
        )


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
                    chosen[down, right] += (
                        (result[:, row, column] == IMAGES[:, row - down, column - right])
                        .all(axis=1)
                        .sum()
                    )
    assert chosen.sum() == 4 * 30 * 30
    np.testing.assert_allclose(chosen / chosen.sum(), 0.25, atol=0.03)


def test_motion_blur_reads_to_the_right():
    images = np.zeros((50, 16, 40, 1), np.uint8)
    images[:, :, 20:] = 255
    result = corrupt(images, "motion_blur", 5, 0).numpy()
    assert (result[:, 8, 15] > 0).all()
    assert (result[:, 8, 20:] >= 254).all()
