import numpy as np
import pytest
import sklearn.metrics
import tensorflow_probability as tfp
from scipy.special import softmax

from tf_varmixup.metrics import classification_summary

PROBABILITIES = np.array(
    [[0.9, 0.09, 0.01], [0.95, 0.04, 0.01], [0.2, 0.5, 0.3], [0.3, 0.25, 0.45]]
)
LABELS = np.array([0, 1, 1, 2])
OF_OTHER_TESTS = {"smooth_ece", "classwise_ece", "brier_reliability", "brier_refinement"}


def make_data(num_classes=10, seed=0):
    generator = np.random.default_rng(seed)
    logits = (3 * generator.normal(size=(2000, num_classes))).astype("float32")
    return logits, np.where(
        generator.uniform(size=2000) < 0.6,
        logits.argmax(1),
        generator.integers(num_classes, size=2000),
    )


def test_by_hand():
    summary = classification_summary(np.log(PROBABILITIES), LABELS, num_bins=5)
    brier = (
        0.1**2
        + 0.09**2
        + 0.01**2
        + 0.95**2
        + 0.96**2
        + 0.01**2
        + 0.2**2
        + 0.5**2
        + 0.3**2
        + 0.3**2
        + 0.25**2
        + 0.55**2
    ) / 4
    expected = {
        "accuracy": 0.75,
        "nll": -np.log([0.9, 0.04, 0.5, 0.45]).mean(),
        "brier": brier,
        "ece": 0.475,
        "signed_gap": -0.05,
        "overconfidence_error": 0.5 * 0.925 * 0.425,
        "underconfidence_error": 0.5 * 0.525,
        "ece_l2": np.sqrt(0.5 * 0.525**2 + 0.5 * 0.425**2),
        "ece_max": 0.525,
        # Of 4 images in 5 bins each has its own.
        "adaptive_ece": (0.1 + 0.95 + 0.5 + 0.55) / 4,
        "debiased_calibration_error": 0.0,
        # By confidence: wrong, right, right, right; the wrong one would best come last.
        "aurc": (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4,
        "excess_aurc": (1 + 1 / 2 + 1 / 3) / 4,
        "auroc_of_errors": 0.0,
    }
    assert {name: summary[name] for name in expected} == pytest.approx(expected, abs=1e-12)
    assert set(summary) - set(expected) == OF_OTHER_TESTS
    assert all(type(value) is float for value in summary.values())


@pytest.mark.parametrize("num_classes", [2, 10, 200])
def test_agrees_with_independent_libraries(num_classes):
    logits, labels = make_data(num_classes)
    probabilities = softmax(logits.astype("float64"), axis=1)
    summary = classification_summary(logits, labels)
    assert summary["accuracy"] == pytest.approx(
        sklearn.metrics.accuracy_score(labels, probabilities.argmax(1))
    )
    assert summary["nll"] == pytest.approx(
        sklearn.metrics.log_loss(labels, probabilities, labels=np.arange(num_classes)), rel=1e-6
    )
    assert summary["brier"] == pytest.approx(
        tfp.stats.brier_score(labels.astype("int32"), logits).numpy().mean() + 1, abs=1e-6
    )
    assert summary["ece"] == pytest.approx(
        float(tfp.stats.expected_calibration_error(15, logits=logits, labels_true=labels)), abs=1e-6
    )


def test_temperature_divides_the_logits():
    logits, labels = make_data()
    cooled = classification_summary(logits, labels, temperature=2.5)
    assert cooled == classification_summary(logits.astype("float64") / 2.5, labels)
    assert cooled["accuracy"] == classification_summary(logits, labels)["accuracy"]
    assert cooled["signed_gap"] < classification_summary(logits, labels)["signed_gap"]


def test_extreme_logits_stay_finite():
    summary = classification_summary(
        np.array([[1e4, -1e4], [1e4, -1e4]], "float32"), np.array([0, 1])
    )
    expected = {
        "accuracy": 0.5,
        "nll": 1e4,
        "brier": 1.0,
        "ece": 0.5,
        "signed_gap": 0.5,
        "overconfidence_error": 0.5,
        "underconfidence_error": 0.0,
        "ece_l2": 0.5,
        "ece_max": 0.5,
        "adaptive_ece": 0.5,
        "debiased_calibration_error": 0.0,  # 0.5^2 less the variance 0.5^2 / (2 - 1)
        "smooth_ece": 0.5,
        "classwise_ece": 0.5,
        "brier_reliability": 0.5,
        "brier_refinement": 0.5,
        "aurc": 0.5,  # of two images of one confidence
        "excess_aurc": 0.25,
        "auroc_of_errors": 0.5,
    }
    assert summary == pytest.approx(expected, abs=1e-9)


def test_one_sample():
    summary = classification_summary([[0.0, 0.0]], [1])
    assert summary["nll"] == pytest.approx(np.log(2))
    assert summary["brier"] == pytest.approx(0.5)


@pytest.mark.parametrize("kind", ["float64", "float16"])
def test_probabilities_in_place_of_logits_give_a_warning(kind):
    with pytest.warns(RuntimeWarning, match=r"Expected logits. Received: rows of probabilities"):
        classification_summary(PROBABILITIES.astype(kind), LABELS)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "logits",
    [np.log(PROBABILITIES), np.eye(3)[LABELS], PROBABILITIES[:1], PROBABILITIES - [0, 0, 0.2]],
)
def test_what_may_be_logits_gives_none(logits):
    classification_summary(logits, LABELS[: len(logits)])


def test_a_diverged_model_gives_nan_and_a_warning():
    with pytest.warns(RuntimeWarning, match="Expected logits that are numbers. Received: NaN"):
        summary = classification_summary([[0.0, np.nan], [0.0, 1.0]], [0, 1])
    # Accuracy too: the largest of a row with a NaN is the NaN, and could even be right.
    assert np.isnan(list(summary.values())).all()


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        (np.zeros((0, 3)), np.zeros(0, int), "N at least 1"),
        (np.zeros((2, 1)), [0, 0], "K at least 2"),
        (np.zeros(3), [0, 0, 0], "Expected logits of shape"),
        ([["a", "b"]], [0], "Expected logits that are real numbers. Received: <U1"),
        (np.zeros((2, 3)), ["cat", "dog"], "integer labels of shape"),
        (np.zeros((2, 3)), [[0], [1]], "integer labels of shape"),
        (np.zeros((2, 3)), [1, 3], "Received: 1 ... 3. Class numbers start at 0"),
        (np.zeros((2, 3)), np.eye(3)[:2], "integer labels"),
        (np.zeros((2, 3)), [0.0, 1.0], "integer labels"),
        (np.zeros((2, 3)), [0], "integer labels of shape \\(2,\\)"),
        (np.zeros((2, 3)), [0, 3], r"0 ... 2. Received: 0 ... 3.$"),
        (np.zeros((2, 3)), [-1, 0], "0 ... 2. Received: -1 ... 0"),
    ],
)
def test_bad_input(logits, labels, message):
    with pytest.raises(ValueError, match=message):
        classification_summary(logits, labels)


@pytest.mark.parametrize("temperature", [0.0, -1.0, np.nan, np.inf])
def test_bad_temperature(temperature):
    with pytest.raises(ValueError, match="Expected temperature to be a positive number"):
        classification_summary([[0.0, 1.0]], [0], temperature=temperature)


def test_bad_num_bins():
    with pytest.raises(ValueError, match=r"a positive integer. Received: 0"):
        classification_summary([[0.0, 1.0]], [0], num_bins=0)
