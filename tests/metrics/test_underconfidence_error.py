import pytest

from tf_varmixup.metrics import UnderconfidenceError

PROBABILITIES = [[0.9, 0.1, 0.0], [0.95, 0.05, 0.0], [0.2, 0.5, 0.3], [0.3, 0.25, 0.45]]
LABELS = [0, 1, 1, 2]


def test_by_hand():
    # the bin [.8, 1] is overconfident and does not count
    metric = UnderconfidenceError(num_bins=5, from_logits=False)
    metric.update_state(LABELS, PROBABILITIES)
    assert float(metric.result()) == pytest.approx(0.5 * 1.0 * 0.525, abs=1e-6)


def test_sample_weights_by_hand():
    # [.4, .6) has weight 4, confidence .4625, accuracy .25, which is overconfident; [.8, 1] has
    # weight 2, accuracy 1 and confidence .925
    metric = UnderconfidenceError(num_bins=5, from_logits=False)
    labels = [0, 0, 0, 2]
    metric.update_state(labels, PROBABILITIES, sample_weight=[1, 1, 3, 1])
    expected = 2 / 6 * 1.0 * (1.0 - 0.925)
    assert float(metric.result()) == pytest.approx(expected, abs=1e-6)
