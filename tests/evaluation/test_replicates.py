"""Metrics of resampled predictions: many at once, and each by its formula."""

import numpy as np
import pytest

from tf_varmixup.evaluation.replicate_forms import FORMS
from tf_varmixup.evaluation.replicates import by_formula, replicates
from tf_varmixup.evaluation.resampling import Resamples
from tf_varmixup.metrics import MEASURES, Predictions, measures

FORMULAS = {one.name: one.formula for one in MEASURES if one.formula is not None}


def make_predictions(kind):
    generator = np.random.default_rng(0)
    count = {"one image": 1, "few": 7}.get(kind, 200)
    logits = 2 * generator.normal(size=(count, 2 if kind == "two classes" else 4))
    if kind == "ties":
        logits = np.round(logits)
    if kind == "saturated":
        logits *= 100
    labels = generator.integers(logits.shape[1], size=count)
    labels = np.where(generator.uniform(size=count) < 0.6, logits.argmax(1), labels)
    if kind == "all right":
        labels = logits.argmax(1)
    return Predictions.of(logits, labels, num_bins=3 if kind == "few bins" else 15)


def test_every_form_is_one_of_a_metric_of_the_list():
    assert set(FORMS) <= set(FORMULAS)


@pytest.mark.parametrize(
    "kind",
    ["plain", "ties", "saturated", "all right", "two classes", "few", "one image", "few bins"],
)
def test_many_at_once_are_what_the_formulas_give(kind):
    predictions = make_predictions(kind)
    counts = np.concatenate([np.ones((1, len(predictions.labels)))] * 2)
    counts = np.concatenate([counts, *Resamples(len(predictions.labels), 10)])
    found = replicates(predictions, [counts[:5], counts[5:]])
    expected = by_formula(predictions, counts, FORMULAS)
    assert list(found) == list(expected)
    for name, numbers in found.items():
        np.testing.assert_allclose(numbers, expected[name], atol=1e-8, err_msg=name)
    for name, formula in FORMULAS.items():
        np.testing.assert_allclose(found[name][0], formula(predictions), atol=1e-8, err_msg=name)


def test_a_metric_without_a_form_is_computed_by_its_formula(monkeypatch):
    predictions = make_predictions("few")
    counts = list(Resamples(7, 5))
    expected = replicates(predictions, counts)
    monkeypatch.delitem(FORMS, "ece")
    np.testing.assert_allclose(replicates(predictions, counts)["ece"], expected["ece"])


def test_the_detailed_ones_can_be_left_out():
    found = replicates(make_predictions("few"), Resamples(7, 5), detailed=False)
    assert list(found) == [name for name in FORMULAS if not measures.measure(name).detailed]


def test_what_is_nan_stays_nan():
    with pytest.warns(RuntimeWarning, match="NaN"):
        predictions = Predictions.of([[np.nan, 0.0], [1.0, 0.0]], [0, 1])
    found = replicates(predictions, Resamples(2, 3))
    assert all(np.isnan(numbers).all() and len(numbers) == 3 for numbers in found.values())
