import pytest

from tf_varmixup.metrics import OverconfidenceError

PROBABILITIES = [[0.9, 0.1, 0.0], [0.95, 0.05, 0.0], [0.2, 0.5, 0.3], [0.3, 0.25, 0.45]]
LABELS = [0, 1, 1, 2]


def test_by_hand():
    # the bin [.4, .6) is underconfident and does not count
    metric = OverconfidenceError(num_bins=5, from_logits=False)
    metric.update_state(LABELS, PROBABILITIES)
    assert float(metric.result()) == pytest.approx(0.5 * 0.925 * 0.425, abs=1e-6)


def test_sample_weights_by_hand():
    metric = OverconfidenceError(num_bins=5, from_logits=False)
    metric.update_state(LABELS, PROBABILITIES, sample_weight=[1, 3, 1, 1])
    assert float(metric.result()) == pytest.approx(4 / 6 * 0.9375 * 0.6875, abs=1e-6)


def test_underconfidence_is_zero():
    metric = OverconfidenceError(from_logits=False)
    metric.update_state([0, 0], [[0.6, 0.4]] * 2)
    assert float(metric.result()) == 0
