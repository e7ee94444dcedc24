"""The one wording of what was expected and what was received."""

import math

import numpy as np
import pytest

from tf_varmixup.checks import (
    check_choice,
    check_count,
    check_positive,
    check_share,
    renamed,
    suggestion,
)


@pytest.mark.parametrize("value", [1, 0.5, np.float32(0.25), np.int64(3)])
def test_a_positive_number_becomes_a_float(value):
    found = check_positive("alpha", value)
    assert found == value
    assert type(found) is float


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, "1", None, True, [1.0]])
def test_what_is_no_positive_number_is_named(value):
    with pytest.raises(ValueError, match="Expected alpha to be a positive number") as raised:
        check_positive("alpha", value)
    assert str(raised.value).endswith(f"Received: {value!r}.")


def test_shares_reach_from_0_to_below_1():
    assert check_share("clean_share", 0) == 0.0
    assert check_share("clean_share", np.float64(0.99)) == 0.99
    for value in (1, 1.0, -0.01, math.nan, False, "0.5"):
        with pytest.raises(ValueError, match=r"Expected clean_share to be .* at least 0 and below"):
            check_share("clean_share", value)


def test_counts_are_integers_that_are_large_enough():
    assert check_count("batch_size", np.int32(4)) == 4
    assert type(check_count("batch_size", np.int32(4))) is int
    for value in (0, -1, 2.0, True, "2", None):
        with pytest.raises(ValueError, match="Expected batch_size to be a positive integer"):
            check_count("batch_size", value)
    with pytest.raises(ValueError, match=r"integer of at least 2\. Received: 1\."):
        check_count("steps", 1, smallest=2)


def test_an_unknown_word_is_answered_with_the_known_and_the_nearest():
    assert check_choice("latents", "mean", ("mean", "sample")) == "mean"
    with pytest.raises(ValueError, match="latents") as raised:
        check_choice("latents", "samples", ("mean", "sample"))
    assert str(raised.value) == (
        "Expected latents to be one of 'mean', 'sample'. Received: 'samples'. "
        "Did you mean 'sample'?"
    )


def test_nothing_is_suggested_where_nothing_is_near():
    assert suggestion("alfa", ["alpha", "latents"]) == " Did you mean 'alpha'?"
    assert suggestion("x", ["alpha", "latents"]) == ""
    assert suggestion(None, []) == ""


def test_a_former_name_works_with_a_warning():
    @renamed(max_pictures="max_images")
    def first(count, max_images=None):
        """Doc."""
        return count, max_images

    assert first(1, max_images=2) == (1, 2)
    with pytest.warns(DeprecationWarning, match="max_pictures is called max_images now"):
        assert first(1, max_pictures=3) == (1, 3)
    with pytest.raises(TypeError, match="max_images alone"):
        first(1, max_pictures=3, max_images=3)
    assert first.__doc__ == "Doc."
