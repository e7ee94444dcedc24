import functools

import numpy as np
import pytest

from tf_varmixup import metrics
from tf_varmixup.metrics import MEASURES, Measure, brief_measures, classification_summary, measure
from tf_varmixup.metrics.measures import measure_or_plain

STREAMING = (
    metrics.BrierScore,
    metrics.ExpectedCalibrationError,
    metrics.OverconfidenceError,
    metrics.SignedCalibrationGap,
    metrics.UnderconfidenceError,
    metrics.NegativeLogLikelihood,
    *(functools.partial(metrics.ExpectedCalibrationError, norm=norm) for norm in ("l2", "max")),
    functools.partial(metrics.ClasswiseCalibrationError, 2),
    functools.partial(metrics.BrierReliability, 2),
    functools.partial(metrics.BrierRefinement, 2),
)

# What stands in metrics.json for each section of images, and what for whole test sets alone.
EVERYWHERE = (
    "accuracy",
    "error",
    "nll",
    "brier",
    "ece",
    "signed_gap",
    "overconfidence_error",
    "underconfidence_error",
)
DETAILED = (
    "ece_l2",
    "ece_max",
    "adaptive_ece",
    "debiased_calibration_error",
    "smooth_ece",
    "classwise_ece",
    "brier_reliability",
    "brier_refinement",
    "aurc",
    "excess_aurc",
    "auroc_of_errors",
)


def test_names_are_those_that_files_have():
    assert tuple(one.name for one in MEASURES) == (*EVERYWHERE, *DETAILED)
    assert tuple(one.name for one in MEASURES if one.detailed) == DETAILED
    columns = ("accuracy", "error", "ece", "nll")
    assert tuple(one.name for one in brief_measures()) == columns


@pytest.mark.parametrize("one", MEASURES, ids=lambda one: one.name)
def test_every_entry_says_what_it_is(one):
    assert one.unit in ("%", "nats", "")
    assert one.better in ("higher", "lower", "zero")
    assert one.title
    assert one.description
    assert not one.description.endswith(".")
    assert (one.formula is None) == bool(one.one_minus)
    assert measure(one.name) is one


def test_the_streaming_metrics_have_the_names_of_the_list():
    for streaming in STREAMING:
        assert measure(streaming().name).formula is not None


def test_details_are_left_out_where_metrics_are_taken_many_times():
    logits, labels = np.array([[2.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), np.array([0, 1, 1])
    few = classification_summary(logits, labels, detailed=False)
    everything = classification_summary(logits, labels)
    assert set(few) == set(EVERYWHERE) - {"error"}
    assert set(everything) - set(few) == set(DETAILED)
    assert few.items() <= everything.items()


def test_an_error_is_one_minus_the_accuracy_unless_it_is_there():
    assert measure("error").value({"accuracy": 0.7}) == 1.0 - 0.7
    assert measure("error").value({"accuracy": 0.7, "error": 0.5}) == 0.5
    assert measure("error").value({"auroc": 0.7}) is None
    assert measure("ece").value({"accuracy": 0.7}) is None


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'accuracy'"):
        measure("acuracy")
    assert measure_or_plain("mean_auroc").title == "Mean auroc"


def test_a_new_entry_is_measured_everywhere(monkeypatch):
    median = Measure(
        "median_confidence",
        "Median confidence",
        "%",
        "zero",
        lambda given: float(np.median(given.confidence)),
        "half of the images are more confident",
    )
    monkeypatch.setattr("tf_varmixup.metrics.measures.MEASURES", (*MEASURES, median))
    monkeypatch.setattr("tf_varmixup.metrics.summary.MEASURES", (*MEASURES, median))
    summary = classification_summary(np.log([[0.8, 0.2], [0.3, 0.7], [0.9, 0.1]]), [0, 0, 0])
    assert list(summary)[-1] == "median_confidence"
    assert summary["median_confidence"] == pytest.approx(0.8)
    assert [one.name for one in brief_measures()][4:] == ["median_confidence"]
    assert measure("median_confidence") is median
