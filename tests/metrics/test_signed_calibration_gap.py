import keras
import numpy as np
import pytest

from tf_varmixup.metrics import SignedCalibrationGap

PROBABILITIES = [[0.9, 0.1, 0.0], [0.95, 0.05, 0.0], [0.2, 0.5, 0.3], [0.3, 0.25, 0.45]]
LABELS = [0, 1, 1, 2]


def test_by_hand():
    metric = SignedCalibrationGap(num_bins=5, from_logits=False)
    metric.update_state(LABELS, PROBABILITIES)
    assert float(metric.result()) == pytest.approx(-0.5 * 0.525 + 0.5 * 0.425, abs=1e-6)


def test_sample_weights_by_hand():
    metric = SignedCalibrationGap(num_bins=5, from_logits=False)
    metric.update_state(LABELS, PROBABILITIES, sample_weight=[1, 3, 1, 1])
    assert float(metric.result()) == pytest.approx(4 / 6 * 0.6875 - 2 / 6 * 0.525, abs=1e-6)


@pytest.mark.parametrize("num_bins", [1, 7, 15])
def test_is_mean_confidence_minus_accuracy_whatever_the_bins(num_bins):
    generator = np.random.default_rng(0)
    probabilities, labels = (
        generator.dirichlet(np.ones(4), size=300),
        generator.integers(4, size=300),
    )
    metric = SignedCalibrationGap(num_bins, from_logits=False)
    metric.update_state(labels, probabilities)
    expected = keras.metrics.SparseCategoricalAccuracy()
    expected.update_state(labels, probabilities)
    assert float(metric.result()) == pytest.approx(
        probabilities.max(1).mean() - float(expected.result()), abs=1e-6
    )


def test_overconfidence_is_positive():
    metric = SignedCalibrationGap(from_logits=False)
    metric.update_state([1, 1], [[0.99, 0.01]] * 2)
    assert float(metric.result()) == pytest.approx(0.99, abs=1e-6)
