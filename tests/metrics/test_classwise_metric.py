import numpy as np
import pytest

from tf_varmixup.metrics import (
    BrierRefinement,
    BrierReliability,
    BrierScore,
    ClasswiseCalibrationError,
    classwise,
)

FORMULAS = {
    ClasswiseCalibrationError: classwise.classwise_ece,
    BrierReliability: classwise.brier_reliability,
    BrierRefinement: classwise.brier_refinement,
}


@pytest.mark.parametrize("num_classes", [2, 10, 1000])
@pytest.mark.parametrize("kind", FORMULAS)
def test_streaming_is_the_formula(kind, num_classes):
    generator = np.random.default_rng(num_classes)
    probabilities = generator.dirichlet(np.full(num_classes, 0.3), 300).astype("float32")
    labels = generator.integers(num_classes, size=300)
    metric = kind(num_classes, from_logits=False)
    for part in np.split(np.arange(300), [100, 101]):
        metric.update_state(labels[part], probabilities[part])
    expected = FORMULAS[kind](probabilities.astype("float64"), labels)
    assert float(metric.result()) == pytest.approx(expected, abs=2e-6)


def test_weights_are_repetitions():
    probabilities, labels = np.array([[0.9, 0.1], [0.7, 0.3], [0.4, 0.6]]), np.array([0, 1, 1])
    times = np.array([1, 3, 2])
    for kind, formula in FORMULAS.items():
        metric = kind(2, from_logits=False)
        metric.update_state(labels, probabilities, sample_weight=times)
        expected = formula(np.repeat(probabilities, times, 0), np.repeat(labels, times))
        assert float(metric.result()) == pytest.approx(expected, abs=1e-6)


def test_soft_labels_enter_as_they_are_and_parts_add_up():
    labels, probabilities = [[0.5, 0.5], [1.0, 0.0]], [[0.8, 0.2], [0.8, 0.2]]
    parts = [kind(2, from_logits=False) for kind in (BrierReliability, BrierRefinement)]
    whole = BrierScore(from_logits=False)
    for metric in (*parts, whole):
        metric.update_state(labels, probabilities)
    assert float(parts[0].result()) == pytest.approx(2 * 0.05**2, abs=1e-6)
    assert sum(float(part.result()) for part in parts) == pytest.approx(
        float(whole.result()), abs=1e-6
    )


def test_another_number_of_classes_is_refused():
    with pytest.raises(ValueError, match=r"Expected predictions of 3 classes. Received: 2"):
        BrierReliability(3).update_state([0], [[0.0, 2.0]])
    with pytest.raises(ValueError, match="Expected num_classes to be an integer of at least 2"):
        ClasswiseCalibrationError(1)
