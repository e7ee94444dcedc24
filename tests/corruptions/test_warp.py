"""Images read at other places."""

import math

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from tf_varmixup.corruptions import warp

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 12, 15, 3), np.uint8)


def test_gather_pixels_stays_within_each_image():
    index = np.array([[0, 179], [14, 15], [1, 1]], np.int32)
    expected = [
        [IMAGES[0, 0, 0], IMAGES[0, 11, 14]],
        [IMAGES[1, 0, 14], IMAGES[1, 1, 0]],
        [IMAGES[2, 0, 1], IMAGES[2, 0, 1]],
    ]
    np.testing.assert_array_equal(
        warp.gather_pixels(tf.constant(IMAGES), tf.constant(index)).numpy(), expected
    )


def motion_by_hand(image, radius, sigma, angle):
    weights = [math.exp(-(step**2) / (2 * sigma**2)) for step in range(2 * radius + 1)]
    height, width, _ = image.shape
    result = np.zeros(image.shape)
    for step, weight in enumerate(weights):
        down = math.ceil(step * math.sin(math.radians(angle)) - 0.5)
        right = math.ceil(step * math.cos(math.radians(angle)) - 0.5)
        rows = np.clip(np.arange(height) + down, 0, height - 1)
        columns = np.clip(np.arange(width) + right, 0, width - 1)
        result += weight / sum(weights) * image[rows][:, columns]
    return result


@pytest.mark.parametrize(
    ("radius", "sigma", "angle_range"),
    [(6, 1, (-45, 45)), (9, 2.5, (-45, 45)), (14, 12, (-135, -45))],
)
def test_motion_blur(radius, sigma, angle_range):
    angles = np.linspace(*angle_range, 3) + 0.25
    blurred = warp.motion_blur(
        tf.constant(IMAGES), radius, sigma, tf.constant(angles, tf.float32), angle_range
    ).numpy()
    for image, angle, result in zip(IMAGES, angles, blurred, strict=True):
        np.testing.assert_allclose(result, motion_by_hand(image, radius, sigma, angle), atol=0.05)


@pytest.mark.parametrize(
    ("border", "expected"),
    [
        (warp.reflect_101, [3, 2, 1, 0, 1, 2, 3, 4, 3, 2, 1, 0, 1]),
        (warp.reflect, [2, 1, 0, 0, 1, 2, 3, 4, 4, 3, 2, 1, 0]),
    ],
)
def test_borders(border, expected):
    shift = 3
    np.testing.assert_array_equal(
        border(tf.range(-shift, 10, dtype=tf.float32), 5).numpy(), expected
    )


@pytest.mark.parametrize(
    ("border", "mode"), [(warp.reflect_101, "mirror"), (warp.reflect, "reflect")]
)
def test_bilinear_is_that_of_scipy(border, mode):
    generator = np.random.default_rng(1)
    down, right = generator.uniform(-15, 30, (2, 3, 7, 9)).astype(np.float32)
    read = warp.bilinear(tf.constant(IMAGES), tf.constant(down), tf.constant(right), border).numpy()
    for number in range(3):
        for channel in range(3):
            image = IMAGES[number, :, :, channel].astype(np.float64)
            expected = ndimage.map_coordinates(
                image, [down[number], right[number]], order=1, mode=mode
            )
            np.testing.assert_allclose(read[number, :, :, channel], expected, atol=1e-2)
