import io

import matplotlib.image
import numpy as np
import pytest

from tf_varmixup.report.image_grid import as_rgb, image_grid


def test_uint8_and_gray_become_rgb_in_0_1():
    shown = as_rgb(np.array([[[[0], [51]]]], "uint8"), 4, "images")
    assert shown.shape == (1, 1, 2, 3)
    np.testing.assert_allclose(shown[0, 0], [[0, 0, 0], [0.2, 0.2, 0.2]])


def test_what_values_mean_does_not_hang_on_the_dtype():
    levels = np.array([[[[0, 51, 255]]]])
    for dtype in ("uint8", "float16", "float32", "float64", "int32"):
        np.testing.assert_allclose(as_rgb(levels.astype(dtype), 4, "images"), levels / 255)


def test_values_outside_are_clipped():
    shown = as_rgb(np.array([[[[-10.0, 63.75, 300.0]]]], "float32"), 4, "images")
    np.testing.assert_array_equal(shown, [[[[0, 0.25, 1]]]])


def test_images_that_look_like_another_range_give_a_warning():
    images = np.full((1, 2, 2, 1), 0.5)
    with pytest.warns(UserWarning, match=r"Expected decoded in 0..255. Received: values up to 0.5"):
        as_rgb(images, 4, "decoded")
    np.testing.assert_array_equal(as_rgb(images, 4, "decoded", value_range=(0, 1)), 0.5)


@pytest.mark.parametrize("shape", [(2, 8, 8), (2, 8, 8, 4), (0, 8, 8, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"Expected images with 4 dimensions.*Received: shape"):
        as_rgb(np.zeros(shape), 4, "images")


@pytest.mark.parametrize(("size", "scale"), [(8, 16), (28, 5), (32, 4), (64, 2), (300, 1)])
def test_every_pixel_becomes_a_square_of_whole_pixels_in_the_file(size, scale):
    image = np.random.default_rng(size).integers(0, 256, (1, size, size, 3)).astype("uint8")
    figure, axes = image_grid([image / 255.0, image / 255.0], left=20, top=30, row_gaps=[10])
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    buffer.seek(0)
    drawn = np.round(matplotlib.image.imread(buffer)[..., :3] * 255).astype("uint8")
    expected = image[0].repeat(scale, axis=0).repeat(scale, axis=1)
    np.testing.assert_array_equal(drawn[30 : 30 + size * scale, 20 : 20 + size * scale], expected)
    below = 30 + size * scale + 10
    np.testing.assert_array_equal(
        drawn[below : below + size * scale, 20 : 20 + size * scale], expected
    )
    assert len(axes) == 2
    assert len(axes[0]) == 1


def test_many_columns_get_smaller_cells():
    figure, _ = image_grid([np.zeros((40, 8, 8, 3))], left=0, right=0, column_gap=0)
    # 1400 // 40 = 35 pixels a cell, the nearest multiple of 8 being 32.
    assert figure.get_figwidth() * 150 == pytest.approx(40 * 32)
