import keras
import numpy as np
import pytest

from tf_varmixup.metrics import NegativeLogLikelihood


def test_by_hand_with_weights():
    metric = NegativeLogLikelihood(from_logits=False)
    metric.update_state([0, 1], [[0.5, 0.5], [0.75, 0.25]], sample_weight=[3, 1])
    assert float(metric.result()) == pytest.approx(-(3 * np.log(0.5) + np.log(0.25)) / 4)


def test_soft_labels_give_the_cross_entropy_of_keras():
    logits = np.random.default_rng(0).normal(size=(20, 5)).astype("float32")
    labels = np.random.default_rng(1).dirichlet(np.ones(5), 20).astype("float32")
    metric = NegativeLogLikelihood()
    metric.update_state(labels, logits)
    expected = keras.losses.CategoricalCrossentropy(from_logits=True)(labels, logits)
    assert float(metric.result()) == pytest.approx(float(expected), rel=1e-6)


def test_nothing_is_clipped():
    metric = NegativeLogLikelihood()
    metric.update_state([1], [[1e4, -1e4]])
    assert float(metric.result()) == 2e4
    metric = NegativeLogLikelihood(from_logits=False)
    metric.update_state([1], [[1.0, 0.0]])
    assert float(metric.result()) == np.inf


def test_a_probability_of_0_counts_where_it_is_the_label():
    metric = NegativeLogLikelihood(from_logits=False)
    metric.update_state([0, 1], [[1.0, 0.0], [1.0, 0.0]], sample_weight=[1.0, 0.0])
    assert float(metric.result()) == 0.0
