"""Intervals of metrics by a bootstrap over images."""

import math

import numpy as np
import pytest
import scipy.stats
from scipy.special import log_softmax, softmax

from tf_varmixup.evaluation import (
    GridCell,
    classification_intervals,
    mean_intervals,
    mean_summary,
    ood_intervals,
    percentile_interval,
    value_intervals,
)
from tf_varmixup.evaluation.ood_intervals import detection_replicates
from tf_varmixup.metrics import classification_summary, ood_scores, ood_summary

GENERATOR = np.random.default_rng(0)


def calibrated(count, generator=GENERATOR):
    """Logits, and labels drawn from their softmax."""
    logits = 2 * generator.normal(size=(count, 3))
    cumulated = softmax(logits, axis=1).cumsum(axis=1)[:, :-1]
    return logits, (generator.uniform(size=(count, 1)) > cumulated).sum(axis=1)


LOGITS, LABELS = calibrated(300)


def test_every_number_lies_in_its_interval():
    for count in (300, 20, 2):
        values = classification_summary(LOGITS[:count], LABELS[:count])
        found = classification_intervals(LOGITS[:count], LABELS[:count], resamples=50)
        assert list(found) == list(values)
        for name, (low, high) in found.items():
            undefined = np.isnan([low, values[name], high]).all()
            assert undefined or low <= values[name] <= high, name


def test_means_over_images_have_the_percentile_interval_of_scipy():
    correct = LOGITS.argmax(1) == LABELS
    losses = -log_softmax(LOGITS, axis=1)[np.arange(300), LABELS]
    found = classification_intervals(LOGITS, LABELS, detailed=False, resamples=4000)
    for name, values in (("accuracy", correct), ("nll", losses)):
        expected = scipy.stats.bootstrap(
            (values,), np.mean, n_resamples=4000, method="percentile", rng=1
        ).confidence_interval
        width = expected.high - expected.low
        assert found[name] == pytest.approx([expected.low, expected.high], abs=0.08 * width)


def test_they_cover_the_truth_of_calibrated_predictions_at_their_level():
    generator, level, times, count = np.random.default_rng(1), 0.9, 150, 150
    many, _ = calibrated(100_000)
    probabilities = softmax(many, axis=1)
    truth = {
        "accuracy": probabilities.max(axis=1).mean(),
        "nll": -(probabilities * log_softmax(many, axis=1)).sum(axis=1).mean(),
        "brier": 1 - np.square(probabilities).sum(axis=1).mean(),
        "signed_gap": 0.0,
    }
    sets = [calibrated(count, generator) for _ in range(times)]
    # Of an ECE it is what such an error is on average over sets of this size, which is not 0.
    truth["ece"] = np.mean([classification_summary(*one, detailed=False)["ece"] for one in sets])
    found = [
        classification_intervals(*one, detailed=False, level=level, resamples=200) for one in sets
    ]
    deviation = math.sqrt(level * (1 - level) / times)
    for name, true in truth.items():
        covered = np.mean([one[name][0] <= true <= one[name][1] for one in found])
        assert covered > level - 3 * deviation, (name, covered)
        assert covered < level + 3 * deviation or name == "ece", (name, covered)


def test_cells_of_a_grid_draw_the_same_images():
    labels = np.arange(100) % 2
    right, wrong = np.eye(2)[labels], np.eye(2)[1 - labels]
    mixed = np.where(np.arange(100)[:, None] < 50, right, wrong)
    cells = [GridCell("fog", 1, mixed, labels), GridCell("fog", 2, 1 - mixed, labels)]
    low, high = mean_intervals(cells, resamples=50)["accuracy"]
    # Every image is right in one cell and wrong in the other.
    assert low == pytest.approx(0.5)
    assert high == pytest.approx(0.5)
    low, high = mean_intervals(cells[:1], resamples=50)["accuracy"]
    assert high - low > 0.1
    alone = classification_intervals(mixed, labels, detailed=False, resamples=50)["accuracy"]
    assert [low, high] == pytest.approx(alone)


def test_cells_may_have_different_numbers_of_images():
    cells = [GridCell("fog", n, LOGITS[:n], LABELS[:n]) for n in (1, 2)]
    found = mean_intervals(cells, 2.0, resamples=20)
    assert list(found) == list(mean_summary(cells, 2.0))
    for name, (low, high) in found.items():
        assert low <= mean_summary(cells, 2.0)[name] <= high


