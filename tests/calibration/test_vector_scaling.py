"""A scale and a bias per class, fitted after training."""

import dataclasses
import json

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from tf_varmixup.calibration import VectorScaling, fit_temperature, fit_vector_scaling

EXACT = {"xtol": 1e-10, "ftol": 1e-14}


def in_proportion(scale, bias, count=600, repeats=50):
    """Logits, each many times, with labels in the proportions that a scaling makes calibrated."""
    logits = 2 * np.random.default_rng(0).normal(size=(count, len(scale)))
    probabilities = softmax(logits * scale + bias, axis=1)
    quantiles = (np.arange(repeats) + 0.5) / repeats
    labels = (quantiles[:, None] > probabilities.cumsum(axis=1)[:, None, :-1]).sum(axis=-1)
    return np.repeat(logits, repeats, axis=0), labels.ravel()


def nll(logits, labels):
    return -log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean()


def test_a_known_scaling_is_recovered():
    scale, bias = np.array([0.5, 1.0, 0.7, 1.4]), np.array([0.5, -0.5, 1.0, -1.0])
    found = fit_vector_scaling(*in_proportion(scale, bias))
    np.testing.assert_allclose(found.scale, scale, atol=0.02)
    np.testing.assert_allclose(found.bias, bias, atol=0.02)


def test_the_minimum_is_that_of_another_optimizer_without_a_gradient():
    generator = np.random.default_rng(1)
    logits, labels = generator.normal(size=(60, 3)), generator.integers(3, size=60)
    temperature = fit_temperature(logits, labels)

    def objective(numbers):
        scale, bias = numbers.reshape(2, 3)
        prior = np.square(scale - 1).sum() + np.square(bias).sum()
        return nll(logits / temperature * scale + bias, labels) + prior / (2 * 60)

    expected = minimize(objective, np.zeros(6), method="Powell", options=EXACT).x
    found = fit_vector_scaling(logits, labels)
    np.testing.assert_allclose(np.array(found.scale) * temperature, expected[:3], atol=1e-4)
    np.testing.assert_allclose(found.bias, expected[3:], atol=1e-4)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["random", "confident", "right", "one class", "one image"])
def test_the_likelihood_is_never_below_that_of_temperature_scaling(kind, seed):
    generator = np.random.default_rng(seed)
    count = 1 if kind == "one image" else 40
    logits = generator.normal(size=(count, 5)) * (50 if kind == "confident" else 2)
    labels = generator.integers(5, size=count)
    if kind == "right":
        labels = logits.argmax(1)
    if kind == "one class":
        labels = np.full(count, 3)
    found = fit_vector_scaling(logits, labels)
    assert np.isfinite([*found.scale, *found.bias]).all()
    scaled = nll(found(logits), labels)
    assert scaled <= nll(logits / fit_temperature(logits, labels), labels) + 1e-12
    assert scaled <= nll(logits, labels) + 1e-12


def test_the_order_of_the_classes_and_the_scale_of_the_logits_do_not_matter():
    logits, labels = in_proportion(np.array([0.5, 1.0, 0.7]), np.array([0.0, 1.0, -1.0]), 40)
    found = fit_vector_scaling(logits, labels)
    order = np.array([2, 0, 1])
    other = fit_vector_scaling(10 * logits[:, order], np.argsort(order)[labels])
    np.testing.assert_allclose(np.array(other.scale) * 10, np.array(found.scale)[order], rtol=1e-3)
    np.testing.assert_allclose(other.bias, np.array(found.bias)[order], atol=1e-3)


def test_a_class_without_labels_keeps_finite_numbers():
    logits = np.random.default_rng(0).normal(size=(500, 4))
    found = fit_vector_scaling(logits, np.random.default_rng(1).integers(3, size=500))
    assert -10 < found.bias[3] < min(found.bias[:3])


def test_it_is_a_fact_in_json_and_back():
    scaling = VectorScaling((0.5, 2.0), (0.1, -0.1))
    again = VectorScaling(**json.loads(json.dumps(scaling.as_fact())))
    assert again == scaling
    np.testing.assert_allclose(again([[2.0, 1.0]]), [[1.1, 1.9]])
    assert again(np.ones((3, 2), "float32")).dtype == np.float32
    assert again(np.ones((3, 2), int)).tolist() == [[0.6, 1.9]] * 3
    with pytest.raises(dataclasses.FrozenInstanceError):
        scaling.scale = (1.0, 1.0)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: VectorScaling((1.0,), (0.0, 0.0)), "a number per class. Received: 1 and 2"),
        (lambda: VectorScaling((np.nan,), (0.0,)), "Expected scale to be finite numbers"),
        (lambda: VectorScaling((1.0,), (0.0,))([1.0]), r"logits \(N, 1\). Received: shape \(1,\)"),
        (lambda: fit_vector_scaling([[0.0, np.inf]], [0]), "Expected finite logits"),
        (lambda: fit_vector_scaling([[0.0, 1.0]], [[0]]), "Expected integer labels"),
    ],
)
def test_bad_input_gets_one_line(act, message):
    with pytest.raises(ValueError, match=message):
        act()
