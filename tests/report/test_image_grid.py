import io

import numpy as np
import pytest
from matplotlib import image

from tf_varmixup.report.picture_grid import as_pictures, picture_grid


def test_uint8_and_grey_become_rgb_in_0_1():
    pictures = as_pictures(np.array([[[[0], [51]]]], "uint8"), 4, "images")
    assert pictures.shape == (1, 1, 2, 3)
    np.testing.assert_allclose(pictures[0, 0], [[0, 0, 0], [0.2, 0.2, 0.2]])


def test_floats_are_kept_and_clipped():
    pictures = as_pictures(np.array([[[[-0.5, 0.25, 1.5]]]], "float32"), 4, "images")
    np.testing.assert_array_equal(pictures, [[[[0, 0.25, 1]]]])


@pytest.mark.parametrize("shape", [(2, 8, 8), (2, 8, 8, 4), (0, 8, 8, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"images must have 4 dimensions.*got shape"):
        as_pictures(np.zeros(shape), 4, "images")


@pytest.mark.parametrize(("size", "scale"), [(8, 16), (28, 5), (32, 4), (64, 2), (300, 1)])
def test_every_pixel_becomes_a_square_of_whole_pixels_in_the_file(size, scale):
    picture = np.random.default_rng(size).integers(0, 256, (1, size, size, 3)).astype("uint8")
    figure, axes = picture_grid([picture / 255.0, picture / 255.0], left=20, top=30, row_gaps=[10])
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    buffer.seek(0)
    drawn = np.round(image.imread(buffer)[..., :3] * 255).astype("uint8")
    expected = picture[0].repeat(scale, axis=0).repeat(scale, axis=1)
    np.testing.assert_array_equal(drawn[30 : 30 + size * scale, 20 : 20 + size * scale], expected)
    below = 30 + size * scale + 10
    np.testing.assert_array_equal(
        drawn[below : below + size * scale, 20 : 20 + size * scale], expected
    )
    assert len(axes) == 2 and len(axes[0]) == 1


def test_many_columns_get_smaller_cells():
    figure, _ = picture_grid([np.zeros((40, 8, 8, 3))], left=0, right=0, column_gap=0)
    # 1400 // 40 = 35 pixels a cell, the nearest multiple of 8 being 32.
    assert figure.get_figwidth() * 150 == pytest.approx(40 * 32)
