import numpy as np
import pytest
import tensorflow_probability as tfp

from tf_varmixup.metrics import ExpectedCalibrationError

PROBABILITIES = [[0.9, 0.1, 0.0], [0.95, 0.05, 0.0], [0.2, 0.5, 0.3], [0.3, 0.25, 0.45]]
LABELS = [0, 1, 1, 2]


def test_by_hand():
    # bins [.4, .6): confidence .475, accuracy 1; [.8, 1]: confidence .925, accuracy .5; two samples
    # each
    metric = ExpectedCalibrationError(num_bins=5, from_logits=False)
    metric.update_state(LABELS, PROBABILITIES)
    assert float(metric.result()) == pytest.approx(0.5 * 0.525 + 0.5 * 0.425, abs=1e-6)


def test_sample_weights_by_hand():
    # the second sample counts three times: [.8, 1] has weight 4, confidence .9375, accuracy .25
    metric = ExpectedCalibrationError(num_bins=5, from_logits=False)
    metric.update_state(LABELS, PROBABILITIES, sample_weight=[1, 3, 1, 1])
    assert float(metric.result()) == pytest.approx(4 / 6 * 0.6875 + 2 / 6 * 0.525, abs=1e-6)


@pytest.mark.parametrize("num_classes", [2, 10, 1000])
@pytest.mark.parametrize("num_bins", [1, 15])
def test_agrees_with_tensorflow_probability(num_classes, num_bins):
    generator = np.random.default_rng(num_classes)
    logits = (4 * generator.normal(size=(700, num_classes))).astype("float32")
    labels = np.where(
        generator.uniform(size=700) < 0.6,
        logits.argmax(1),
        generator.integers(num_classes, size=700),
    )
    metric = ExpectedCalibrationError(num_bins)
    for start in range(0, 700, 128):
        metric.update_state(labels[start : start + 128], logits[start : start + 128])
    expected = tfp.stats.expected_calibration_error(num_bins, logits=logits, labels_true=labels)
    assert float(metric.result()) == pytest.approx(float(expected), abs=1e-6)


def test_one_certain_sample():
    metric = ExpectedCalibrationError()
    metric.update_state([1], [[-50.0, 50.0]])
    assert float(metric.result()) == 0
    metric.reset_state()
    metric.update_state([0], [[-50.0, 50.0]])
    assert float(metric.result()) == 1


def test_logits_too_close_for_their_probabilities_are_told_apart():
    # both classes have the probability .5 in float32; the larger logit is that of class 1
    metric = ExpectedCalibrationError()
    metric.update_state([1], [[0.0, 1e-9]])
    assert float(np.sum(metric.correct_sum)) == 1
