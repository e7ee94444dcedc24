import numpy as np
import pytest
from scipy.optimize import brentq

from tf_varmixup.metrics.smooth import smooth_ece


def by_definition(confidence, correct):
    """Sum Gaussians and their images in the mirrors at 0 and 1."""
    places = np.linspace(0, 1, 5001)[:, None]
    mirrored = [sign * confidence + shift for sign in (1, -1) for shift in range(-4, 6, 2)]

    def excess(width):
        kernel = sum(np.exp(-((places - at) ** 2) / (2 * width**2)) for at in mirrored)
        smoothed = (kernel * (confidence - correct)).mean(1) / (width * np.sqrt(2 * np.pi))
        return np.trapezoid(np.abs(smoothed), places[:, 0]) - width

    return brentq(excess, 1e-2, 1.0, xtol=1e-7)


@pytest.mark.parametrize(
    ("confidence", "correct"),
    [
        ([0.8, 0.55, 0.6, 0.95, 1.0, 0.3], [1, 0, 1, 0, 1, 1]),
        ([1.0, 1.0, 1.0, 0.5, 0.5], [1, 1, 0, 1, 1]),  # certainty, ties
        ([0.0, 0.0, 1.0], [1, 0, 0]),  # of binary predictions, at both ends
        ([0.5, 0.9], [1, 0]),
    ],
)
def test_by_definition(confidence, correct):
    confidence, correct = np.array(confidence), np.array(correct, bool)
    expected = by_definition(confidence, correct)
    assert smooth_ece(confidence, correct) == pytest.approx(expected, abs=1e-5)


def test_gaps_of_one_sign_add_up_to_their_mean():
    confidence = np.linspace(0.7, 1.0, 50)
    assert smooth_ece(confidence, np.zeros(50, bool)) == pytest.approx(confidence.mean(), abs=1e-9)
    assert smooth_ece(confidence, np.ones(50, bool)) == pytest.approx(
        1 - confidence.mean(), abs=1e-9
    )


@pytest.mark.parametrize(("confidence", "expected"), [(0.75, 0.25), (1.0, 0.0), (0.0, 1.0)])
def test_one_image(confidence, expected):
    found = smooth_ece(np.array([confidence]), np.array([True]))
    assert found == pytest.approx(expected, abs=1e-9)


def test_no_bin_edge_makes_it_jump():
    correct = np.arange(100) % 3 > 0
    below, above = (smooth_ece(np.full(100, 0.6) + shift, correct) for shift in (-1e-9, 1e-9))
    assert below == pytest.approx(above, abs=1e-8)


def test_nan_stays_nan():
    assert np.isnan(smooth_ece(np.array([0.5, np.nan]), np.array([True, False])))


def test_nothing_is_broadcast():
    with pytest.raises(ValueError, match=r"Expected confidence \(N,\) and correct \(N,\)"):
        smooth_ece(np.ones(4), np.ones((4, 1), bool))
