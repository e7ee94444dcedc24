"""Every metric has the value that other libraries give, on sets of predictions that others made."""

import numpy as np
import pytest
from scipy.special import softmax

from tf_varmixup import metrics
from tf_varmixup.metrics import calibration, classification_summary, equal_mass

SETS = ("over_k10", "under_k10", "k2", "over_k100", "ties_k10", "saturated_k10")
# In these, confidences lie on bin edges or are exactly 1.
HARD = ("ties_k10", "saturated_k10")
SOURCES = {
    "accuracy": ["accuracy"],
    "nll": ["numpy_nll_from_logits"],
    "brier": ["numpy_brier_sum_over_classes"],
    "ece": ["numpy_ece_left_closed_15", "netcal_ece_conf_15"],
    "adaptive_ece": ["uc_ece_equal_mass_15"],
    "debiased_calibration_error": ["uc_top_l2_debiased_mass15"],
    "smooth_ece": ["numpy_smece_exact"],
    "aurc": ["numpy_aurc_mean_expected_ties"],
    "excess_aurc": ["numpy_eaurc_exact"],
    "auroc_of_errors": ["sklearn_auroc_correct_by_confidence"],
}
NORMS = {"l1": "ece", "l2": "rmsce", "max": "mce"}


class Stored:
    """The predictions of a set, and the values of other libraries."""

    def __init__(self, file, name):
        self.logits, self.labels = file[f"{name}_logits"], file[f"{name}_labels"]
        known = f"{name}_probs" in file
        self.probabilities = file[f"{name}_probs"] if known else softmax(self.logits, axis=1)
        self.confidence = self.probabilities.max(1)
        self.correct = self.probabilities.argmax(1) == self.labels
        row = file["values"][list(file["set_names"]).index(name)]
        self.values = dict(zip(file["metric_names"], row, strict=True))


@pytest.fixture(scope="module", params=SETS)
def stored(request, shared):
    with np.load(shared / "method_reference" / "calibration.npz") as file:
        one = Stored(file, request.param)
    one.name = request.param
    return one


def test_of_collected_logits(stored):
    summary = classification_summary(stored.logits, stored.labels)
    for name, sources in SOURCES.items():
        for source in sources:
            assert summary[name] == pytest.approx(stored.values[source], abs=1e-5), source
    gap = stored.values["mean_confidence"] - stored.values["accuracy"]
    assert summary["signed_gap"] == pytest.approx(gap, abs=1e-5)


@pytest.mark.parametrize("num_bins", [10, 15])
@pytest.mark.parametrize("norm", NORMS)
def test_of_confidences_on_bin_edges_and_of_1(stored, norm, num_bins):
    found = calibration.ece(stored.confidence, stored.correct, num_bins, norm)
    # That set has a confidence of 0.9 less half a unit in the last place.
    own_edge = stored.name == "ties_k10" and num_bins == 10
    source = "torchmetrics_{}_{}" if own_edge else "numpy_{}_left_closed_{}"
    expected = stored.values[source.format(norm if own_edge else NORMS[norm], num_bins)]
    assert found == pytest.approx(expected, abs=1e-5)
    if stored.name not in HARD:  # where torchmetrics rounds, and has a bin for 1 alone
        assert found == pytest.approx(stored.values[f"torchmetrics_{norm}_{num_bins}"], abs=1e-5)


def test_equal_mass_with_ten_bins(stored):
    found = equal_mass.adaptive_ece(stored.confidence, stored.correct, 10)
    assert found == pytest.approx(stored.values["uc_ece_equal_mass_10"], abs=1e-5)


def test_of_either_class_of_two(stored):
    if stored.name == "k2":
        # Of two classes, netcal measures the probability of the second.
        found = classification_summary(stored.logits, stored.labels)["classwise_ece"]
        assert found == pytest.approx(stored.values["netcal_ece_15"], abs=1e-5)


def streamed(metric, predictions, labels):
    for part in np.array_split(np.arange(len(labels)), 2):
        metric.update_state(labels[part], predictions[part])
    return float(metric.result())


@pytest.mark.parametrize("norm", NORMS)
def test_streaming_calibration_error(stored, norm):
    if stored.name == "ties_k10":
        # In float32 the softmax of its logits is on neither side of an edge for sure.
        metric = metrics.ExpectedCalibrationError(10, from_logits=False, norm=norm)
        found = streamed(metric, stored.probabilities, stored.labels)
        expected = stored.values[f"torchmetrics_{norm}_10"]
    else:
        metric = metrics.ExpectedCalibrationError(norm=norm)
        found = streamed(metric, stored.logits, stored.labels)
        expected = stored.values[f"numpy_{NORMS[norm]}_left_closed_15"]
    assert found == pytest.approx(expected, abs=1e-5)


def test_streaming_scores(stored):
    for metric, source in (
        (metrics.NegativeLogLikelihood(), "numpy_nll_from_logits"),
        (metrics.BrierScore(), "numpy_brier_sum_over_classes"),
    ):
        found = streamed(metric, stored.logits, stored.labels)
        assert found == pytest.approx(stored.values[source], abs=1e-5, rel=1e-6)
