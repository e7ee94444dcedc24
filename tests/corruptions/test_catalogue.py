"""The catalogue: names in the benchmark's order and constants for every cell."""

import pytest

from tf_varmixup.corruptions import BENCHMARK, CORRUPTIONS, SEVERITIES, VALIDATION, constants_size
from tf_varmixup.corruptions.apply import FUNCTIONS
from tf_varmixup.corruptions.catalogue import CONSTANTS, constants


def test_names():
    assert len(BENCHMARK) == 15 and len(VALIDATION) == 4
    assert len(set(CORRUPTIONS)) == 19
    assert BENCHMARK[0] == "gaussian_noise" and BENCHMARK[-1] == "jpeg_compression"
    assert SEVERITIES == (1, 2, 3, 4, 5)
    assert set(FUNCTIONS) == set(CORRUPTIONS)


def test_every_cell_has_constants_of_one_form():
    for size, table in CONSTANTS.items():
        assert set(table) == set(CORRUPTIONS), size
        for name, values in table.items():
            assert len(values) == 5, (size, name)
            lengths = {len(value) if isinstance(value, tuple) else 0 for value in values}
            assert lengths == {
                len(CONSTANTS[32][name][0]) if isinstance(CONSTANTS[32][name][0], tuple) else 0
            }, (size, name)


@pytest.mark.parametrize(
    ("height", "width", "size"),
    [(8, 8, 32), (47, 47, 32), (64, 64, 64), (96, 200, 64), (300, 500, 224)],
)
def test_nearest_size_of_the_shorter_side(height, width, size):
    assert constants_size(height, width) == size


def test_some_constants_of_the_paper():
    assert constants("contrast", 5, 32, 32) == 0.15
    assert constants("jpeg_compression", 1, 64, 64) == 65
    assert constants("gaussian_noise", 5, 224, 224) == 0.38
    assert constants("elastic_transform", 1, 32, 32) == (0, 0, 2.56)
