import numpy as np
import pytest

from tf_varmixup.images import as_float, as_uint8


def test_every_level_survives_the_way_there_and_back():
    levels = np.arange(256, dtype="uint8").reshape(1, 16, 16, 1)
    floats = as_float(levels).numpy()
    assert floats.dtype == np.float32 and floats.min() == 0.0 and floats.max() == 1.0
    np.testing.assert_array_equal(as_uint8(floats), levels)


@pytest.mark.parametrize(
    ("value", "level"), [(-0.5, 0), (1.5, 255), (0.499 / 255, 0), (0.501 / 255, 1)]
)
def test_rounding_and_clipping(value, level):
    assert as_uint8(np.full((1, 1, 1, 1), value, "float32")).numpy().item() == level


def test_half_precision_pictures_become_float32():
    assert as_float(np.ones((1, 1, 1, 1), "float16")).dtype == "float32"
