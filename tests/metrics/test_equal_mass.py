import numpy as np
import pytest

from tf_varmixup.metrics import equal_mass
from tf_varmixup.metrics.equal_mass import equal_mass_bins

FORMULAS = (equal_mass.adaptive_ece, equal_mass.debiased_calibration_error)


def test_bins_by_hand():
    confidence = np.array([0.9, 0.1, 0.5, 0.7, 0.3])
    count, mean, accuracy = equal_mass_bins(confidence, confidence > 0.4, num_bins=2)
    np.testing.assert_array_equal(count, [3, 2])
    np.testing.assert_allclose(mean, [0.3, 0.8])
    np.testing.assert_allclose(accuracy, [1 / 3, 1])


@pytest.mark.parametrize("num_bins", [1, 2, 3, 15])
def test_ties_stay_together_and_their_order_does_not_matter(num_bins):
    generator = np.random.default_rng(0)
    confidence = generator.choice([0.0, 0.25, 0.5, 1.0], size=200)
    correct = generator.uniform(size=200) < confidence
    count, mean, _ = equal_mass_bins(confidence, correct, num_bins)
    assert count.sum() == 200
    assert len(count) <= min(num_bins, 4)
    assert (np.diff(mean) > 0).all()
    order = generator.permutation(200)
    for formula in FORMULAS:
        again = formula(confidence[order], correct[order], num_bins)
        assert again == pytest.approx(formula(confidence, correct, num_bins), abs=1e-12)


def test_images_fewer_than_bins_have_one_each():
    count, _, _ = equal_mass_bins(np.array([0.5, 0.6, 0.7]), np.ones(3, bool), num_bins=15)
    np.testing.assert_array_equal(count, [1, 1, 1])


def test_one_image():
    confidence, correct = np.array([0.75]), np.array([True])
    assert equal_mass.adaptive_ece(confidence, correct) == 0.25
    assert equal_mass.debiased_calibration_error(confidence, correct) == 0.0


def test_debiased_by_hand():
    # One bin of 8, confidence 0.9, accuracy 0.5: 0.4^2 - 0.25 / 7.
    found = equal_mass.debiased_calibration_error(np.full(8, 0.9), np.arange(8) % 2 == 0)
    assert found == pytest.approx(np.sqrt(0.16 - 0.25 / 7))


def test_debiased_is_nothing_on_average_where_calibration_is_perfect():
    generator = np.random.default_rng(0)
    squares = []
    for _ in range(200):
        confidence = generator.uniform(0.5, 1.0, 300)
        correct = generator.uniform(size=300) < confidence
        count, mean, accuracy = equal_mass_bins(confidence, correct)
        terms = (mean - accuracy) ** 2 - accuracy * (1 - accuracy) / (count - 1)
        squares.append((count * terms).sum() / 300)
        found = equal_mass.debiased_calibration_error(confidence, correct)
        assert found == pytest.approx(np.sqrt(max(squares[-1], 0.0)), abs=1e-12)
    assert abs(np.mean(squares)) < 4 * np.std(squares) / np.sqrt(200)


@pytest.mark.parametrize("formula", FORMULAS)
def test_nan_stays_nan(formula):
    assert np.isnan(formula(np.array([0.5, np.nan]), np.array([True, False])))
    assert np.isnan(formula(np.array([0.5, np.nan, 0.6]), np.array([True, False, True]), 1))


@pytest.mark.parametrize("formula", FORMULAS)
def test_nothing_is_broadcast(formula):
    with pytest.raises(ValueError, match=r"Expected confidence \(N,\) and correct \(N,\)"):
        formula(np.ones(4), np.ones((4, 1), bool))
    with pytest.raises(ValueError, match="Expected num_bins to be a positive integer"):
        formula(np.ones(4), np.ones(4, bool), 0)
