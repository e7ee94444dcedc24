import numpy as np
import pytest
import sklearn.metrics

from tf_varmixup.metrics import scores

PROBABILITIES = np.array([[0.9, 0.1, 0.0], [0.95, 0.05, 0.0], [0.2, 0.5, 0.3], [0.3, 0.25, 0.45]])
LABELS = np.array([0, 1, 1, 2])


def test_by_hand():
    assert scores.accuracy(PROBABILITIES, LABELS) == 0.75
    assert scores.brier(PROBABILITIES, LABELS) == pytest.approx((0.02 + 1.805 + 0.38 + 0.455) / 4)
    expected = -np.log([0.9, 0.05, 0.5, 0.45]).mean()
    with np.errstate(divide="ignore"):
        assert scores.nll(np.log(PROBABILITIES), LABELS) == pytest.approx(expected)


def test_agree_with_scikit_learn():
    generator = np.random.default_rng(0)
    probabilities, labels = generator.dirichlet(np.ones(2), 500), generator.integers(2, size=500)
    assert scores.nll(np.log(probabilities), labels) == pytest.approx(
        sklearn.metrics.log_loss(labels, probabilities)
    )
    # Of two classes, scikit-learn counts the distance of one.
    assert scores.brier(probabilities, labels) == pytest.approx(
        2 * sklearn.metrics.brier_score_loss(labels, probabilities[:, 1])
    )


def test_what_is_given_stays_as_it_was():
    before = PROBABILITIES.copy()
    scores.brier(PROBABILITIES, LABELS)
    np.testing.assert_array_equal(PROBABILITIES, before)


def test_accuracy_of_a_diverged_model_is_nan():
    assert np.isnan(scores.accuracy(np.array([[0.0, np.nan]]), np.array([1])))


@pytest.mark.parametrize("formula", [scores.accuracy, scores.nll, scores.brier])
@pytest.mark.parametrize("labels", [np.array([0]), np.zeros((4, 1), int), np.eye(4, 3)])
def test_nothing_is_broadcast(formula, labels):
    with pytest.raises(ValueError, match=r"Expected scores \(N, K\) and labels \(N,\)"):
        formula(PROBABILITIES, labels)
