"""Means over seeds and paired differences to a baseline."""

import math

import numpy as np
import pytest
import scipy.stats

from tf_varmixup.metrics.seeds import mean_and_deviation, paired_difference


def test_the_mean_and_the_deviation_by_hand():
    mean, deviation = mean_and_deviation([1.0, 2.0, 6.0])
    assert mean == 3.0
    assert deviation == pytest.approx(math.sqrt(7.0))


def test_one_seed_has_a_difference_and_no_interval():
    assert mean_and_deviation([0.5])[0] == 0.5
    assert math.isnan(mean_and_deviation([0.5])[1])
    difference, low, high = paired_difference([0.5], [0.25])
    assert difference == 0.25
    assert math.isnan(low)
    assert math.isnan(high)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_the_interval_is_that_of_scipys_paired_test(level):
    generator = np.random.default_rng(0)
    values, baseline = generator.normal(size=(2, 5))
    expected = scipy.stats.ttest_rel(values, baseline).confidence_interval(level)
    difference, low, high = paired_difference(values, baseline, level)
    assert difference == pytest.approx(np.mean(values) - np.mean(baseline))
    assert (low, high) == pytest.approx((expected.low, expected.high))


def test_what_a_seed_does_to_both_cancels():
    seeds = np.array([0.0, 10.0, -3.0])
    difference, low, high = paired_difference(seeds + 1.0, seeds)
    assert (difference, low, high) == pytest.approx((1.0, 1.0, 1.0))


def test_intervals_cover_at_their_level():
    differences = np.random.default_rng(1).normal(2.0, 3.0, (1000, 4))
    bounds = np.array([paired_difference(one, np.zeros(4), 0.9)[1:] for one in differences])
    covered = np.mean((bounds[:, 0] <= 2.0) & (bounds[:, 1] >= 2.0))
    assert abs(covered - 0.9) < 4 * math.sqrt(0.9 * 0.1 / 1000)


@pytest.mark.parametrize(
    ("values", "baseline", "level", "message"),
    [
        ([], [], 0.95, r"values to be a number per seed. Received: shape \(0,\)"),
        ([[1.0]], [1.0], 0.95, r"Received: shape \(1, 1\)"),
        ([1.0, 2.0], [1.0], 0.95, "baseline_values of the same 2 seeds. Received: 1"),
        ([1.0], [1.0], 1.0, "Expected level .* Received: 1.0"),
        ([1.0], [1.0], 0.0, "level to be between 0 and 1. Received: 0.0"),
    ],
)
def test_bad_input_gets_one_line(values, baseline, level, message):
    with pytest.raises(ValueError, match=message):
        paired_difference(values, baseline, level)
