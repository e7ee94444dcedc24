import pathlib

import pytest

from tf_varmixup.run.compared_runs import compare_runs
from tf_varmixup.run.finished_run import FinishedRun
from tools.draw_gap import SERIES, gap_plot

GAPS = {"fine": 0.04, "map": 0.1, "circles": 0.5}


def run(name, method, seed, accuracy, **metrics):
    config = {"dataset": "cifar10", "method": method, "seed": seed}
    sections = {"clean": {"accuracy": accuracy}, "corrupted": {"accuracy": accuracy, "ece": 0.1}}
    path = pathlib.Path(f"cifar10-{name}-seed{seed}")
    return FinishedRun(path, config, {**sections, **metrics})


def test_a_point_is_the_mean_paired_difference_at_the_gap_that_was_measured():
    runs = [run("erm", "erm", seed, 0.5 + 0.1 * seed) for seed in (0, 1)]
    for n, name in enumerate(name for _, names in SERIES.values() for name in names):
        vae = {"latent_gap": GAPS[name.partition("-")[2]]}
        better = 0.01 * n
        runs += [
            run(name, "varmixup", seed, 0.5 + 0.1 * seed + better + 0.01 * seed, vae=vae)
            for seed in (0, 1)
        ]
    first, _, ece = gap_plot(compare_runs(runs, "erm", labels="folder")).axes
    assert first.get_title(loc="left") == "Accuracy, %, clean"
    assert first.get_ylabel() == "differences to erm"
    points = [line.get_xydata().tolist() for line in first.lines if line.get_marker() == "o"]
    expected = [
        [[gap, pytest.approx(n + 0.5)] for n, gap in enumerate(GAPS.values(), first)]
        for first in (0, 3)
    ]
    assert points == expected
    # Two differences, a point apart: their standard error is half of that.
    low, high = first.lines[2].get_ydata()
    assert (high - low) / 2 == pytest.approx(12.7062 * 0.5, rel=1e-3)
    assert [line.get_ydata()[0] for line in ece.lines if line.get_marker() == "o"] == [0.0, 0.0]
