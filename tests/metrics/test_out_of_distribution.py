import numpy as np
import pytest
import sklearn.metrics
from scipy.special import log_softmax, logsumexp, softmax
from scipy.stats import entropy

from tf_varmixup.evaluation import ood_intervals
from tf_varmixup.metrics import measure, ood_scores, ood_summary
from tf_varmixup.metrics.measures import measure_or_plain

SCORES = ("max_probability", "entropy", "energy")


def make_logits(num_classes=10, scale=3.0, count=400, seed=0):
    return scale * np.random.default_rng(seed).normal(size=(count, num_classes))


def test_scores_are_those_of_scipy():
    logits = make_logits()
    scores = ood_scores(logits.astype("float32"))
    probabilities = softmax(logits, axis=1)
    np.testing.assert_allclose(scores["max_probability"], probabilities.max(1), rtol=1e-5)
    np.testing.assert_allclose(scores["entropy"], -entropy(probabilities, axis=1), atol=1e-5)
    np.testing.assert_allclose(scores["energy"], logsumexp(logits, axis=1), rtol=1e-5)


@pytest.mark.parametrize("num_classes", [2, 1000])
@pytest.mark.parametrize("decimals", [None, 0])
def test_summary_is_that_of_scikit_learn(num_classes, decimals):
    inside, outside = make_logits(num_classes), make_logits(num_classes, 2.0, 250, seed=1)
    if decimals is not None:  # ties
        inside, outside = inside.round(decimals), outside.round(decimals)
    found = ood_summary(inside, outside)
    assert len(found) == 12
    scores = [
        np.concatenate(pair)
        for pair in zip(ood_scores(inside).values(), ood_scores(outside).values(), strict=True)
    ]
    own = np.arange(650) < 400
    for name, score in zip(SCORES, scores, strict=True):
        false, true, _ = sklearn.metrics.roc_curve(own, score, drop_intermediate=False)
        expected = {
            "auroc": sklearn.metrics.roc_auc_score(own, score),
            "aupr_in": sklearn.metrics.average_precision_score(own, score),
            "aupr_out": sklearn.metrics.average_precision_score(~own, -score),
            "fpr95": false[np.argmax(true >= 0.95)],
        }
        for kind, value in expected.items():
            assert found[f"{kind}_{name}"] == pytest.approx(value, abs=1e-12), (kind, name)


def test_by_hand():
    # Maximum probabilities of 20 images of the dataset are all above those of 3 of 4 others.
    inside = np.log([[0.9, 0.1]] * 19 + [[0.6, 0.4]])
    outside = np.log([[0.55, 0.45], [0.5, 0.5], [0.7, 0.3], [0.95, 0.05]])
    found = ood_summary(inside, outside)
    assert found["auroc_max_probability"] == pytest.approx((19 * 3 + 2) / 80)
    # 95 % of 20 images are 19, whose lowest score is 0.9.
    assert found["fpr95_max_probability"] == 0.25


def test_certainty_ties():
    found = ood_summary(np.array([[1e4, 0.0]] * 3), np.array([[2e4, 0.0]] * 2))
    assert found["auroc_max_probability"] == found["auroc_entropy"] == 0.5
    assert found["auroc_energy"] == 0.0
    assert found["fpr95_max_probability"] == 1.0


def test_one_image_each():
    found = ood_summary([[2.0, 0.0]], [[1.0, 0.0]])
    assert found["auroc_entropy"] == found["aupr_in_entropy"] == found["aupr_out_entropy"] == 1.0
    assert found["fpr95_entropy"] == 0.0


def test_nan_is_not_measured_and_warned_about_once():
    with pytest.warns(RuntimeWarning, match="Expected logits that are numbers") as seen:
        found = ood_summary([[0.0, np.nan]], [[0.0, 1.0]])
    assert len(seen) == 1
    assert np.isnan(list(found.values())).all()
    assert set(found) == set(ood_summary([[0.0, 2.0]], [[0.0, 1.0]]))


def test_every_number_has_an_entry():
    for name in ood_summary([[0.0, 2.0]], [[0.0, 1.0]]):
        one = measure_or_plain(name)
        assert (one.name, one.unit) == (name, "%")
        assert one.better == ("lower" if name.startswith("fpr") else "higher")
        assert one.description
        with pytest.raises(ValueError, match="Expected name to be one of"):
            measure(name)


@pytest.mark.parametrize("logits", [np.zeros(3), np.zeros((2, 1)), np.zeros((0, 3))])
def test_bad_shapes(logits):
    with pytest.raises(ValueError, match=r"Expected logits of shape \(N, K\)"):
        ood_summary(logits, np.zeros((2, 3)))
    with pytest.raises(ValueError, match="Expected logits_out of 3 classes, as logits_in"):
        ood_summary(np.zeros((2, 3)), np.zeros((2, 4)))


def test_probabilities_have_no_energy():
    logits = make_logits()
    found, known = (
        ood_summary(log_softmax(logits, 1), log_softmax(logits / 2, 1)),
        ood_summary(logits, logits / 2),
    )
    for name, value in found.items():
        if name.endswith("energy"):
            assert np.isnan(value)
        else:
            np.testing.assert_allclose(value, known[name], atol=1e-9)
    intervals = ood_intervals(log_softmax(logits, 1), log_softmax(logits / 2, 1), resamples=50)
    assert list(intervals) == list(found)
    assert np.isnan(intervals["fpr95_energy"]).all()
    low, high = intervals["auroc_entropy"]
    assert low < found["auroc_entropy"] < high
