import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from tf_varmixup.metrics import classwise, scores

FORMULAS = (classwise.classwise_ece, classwise.brier_reliability, classwise.brier_refinement)


def make_data(num_classes, count=1500):
    generator = np.random.default_rng(num_classes)
    probabilities = generator.dirichlet(np.full(num_classes, 0.3), count)
    return probabilities, generator.integers(num_classes, size=count)


def of_scikit_learn(own, is_label):
    return *calibration_curve(is_label, own, n_bins=15), np.histogram(own, 15, (0, 1))[0]


def of_histograms(own, is_label):
    counts, hits, sums = (
        np.histogram(own, 15, (0, 1), weights=weights)[0]
        for weights in (None, is_label.astype(float), own)
    )
    filled = counts > 0
    return hits[filled] / counts[filled], sums[filled] / counts[filled], counts


@pytest.mark.parametrize(
    ("num_classes", "curve"), [(2, of_scikit_learn), (10, of_scikit_learn), (1000, of_histograms)]
)
def test_agrees_with_other_calibration_curves(num_classes, curve):
    probabilities, labels = make_data(num_classes, 1500 if num_classes < 100 else 100)
    errors, squares = [], 0.0
    for number in range(num_classes):
        own = probabilities[:, number]
        frequency, probability, counts = curve(own, labels == number)
        share = counts[counts > 0] / len(own)
        errors.append((share * np.abs(frequency - probability)).sum())
        squares += (share * (frequency - probability) ** 2).sum()
    assert classwise.classwise_ece(probabilities, labels) == pytest.approx(
        np.mean(errors), abs=1e-10
    )
    assert classwise.brier_reliability(probabilities, labels) == pytest.approx(squares, abs=1e-10)


def test_parts_by_hand_where_predictions_repeat():
    # Three times (0.8, 0.2) with two labels 0, once (0.3, 0.7) with label 1.
    probabilities = np.array([[0.8, 0.2]] * 3 + [[0.3, 0.7]])
    labels = np.array([0, 0, 1, 1])
    reliability = 2 * (0.75 * (0.8 - 2 / 3) ** 2 + 0.25 * 0.3**2)
    assert classwise.brier_reliability(probabilities, labels) == pytest.approx(reliability)
    # sum_k n_kb / n f (1 - f), 0 in the second bin.
    assert classwise.brier_refinement(probabilities, labels) == pytest.approx(
        2 * 0.75 * (2 / 3) * (1 / 3)
    )
    assert classwise.classwise_ece(probabilities, labels) == pytest.approx(
        0.75 * (0.8 - 2 / 3) + 0.25 * 0.3
    )


def test_parts_add_up_to_the_brier_score():
    probabilities, labels = make_data(10)
    parts = (
        formula(probabilities, labels)
        for formula in (classwise.brier_reliability, classwise.brier_refinement)
    )
    assert sum(parts) == pytest.approx(scores.brier(probabilities, labels), abs=1e-12)


def test_a_class_that_is_neither_predicted_nor_a_label_counts_its_probability():
    probabilities = np.array([[0.9, 0.1, 0.0], [0.9, 0.0, 0.1]])
    labels = np.array([0, 0])
    assert classwise.classwise_ece(probabilities, labels) == pytest.approx((0.1 + 0.05 + 0.05) / 3)


def test_probabilities_on_edges_are_in_the_bin_on_their_right_and_1_in_the_last():
    probabilities = np.array([[0.0, 1.0], [0.5, 0.5], [0.25, 0.75]])
    count, _, _ = classwise.class_bins(probabilities, np.array([1, 0, 0]), num_bins=4)
    np.testing.assert_array_equal(count, [[1, 1, 1, 0], [0, 0, 1, 2]])


def test_one_image():
    probabilities, labels = np.array([[0.75, 0.25]]), np.array([0])
    assert classwise.classwise_ece(probabilities, labels) == 0.25
    assert classwise.brier_reliability(probabilities, labels) == 0.125
    assert classwise.brier_refinement(probabilities, labels) == 0.0


@pytest.mark.parametrize("formula", FORMULAS)
def test_nan_stays_nan_and_nothing_is_broadcast(formula):
    assert np.isnan(formula(np.array([[0.5, 0.5], [np.nan, np.nan]]), np.array([0, 1])))
    with pytest.raises(ValueError, match=r"Expected scores \(N, K\) and labels \(N,\)"):
        formula(np.ones((4, 2)), np.ones((4, 1), int))
    with pytest.raises(ValueError, match="Expected num_bins to be a positive integer"):
        formula(np.ones((4, 2)), np.ones(4, int), 0)
