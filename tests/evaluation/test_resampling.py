"""How often each image is drawn."""

import numpy as np
import pytest

from tf_varmixup.evaluation import resampling
from tf_varmixup.evaluation.resampling import Resamples


def drawn(*arguments):
    return np.concatenate(list(Resamples(*arguments)))


def test_every_resample_has_as_many_images():
    counts = drawn(30, 50)
    assert counts.shape == (50, 30)
    np.testing.assert_array_equal(counts.sum(axis=1), 30)


def test_the_counts_are_multinomial():
    counts = drawn(20, 20000)
    np.testing.assert_allclose(counts.mean(axis=0), 1.0, atol=0.04)
    np.testing.assert_allclose(counts.var(axis=0), 1 - 1 / 20, atol=0.05)
    assert np.mean(counts == 0) == pytest.approx((1 - 1 / 20) ** 20, abs=0.005)
    assert np.cov(counts[:, 0], counts[:, 1])[0, 1] == pytest.approx(-1 / 20, abs=0.03)


@pytest.mark.parametrize("kept", [0, 2**25])
def test_they_follow_from_the_seed_however_they_are_cut(kept, monkeypatch):
    expected = drawn(30, 50, 7)
    assert (drawn(30, 50, 8) != expected).any()
    assert (drawn(30, 50, -7) != expected).any()
    monkeypatch.setattr(resampling, "CHUNK", 100)
    monkeypatch.setattr(resampling, "KEPT", kept)
    again = Resamples(30, 50, 7)
    assert [len(chunk) for chunk in again] == [3] * 16 + [2]
    np.testing.assert_array_equal(np.concatenate(list(again)), expected)
    np.testing.assert_array_equal(np.concatenate(list(again)), expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "count to be a positive integer. Received: 0"),
        ((3, 0), "resamples to be a positive integer. Received: 0"),
        ((3, 3, 0.5), "seed to be an integer. Received: 0.5"),
    ],
)
def test_bad_input_gets_one_line(arguments, message):
    with pytest.raises(ValueError, match=message):
        Resamples(*arguments)