def test_the_temperature_and_the_seed_count():
    found = [
        classification_intervals(
            LOGITS, LABELS, temperature, detailed=False, resamples=50, seed=seed
        )
        for temperature, seed in ((1.0, 0), (1.0, 0), (2.0, 0), (1.0, 1))
    ]
    assert found[0] == found[1]
    assert found[0]["nll"] != found[2]["nll"]
    assert found[0]["nll"] != found[3]["nll"]
    scaled = classification_intervals(LOGITS / 2.0, LABELS, detailed=False, resamples=50)
    assert found[2] == {name: pytest.approx(bounds) for name, bounds in scaled.items()}


def test_a_wider_level_has_a_wider_interval():
    (low, high), (inner_low, inner_high) = (
        classification_intervals(LOGITS, LABELS, detailed=False, level=level)["nll"]
        for level in (0.99, 0.9)
    )
    assert low < inner_low < inner_high < high


def test_an_interval_by_hand():
    numbers = np.linspace(0.0, 1.0, 101)
    assert percentile_interval(0.5, numbers, 0.9) == pytest.approx([0.05, 0.95])
    assert percentile_interval(0.3, numbers, 0.9) == pytest.approx([-0.15, 0.75])
    # Neither a negative share of errors nor one above 1.
    assert percentile_interval(0.3, numbers, 0.9, "ece") == pytest.approx([0.0, 0.75])
    assert percentile_interval(0.9, numbers, 0.9, "accuracy") == pytest.approx([0.45, 1.0])
    assert percentile_interval(0.0, numbers, 0.9, "signed_gap") == pytest.approx([-0.45, 0.45])
    # A resample without errors has no AUROC of errors.
    assert percentile_interval(0.5, np.append(numbers, np.nan), 0.9) == pytest.approx([0.05, 0.95])
    for value, given in ((np.nan, numbers), (0.5, [np.nan]), (np.inf, [np.inf])):
        assert np.isnan(percentile_interval(value, np.array(given), 0.9)).all()


def test_means_of_values():
    correct = (LOGITS.argmax(1) == LABELS).astype(float)
    losses = -log_softmax(LOGITS, axis=1)[np.arange(300), LABELS]
    found = value_intervals({"accuracy": correct, "loss": losses, "none": losses * np.nan})
    expected = classification_intervals(LOGITS, LABELS, detailed=False)
    assert found["accuracy"] == pytest.approx(expected["accuracy"])
    assert found["loss"] == pytest.approx(expected["nll"])
    assert np.isnan(found["none"]).all()
    assert value_intervals({}) == {}


def test_the_detection_of_resampled_images_is_what_the_formulas_give():
    generator = np.random.default_rng(2)
    # Rounded, for ties within and between both datasets.
    inside, outside = 2 * generator.normal(size=(40, 3)).round(1), generator.normal(size=(30, 3))
    outside[:15] = inside[:15]
    counts = [generator.multinomial(n, np.ones(n) / n, size=5) for n in (40, 30)]
    expected = [
        ood_summary(np.repeat(inside, one, axis=0), np.repeat(outside, other, axis=0))
        for one, other in zip(*counts, strict=True)
    ]
    for score, values in ood_scores(inside).items():
        found = detection_replicates(values, ood_scores(outside)[score], *counts)
        for kind, numbers in found.items():
            given = [one[f"{kind}_{score}"] for one in expected]
            np.testing.assert_allclose(numbers, given, err_msg=kind)


def test_detection_has_an_interval_for_every_number():
    outside = 0.5 * LOGITS[:200] + GENERATOR.normal(size=(200, 3))
    summary = ood_summary(LOGITS, outside)
    found = ood_intervals(LOGITS, outside, resamples=100)
    assert list(found) == list(summary)
    assert all(low <= summary[name] <= high for name, (low, high) in found.items())
    # The variance of an AUROC by Hanley and McNeil's formula for normal scores is near.
    low, high = found["auroc_max_probability"]
    assert 0.05 < high - low < 0.15
    with pytest.warns(RuntimeWarning, match="NaN"):
        undefined = ood_intervals(LOGITS, outside * np.nan)
    assert np.isnan(list(undefined.values())).all()


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: classification_intervals(LOGITS, LABELS, level=1.0), "Expected level"),
        (lambda: classification_intervals(LOGITS, LABELS, level=0.0), "between 0 and 1"),
        (lambda: classification_intervals(LOGITS, LABELS, resamples=0), "Expected resamples"),
        (lambda: classification_intervals(LOGITS, LABELS[:5]), "Expected integer labels"),
        (lambda: mean_intervals([]), "at least one cell. Received: none"),
        (lambda: value_intervals({"a": [1.0], "b": [1.0, 2.0]}), "Expected values"),
        (lambda: value_intervals({"a": [[1.0]]}), r"shapes \[\(1, 1\)\]"),
    ],
)
def test_bad_input_gets_one_line(act, message):
    with pytest.raises(ValueError, match=message):
        act()
