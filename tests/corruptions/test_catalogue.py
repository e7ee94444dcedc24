"""The catalogue: names in the benchmark's order and constants for every cell."""

import dataclasses

import pytest

from tf_varmixup.corruptions import BENCHMARK, CORRUPTIONS, SEVERITIES, VALIDATION, constants_size
from tf_varmixup.corruptions.catalogue import CONSTANTS, constants
from tf_varmixup.corruptions.constants import ElasticTransform, Fog, by_severity
from tf_varmixup.corruptions.functions import FUNCTIONS


def test_names():
    assert len(BENCHMARK) == 15
    assert len(VALIDATION) == 4
    assert len(set(CORRUPTIONS)) == 19
    assert BENCHMARK[0] == "gaussian_noise"
    assert BENCHMARK[-1] == "jpeg_compression"
    assert SEVERITIES == (1, 2, 3, 4, 5)
    assert set(FUNCTIONS) == set(CORRUPTIONS)


def test_every_cell_has_constants_of_one_kind():
    for size, table in CONSTANTS.items():
        assert tuple(table) == CORRUPTIONS, size
        for name, values in table.items():
            assert len(values) == len(SEVERITIES), (size, name)
            kinds = {type(value) if dataclasses.is_dataclass(value) else float for value in values}
            first = CONSTANTS[32][name][0]
            assert kinds == {type(first) if dataclasses.is_dataclass(first) else float}, (
                size,
                name,
            )


def test_spatter_is_either_water_or_mud():
    for size, table in CONSTANTS.items():
        for values in table["spatter"]:
            assert (values.water is None) != (values.mud_sigma is None), (size, values)


def test_columns_of_a_table_become_the_constants_of_each_severity():
    assert by_severity(Fog, amount=(0.2, 0.5), decay=(3, 2.5)) == (
        Fog(amount=0.2, decay=3),
        Fog(amount=0.5, decay=2.5),
    )
    with pytest.raises(ValueError, match="zip"):
        by_severity(Fog, amount=(0.2, 0.5), decay=(3,))
    with pytest.raises(TypeError, match="decay"):
        by_severity(Fog, amount=(0.2, 0.5))


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
    assert constants("elastic_transform", 1, 32, 32) == ElasticTransform(
        alpha=0, sigma=0, affine=2.56
    )
    assert constants("snow", 3, 32, 32).image_weight == 0.9
    assert constants("snow", 5, 224, 224).threshold == 0.85
    assert constants("motion_blur", 5, 64, 64).radius == 12
    assert constants("spatter", 4, 224, 224).mud_sigma == 1.5
    assert constants("spatter", 3, 32, 32).water == 0.5
