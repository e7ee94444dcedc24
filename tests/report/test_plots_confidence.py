import numpy as np
import pytest

from tf_varmixup.report import risk_coverage, score_histograms


def logits_of(confidences):
    return np.log([[confidence, 1 - confidence] for confidence in confidences])


def test_risk_is_the_error_of_the_most_confident():
    # Sorted by confidence: right, wrong, right, wrong.
    logits, labels = logits_of([0.7, 0.9, 0.6, 0.8]), [0, 0, 1, 1]
    by_confidence, best = risk_coverage({"clean": (logits, labels)}).axes[0].lines
    expected = [[0.25, 0], [0.5, 1 / 2], [0.75, 1 / 3], [1, 2 / 4]]
    np.testing.assert_allclose(by_confidence.get_xydata(), expected)
    np.testing.assert_allclose(best.get_ydata(), [0, 0, 1 / 3, 2 / 4])


def test_images_of_one_confidence_are_in_no_order():
    axes = risk_coverage({"clean": (np.zeros((4, 2)), [0, 1, 0, 0])}).axes[0]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), 0.25)
    assert axes.get_title(loc="left") == "clean\nAURC 25.00 %"


def test_no_logits_are_refused():
    with pytest.raises(ValueError, match="at least one name"):
        risk_coverage({})


def test_histograms_are_shares_in_common_bins():
    figure = score_histograms({"svhn": ([0.0, 1.0, 1.0, 1.0], [0.0, 0.0])}, "confidence")
    inside, _, outside, _ = [patch.get_data() for patch in figure.axes[0].patches]
    np.testing.assert_array_equal(inside.edges, outside.edges)
    assert (inside.values[0], inside.values[-1]) == (0.25, 0.75)
    assert (outside.values[0], outside.values.sum()) == (1, 1)
    assert figure.axes[0].get_xlabel() == "confidence"


@pytest.mark.parametrize("scores", [{}, {"svhn": ([0.5], [])}])
def test_no_scores_are_refused(scores):
    with pytest.raises(ValueError, match="with scores of both"):
        score_histograms(scores, "confidence")
