import functools

import numpy as np
import pytest
import tensorflow_probability as tfp

from tf_varmixup.metrics import calibration

CONFIDENCE = np.array([0.9, 0.95, 0.5, 0.45])
CORRECT = np.array([True, False, True, True])
FORMULAS = (
    calibration.ece,
    functools.partial(calibration.ece, norm="l2"),
    functools.partial(calibration.ece, norm="max"),
    calibration.signed_gap,
    calibration.overconfidence_error,
    calibration.underconfidence_error,
)


def test_by_hand():
    # Bins [.4, .6): confidence .475, accuracy 1; [.8, 1]: confidence .925, accuracy .5.
    assert calibration.ece(CONFIDENCE, CORRECT, 5) == pytest.approx(0.5 * 0.525 + 0.5 * 0.425)
    assert calibration.signed_gap(CONFIDENCE, CORRECT, 5) == pytest.approx(-0.05)
    assert calibration.overconfidence_error(CONFIDENCE, CORRECT, 5) == pytest.approx(
        0.5 * 0.925 * 0.425
    )
    assert calibration.underconfidence_error(CONFIDENCE, CORRECT, 5) == pytest.approx(0.5 * 0.525)
    assert calibration.ece(CONFIDENCE, CORRECT, 5, "max") == pytest.approx(0.525)
    assert calibration.ece(CONFIDENCE, CORRECT, 5, "l2") == pytest.approx(
        np.sqrt(0.5 * 0.525**2 + 0.5 * 0.425**2)
    )
    count, confidence, accuracy = calibration.confidence_bins(CONFIDENCE, CORRECT, 5)
    np.testing.assert_array_equal(count, [0, 0, 2, 0, 2])
    np.testing.assert_allclose(confidence, [np.nan, np.nan, 0.475, np.nan, 0.925])
    np.testing.assert_allclose(accuracy, [np.nan, np.nan, 1.0, np.nan, 0.5])


def test_ece_is_that_of_tensorflow_probability():
    generator = np.random.default_rng(0)
    probabilities, labels = generator.dirichlet(np.ones(5), 400), generator.integers(5, size=400)
    expected = tfp.stats.expected_calibration_error(
        15, logits=np.log(probabilities).astype("float32"), labels_true=labels
    )
    correct = probabilities.argmax(1) == labels
    assert calibration.ece(probabilities.max(1), correct) == pytest.approx(
        float(expected), abs=1e-6
    )


def test_certainty_is_in_the_last_bin():
    assert calibration.confidence_bins(np.array([1.0]), np.array([True]), 3)[0].tolist() == [
        0,
        0,
        1,
    ]


def test_edges_belong_to_the_bin_on_their_right():
    confidence = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    count, _, _ = calibration.confidence_bins(confidence, np.ones(5, bool), 4)
    np.testing.assert_array_equal(count, [1, 1, 1, 2])


def test_another_norm_is_refused():
    with pytest.raises(ValueError, match="Expected norm to be one of 'l1', 'l2', 'max'"):
        calibration.ece(CONFIDENCE, CORRECT, norm="L3")


@pytest.mark.parametrize("formula", FORMULAS)
def test_nan_stays_nan(formula):
    assert np.isnan(formula(np.array([0.5, np.nan]), np.array([True, False])))


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("correct", [np.array([True]), np.ones((4, 1), bool)])
def test_nothing_is_broadcast(formula, correct):
    with pytest.raises(ValueError, match=r"Expected confidence \(N,\) and correct \(N,\)"):
        formula(CONFIDENCE, correct)
