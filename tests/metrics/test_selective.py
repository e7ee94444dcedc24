import itertools

import numpy as np
import pytest
import sklearn.metrics

from tf_varmixup.metrics import selective
from tf_varmixup.metrics.ranking import auroc

FORMULAS = (selective.aurc, selective.excess_aurc, selective.auroc_of_errors)


def test_curve_by_hand():
    confidence, correct = np.array([0.6, 0.9, 0.8, 0.5]), np.array([True, True, False, True])
    coverage, risk = selective.risk_coverage(confidence, correct)
    np.testing.assert_allclose(coverage, [0.25, 0.5, 0.75, 1.0])
    np.testing.assert_allclose(risk, [0.0, 1 / 2, 1 / 3, 1 / 4])
    assert selective.aurc(confidence, correct) == pytest.approx(13 / 48)
    # The best order has its only error last.
    assert selective.excess_aurc(confidence, correct) == pytest.approx(13 / 48 - 1 / 16)


def test_ties_count_the_mean_over_their_orders():
    confidence = np.array([0.9, 0.7, 0.7, 0.7, 0.7, 0.2])
    wrong = np.array([0, 1, 0, 0, 1, 1])
    means = [
        np.mean(np.cumsum([wrong[0], *order, wrong[5]]) / np.arange(1, 7))
        for order in itertools.permutations(wrong[1:5])
    ]
    assert selective.aurc(confidence, wrong == 0) == pytest.approx(np.mean(means), abs=1e-12)


def test_the_best_order_has_no_excess_and_no_errors_have_no_area():
    confidence = np.linspace(0.9, 0.1, 20)
    assert selective.excess_aurc(confidence, np.arange(20) < 13) == pytest.approx(0.0, abs=1e-12)
    assert selective.aurc(confidence, np.ones(20, bool)) == 0.0
    assert selective.aurc(np.ones(20), np.zeros(20, bool)) == 1.0


def test_auroc_is_that_of_scikit_learn_with_ties():
    generator = np.random.default_rng(0)
    confidence = np.round(generator.uniform(size=500), 1)
    correct = generator.uniform(size=500) < confidence
    assert selective.auroc_of_errors(confidence, correct) == pytest.approx(
        sklearn.metrics.roc_auc_score(correct, confidence), abs=1e-12
    )


def test_auroc_of_no_errors_or_nothing_else_is_nan():
    assert np.isnan(selective.auroc_of_errors(np.array([0.9, 0.8]), np.array([True, True])))
    assert np.isnan(selective.auroc_of_errors(np.array([0.9]), np.array([False])))
    assert auroc(np.array([1.0, 1.0]), np.array([1.0])) == 0.5


def test_one_image():
    assert selective.aurc(np.array([1.0]), np.array([False])) == 1.0
    assert selective.excess_aurc(np.array([1.0]), np.array([False])) == 0.0


@pytest.mark.parametrize("formula", FORMULAS)
def test_nan_stays_nan_and_nothing_is_broadcast(formula):
    assert np.isnan(formula(np.array([0.5, np.nan]), np.array([True, False])))
    with pytest.raises(ValueError, match=r"Expected confidence \(N,\) and correct \(N,\)"):
        formula(np.ones(4), np.ones((4, 1), bool))
