import numpy as np
import pytest
import tensorflow_probability as tfp

from tf_varmixup.metrics import BrierScore

PROBABILITIES = [[0.9, 0.1, 0.0], [0.95, 0.05, 0.0], [0.2, 0.5, 0.3], [0.3, 0.25, 0.45]]
LABELS = [0, 1, 1, 2]


def test_by_hand():
    metric = BrierScore(from_logits=False)
    metric.update_state(LABELS, PROBABILITIES)
    assert float(metric.result()) == pytest.approx((0.02 + 1.805 + 0.38 + 0.455) / 4, abs=1e-6)


def test_sample_weights_by_hand():
    metric = BrierScore(from_logits=False)
    metric.update_state(LABELS, PROBABILITIES, sample_weight=[1, 3, 1, 1])
    assert float(metric.result()) == pytest.approx((0.02 + 3 * 1.805 + 0.38 + 0.455) / 6, abs=1e-6)


def test_soft_labels_enter_as_they_are():
    metric = BrierScore(from_logits=False)
    metric.update_state([[0.5, 0.5]], [[0.8, 0.2]])
    assert float(metric.result()) == pytest.approx(2 * 0.3**2, abs=1e-6)


def test_is_that_of_tensorflow_probability_plus_one():
    generator = np.random.default_rng(0)
    logits, labels = (
        (3 * generator.normal(size=(500, 10))).astype("float32"),
        generator.integers(10, size=500),
    )
    metric = BrierScore()
    metric.update_state(labels[:123], logits[:123])
    metric.update_state(labels[123:], logits[123:])
    expected = tfp.stats.brier_score(labels.astype("int32"), logits).numpy().mean() + 1
    assert float(metric.result()) == pytest.approx(expected, abs=1e-6)
