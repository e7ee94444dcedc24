import dataclasses

import numpy as np
import pytest
import sklearn.calibration
from scipy.special import softmax

from tf_varmixup.calibration import reliability_bins
from tf_varmixup.metrics import classification_summary

PROBABILITIES = np.array(
    [[0.9, 0.09, 0.01], [0.95, 0.04, 0.01], [0.2, 0.5, 0.3], [0.3, 0.25, 0.45]]
)
LABELS = np.array([0, 1, 1, 2])


def make_data():
    generator = np.random.default_rng(0)
    logits = 3 * generator.normal(size=(1000, 10))
    return logits, np.where(
        generator.uniform(size=1000) < 0.6, logits.argmax(1), generator.integers(10, size=1000)
    )


def test_by_hand():
    bins = reliability_bins(np.log(PROBABILITIES), LABELS, num_bins=5)
    np.testing.assert_allclose(bins.edges, [0, 0.2, 0.4, 0.6, 0.8, 1])
    np.testing.assert_array_equal(bins.count, [0, 0, 2, 0, 2])
    np.testing.assert_allclose(bins.confidence, [np.nan, np.nan, 0.475, np.nan, 0.925])
    np.testing.assert_allclose(bins.accuracy, [np.nan, np.nan, 1.0, np.nan, 0.5])


def test_agrees_with_scikit_learn():
    logits, labels = make_data()
    bins = reliability_bins(logits, labels)
    correct = logits.argmax(1) == labels
    accuracy, confidence = sklearn.calibration.calibration_curve(
        correct, softmax(logits, axis=1).max(1), n_bins=15
    )
    filled = bins.count > 0
    np.testing.assert_allclose(bins.accuracy[filled], accuracy)
    np.testing.assert_allclose(bins.confidence[filled], confidence)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_bins_add_up_to_the_summary(temperature):
    logits, labels = make_data()
    bins = reliability_bins(logits, labels, temperature=temperature)
    expected = classification_summary(logits, labels, temperature)
    assert bins.count.sum() == 1000
    assert np.nansum(bins.count / 1000 * np.abs(bins.confidence - bins.accuracy)) == pytest.approx(
        expected["ece"]
    )
    assert np.nansum(bins.count / 1000 * bins.accuracy) == pytest.approx(expected["accuracy"])


def test_certainty_is_in_the_last_bin():
    bins = reliability_bins([[1000.0, 0.0]], [0])
    np.testing.assert_array_equal(bins.count, [0] * 14 + [1])


def test_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        reliability_bins([[1.0, 0.0]], [0]).count = None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": 0.0}, "Expected temperature"),
        ({"num_bins": 0}, "Expected num_bins"),
        ({"num_bins": 1.5}, "Expected num_bins"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        reliability_bins([[1.0, 0.0]], [0], **options)


def test_one_hot_labels_are_refused():
    with pytest.raises(ValueError, match="integer labels of shape"):
        reliability_bins(np.zeros((2, 2)), np.eye(2))
