"""Edges, distances and the water mask, against OpenCV image by image."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from tf_varmixup.corruptions import edges, spatter

cv2 = pytest.importorskip("cv2")


def liquids(count, height, width, mean, deviation, sigma, threshold):
    noise = np.random.default_rng(0).normal(mean, deviation, (count, height, width))
    liquid = ndimage.gaussian_filter(noise, (0, sigma, sigma), mode="nearest").astype(np.float32)
    liquid[liquid < threshold] = 0
    return liquid


CASES = [
    (32, 32, 0.62, 0.1, 0.7, 0.7),
    (21, 40, 0.65, 0.3, 1.0, 0.69),
    (64, 64, 0.65, 0.3, 4.0, 0.66),
]


@pytest.mark.parametrize("case", CASES)
def test_edges_are_those_of_canny(case):
    levels = np.floor(np.clip(liquids(10, *case) * 255, 0, 255))
    found = edges.edges(tf.constant(levels, tf.float32)).numpy()
    for image, result in zip(levels, found, strict=True):
        np.testing.assert_array_equal(result, cv2.Canny(image.astype(np.uint8), 50, 150) > 0)


def test_weak_edges_count_only_where_they_lead_to_strong_ones():
    levels = np.zeros((2, 20, 20), np.float32)
    levels[:, :, 10:] = 20.0  # a gradient of 80: weak
    levels[1, :3, 10:] = 60.0  # strong at the top, and connected
    found = edges.edges(tf.constant(levels)).numpy()
    assert not found[0].any()
    assert found[1, 10].any()
    np.testing.assert_array_equal(found[1], cv2.Canny(levels[1].astype(np.uint8), 50, 150) > 0)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (20, 45)])
def test_distance_is_that_of_opencv(height, width):
    is_edge = np.random.default_rng(1).uniform(size=(5, height, width)) < 0.01
    is_edge[:, 3, 4] = True
    found = edges.edge_distance(tf.constant(is_edge)).numpy()
    for image, result in zip(is_edge, found, strict=True):
        expected = cv2.distanceTransform(np.uint8(255) - np.uint8(image) * 255, cv2.DIST_L2, 5)
        near = expected < 31
        np.testing.assert_allclose(result[near], expected[near], atol=1e-3)


def test_distance_by_hand():
    is_edge = np.zeros((1, 9, 9), bool)
    is_edge[0, 4, 4] = True
    distance = edges.edge_distance(tf.constant(is_edge)).numpy()[0]
    np.testing.assert_allclose(
        [distance[4, 7], distance[2, 2], distance[5, 2], distance[4, 4]],
        [3, 2.8, 2.1969, 0],
        atol=1e-4,
    )


def test_equalize_is_that_of_opencv():
    levels = np.random.default_rng(2).integers(0, 21, (4, 16, 16)) // [[[1]], [[3]], [[7]], [[30]]]
    found = spatter.equalize(tf.constant(levels, tf.int32)).numpy()
    for image, result in zip(levels, found, strict=True):
        np.testing.assert_array_equal(result, cv2.equalizeHist(image.astype(np.uint8)))


@pytest.mark.parametrize("case", CASES)
def test_water_mask(case):
    liquid = liquids(10, *case)
    found = spatter.water_mask(tf.constant(liquid)).numpy()
    apart = []
    for image, result in zip(liquid, found, strict=True):
        drops = (image * 255).astype(np.uint8)
        distance = cv2.distanceTransform(255 - cv2.Canny(drops, 50, 150), cv2.DIST_L2, 5)
        distance = cv2.equalizeHist(cv2.blur(np.minimum(distance, 20), (3, 3)).astype(np.uint8))
        relief = cv2.filter2D(distance, cv2.CV_8U, np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]))
        mask = drops * cv2.blur(relief, (3, 3)).astype(np.float32)
        apart.append(np.abs(result - mask / mask.max()))
    assert np.mean(apart) < 1e-3


def test_a_dry_image_stays_dry():
    assert not spatter.water_mask(tf.zeros((2, 32, 32))).numpy().any()


def test_mud_mask_cuts_soft_edges():
    liquid = np.zeros((1, 16, 16), np.float32)
    liquid[0, 4:12, 4:12] = 0.7
    mask = spatter.mud_mask(tf.constant(liquid), 0.69, 0.6).numpy()[0]
    expected = ndimage.gaussian_filter((liquid[0] > 0.69).astype(float), 0.6, mode="nearest")
    np.testing.assert_allclose(mask, np.where(expected < 0.8, 0, expected), atol=1e-5)
    assert mask[8, 8] == pytest.approx(1.0, abs=1e-5)
    assert mask[4, 4] == 0
