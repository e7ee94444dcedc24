import json
import pathlib

import numpy as np
import pytest
from scipy.special import softmax

from tf_varmixup.calibration import fit_temperature
from tf_varmixup.metrics import classification_summary

RUNS = sorted((pathlib.Path(__file__).parents[2] / "results").glob("cifar10-*/metrics.json"))


def sampled(temperature, count=20000, num_classes=10, seed=0):
    """Logits, and labels sampled from softmax(logits / temperature): the model that this
    temperature calibrates."""
    generator = np.random.default_rng(seed)
    logits = 3 * generator.normal(size=(count, num_classes))
    probabilities = softmax(logits / temperature, axis=1)
    return logits, (generator.uniform(size=(count, 1)) > probabilities.cumsum(axis=1)[:, :-1]).sum(
        axis=1
    )


def in_proportion(temperature, count=1000, repeats=20):
    """Logits, each many times, with labels in the proportions of softmax(logits / temperature)."""
    generator = np.random.default_rng(0)
    logits = 3 * generator.normal(size=(count, 10))
    probabilities = softmax(logits / temperature, axis=1)
    quantiles = (np.arange(repeats) + generator.uniform(size=(count, 1))) / repeats
    labels = (quantiles[:, :, None] > probabilities.cumsum(axis=1)[:, None, :-1]).sum(axis=-1)
    return np.repeat(logits, repeats, axis=0), labels.ravel()


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5, 8.0])
def test_a_known_temperature_is_recovered(temperature):
    logits, labels = in_proportion(temperature)
    assert fit_temperature(logits.astype("float32"), labels) == pytest.approx(temperature, rel=0.01)


@pytest.mark.parametrize("path", RUNS, ids=[path.parent.name for path in RUNS])
def test_it_keeps_or_lowers_the_likelihood_of_every_run_here(path):
    metrics = json.loads(path.read_text(encoding="utf-8"))
    assert metrics["clean_after_temperature"]["nll"] <= metrics["clean"]["nll"]


def test_no_neighbor_is_likelier():
    logits, labels = sampled(2.0, count=500)
    fitted = fit_temperature(logits, labels)
    best = classification_summary(logits, labels, fitted)["nll"]
    assert all(
        classification_summary(logits, labels, fitted * factor)["nll"] > best
        for factor in (0.99, 1.01)
    )


def test_two_classes_in_closed_form():
    # three of four right at a margin of 2 ln 3: the likeliest probability is 3/4, at a margin of ln
    # 3
    logits = np.array([[2 * np.log(3.0), 0.0]] * 4)
    assert fit_temperature(logits, np.array([0, 0, 0, 1])) == pytest.approx(2.0, abs=1e-5)


def test_scaling_the_logits_scales_the_temperature():
    logits, labels = sampled(2.0, count=1000)
    assert fit_temperature(5 * logits, labels) == pytest.approx(
        5 * fit_temperature(logits, labels), rel=1e-5
    )


def test_it_calibrates_fresh_data():
    fitted = fit_temperature(*sampled(2.5))
    logits, labels = sampled(2.5, seed=1)
    assert classification_summary(logits, labels)["ece"] > 0.2
    assert classification_summary(logits, labels, fitted)["ece"] < 0.01


def test_where_all_are_right_the_confidence_is_what_laplaces_rule_expects():
    # 5/6 after four of four: the likelihood of the label e^(0.1/T) is 15 times that of the others
    assert fit_temperature(0.1 * np.eye(4), np.arange(4)) == pytest.approx(0.1 / np.log(15))
    logits = np.random.default_rng(0).normal(size=(200, 10))
    logits[np.arange(200), logits.argmax(1)] += 0.5
    fitted = fit_temperature(logits, logits.argmax(1))
    assert softmax(logits / fitted, axis=1).max(1).mean() == pytest.approx(201 / 202, abs=1e-6)


def test_where_all_are_right_and_confident_enough_the_temperature_stays_one():
    assert fit_temperature(9 * np.eye(4), np.arange(4)) == 1.0


def test_faint_logits_that_are_all_right_end_at_the_lower_bound():
    assert fit_temperature(1e-4 * np.eye(4), np.arange(4)) == 0.01


def test_a_classifier_worse_than_chance_ends_at_the_upper_bound():
    assert 99 < fit_temperature(9 * np.eye(4), (np.arange(4) + 1) % 4) <= 100


def test_constant_logits_keep_temperature_one():
    assert fit_temperature(np.zeros((5, 3)), np.array([0, 1, 2, 0, 1])) == 1.0


def test_huge_logits():
    fitted = fit_temperature(np.array([[1e4, 0.0]] * 4, "float32"), np.array([0, 0, 0, 1]))
    assert np.isfinite(fitted)
    assert fitted > 99


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        (np.zeros((0, 3)), np.zeros(0, int), "N at least 1"),
        ([[0.0, np.nan]], [0], "Expected finite logits. Received: 1 of 2"),
        ([[0.0, -np.inf]], [0], "Expected finite logits"),
        (np.zeros((3, 3)), np.eye(3, dtype=int), "integer labels of shape"),
        (np.zeros((3, 3)), [0, 1], "integer labels of shape"),
        (np.zeros((3, 3)), [[0], [1], [2]], "integer labels of shape"),
        (np.zeros((3, 3)), [0, 1, 5], "Expected labels in 0 ... 2"),
    ],
)
def test_bad_input(logits, labels, message):
    with pytest.raises(ValueError, match=message):
        fit_temperature(logits, labels)
