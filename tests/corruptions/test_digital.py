"""Contrast, saturation, pixelation, JPEG and the elastic map."""

import io

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.corruptions import corrupt, digital
from tf_varmixup.corruptions.catalogue import constants

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)


@pytest.mark.parametrize("severity", [1, 2, 3, 4, 5])
def test_saturate(severity):
    color = pytest.importorskip("skimage.color")
    images = IMAGES.copy()
    images[:, 0] = images[:, 0, :, :1]  # gray pixels, which have hue 0
    images[:, 1] = 0
    values = constants("saturate", severity, 32, 32)
    hsv = color.rgb2hsv(images / 255.0)
    hsv[..., 1] = np.clip(hsv[..., 1] * values.factor + values.offset, 0, 1)
    expected = (color.hsv2rgb(hsv) * 255).astype(int)
    difference = np.abs(corrupt(images, "saturate", severity, 0).numpy() - expected)
    assert difference.max() <= 1
    assert difference.mean() < 0.3


def test_saturate_by_hand():
    images = np.full((1, 8, 8, 3), (200, 100, 150), np.uint8)
    # Saturation 0.5, 0.15 after severity 1: the lowest channel moves to 200 (1 - 0.15).
    np.testing.assert_array_equal(
        corrupt(images, "saturate", 1, 0).numpy()[0, 0, 0], [200, 170, 185]
    )


@pytest.mark.parametrize("severity", [1, 5])
@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_is_that_of_pillow(severity, channels):
    pillow = pytest.importorskip("PIL.Image")
    images = IMAGES[..., :channels]
    result = corrupt(images, "jpeg_compression", severity, 0).numpy()
    for image, found in zip(images, result, strict=True):
        file = io.BytesIO()
        pillow.fromarray(image.squeeze()).save(
            file, "JPEG", quality=constants("jpeg_compression", severity, 32, 32)
        )
        expected = np.asarray(pillow.open(file)).reshape(image.shape)
        assert np.abs(found.astype(int) - expected).mean() < 1.0


def test_affine_map_is_that_of_opencv():
    cv2 = pytest.importorskip("cv2")
    rows, columns = np.mgrid[:32, :32]
    smooth = np.stack([rows * 7, columns * 7, 100 + 50 * np.sin(rows / 4)], axis=-1).astype(
        np.float32
    )
    moves = np.random.default_rng(1).uniform(-2.56, 2.56, (3, 3, 2)).astype(np.float32)
    result = digital._affine(tf.constant(np.stack([smooth] * 3)), tf.constant(moves)).numpy()
    points = np.float32([[26, 26], [26, 6], [6, 6]])
    for move, found in zip(moves, result, strict=True):
        matrix = cv2.getAffineTransform(points, points + move)
        expected = cv2.warpAffine(smooth, matrix, (32, 32), borderMode=cv2.BORDER_REFLECT_101)
        np.testing.assert_allclose(found, expected, atol=0.5)


def test_no_moves_leave_the_image():
    result = digital._affine(tf.constant(IMAGES), tf.zeros((4, 3, 2))).numpy()
    np.testing.assert_allclose(result, IMAGES, atol=1e-3)


@pytest.mark.parametrize("severity", [1, 2, 5])
def test_elastic_keeps_the_levels_of_a_plain_image_and_moves_others(severity):
    plain = np.full((2, 32, 32, 3), 77, np.uint8)
    assert set(np.unique(corrupt(plain, "elastic_transform", severity, 0).numpy())) <= {76, 77}
    moved = corrupt(IMAGES, "elastic_transform", severity, 0).numpy()
    assert np.abs(moved.astype(int) - IMAGES).mean() > 10
