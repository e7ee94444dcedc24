"""Filters as matrices, against libraries that filter images directly."""

import numpy as np
import pytest
from scipy import ndimage

from tf_varmixup.corruptions import filters, matrices

IMAGE = np.random.default_rng(0).uniform(0, 255, (11, 17))


def apply(rows, columns, image=IMAGE):
    return filters.filter_planes(
        image[None, None].astype(np.float32), np.asarray(rows), np.asarray(columns)
    ).numpy()[0, 0]


def test_planes_and_back():
    images = np.random.default_rng(1).integers(0, 256, (2, 8, 9, 3), np.uint8)
    planes = filters.to_planes(images)
    assert planes.shape == (2, 3, 8, 9)
    np.testing.assert_array_equal(filters.to_images(planes).numpy(), images)


def test_rows_and_columns_are_not_confused():
    matrix = np.zeros((11, 11))
    matrix[0, 10] = 1
    filtered = filters.filter_rows(IMAGE[None, None].astype(np.float32), matrix).numpy()[0, 0]
    np.testing.assert_allclose(filtered[0], IMAGE[10], rtol=1e-6)
    matrix = np.zeros((17, 17))
    matrix[0, 16] = 1
    filtered = filters.filter_columns(IMAGE[None, None].astype(np.float32), matrix).numpy()[0, 0]
    np.testing.assert_allclose(filtered[:, 0], IMAGE[:, 16], rtol=1e-6)


@pytest.mark.parametrize("sigma", [0.05, 0.4, 1.0, 6.0])
def test_gaussian_is_that_of_scikit_image(sigma):
    skimage = pytest.importorskip("skimage.filters")
    expected = skimage.gaussian(IMAGE, sigma=sigma, mode="nearest", truncate=4)
    np.testing.assert_allclose(
        filters.gaussian(IMAGE[None, None].astype(np.float32), sigma).numpy()[0, 0],
        expected,
        atol=1e-3,
    )


@pytest.mark.parametrize("factor", [1.0, 1.01, 1.06, 1.25, 2.25])
def test_zoom_is_that_of_scipy(factor):
    rows, columns = (
        matrices.clipped_zoom_matrix(11, factor),
        matrices.clipped_zoom_matrix(17, factor),
    )
    cut = [int(np.ceil(size / factor)) for size in IMAGE.shape]
    top, left = (11 - cut[0]) // 2, (17 - cut[1]) // 2
    zoomed = ndimage.zoom(IMAGE[top : top + cut[0], left : left + cut[1]], factor, order=1)
    top, left = (zoomed.shape[0] - 11) // 2, (zoomed.shape[1] - 17) // 2
    np.testing.assert_allclose(
        apply([rows], [columns]), zoomed[top : top + 11, left : left + 17], atol=1e-3
    )


@pytest.mark.parametrize(
    ("source", "target"), [(32, 30), (32, 20), (20, 32), (27, 32), (9, 3), (64, 57), (57, 64)]
)
def test_box_is_that_of_pillow(source, target):
    pillow = pytest.importorskip("PIL.Image")
    levels = np.random.default_rng(2).uniform(0, 255, (1, source)).astype(np.float32)
    expected = np.asarray(pillow.fromarray(levels, "F").resize((target, 1), pillow.BOX))
    np.testing.assert_allclose(
        matrices.box_matrix(source, target) @ levels[0], expected[0], atol=1e-3
    )


def test_box_by_hand():
    np.testing.assert_allclose(matrices.box_matrix(4, 2), [[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]])
    np.testing.assert_allclose(matrices.box_matrix(2, 4), [[1, 0], [1, 0], [0, 1], [0, 1]])


def test_kernel_is_that_of_opencv():
    cv2 = pytest.importorskip("cv2")
    kernel = np.random.default_rng(3).uniform(size=(5, 5))
    expected = cv2.filter2D(IMAGE, -1, kernel)
    np.testing.assert_allclose(
        apply(*matrices.kernel_matrices(kernel, 11, 17)), expected, rtol=1e-5
    )


def test_separate_keeps_the_filter_and_drops_repeated_terms():
    generator = np.random.default_rng(4)
    rows, columns = generator.uniform(size=(3, 11, 11)), generator.uniform(size=(3, 17, 17))
    rows, columns = np.concatenate([rows, rows]), np.concatenate([columns, columns])
    expected = sum(row @ IMAGE @ column.T for row, column in zip(rows, columns, strict=True))
    fewer_rows, fewer_columns = matrices.separate(rows, columns)
    assert len(fewer_rows) == len(fewer_columns) == 3
    np.testing.assert_allclose(apply(fewer_rows, fewer_columns), expected, rtol=1e-4)
