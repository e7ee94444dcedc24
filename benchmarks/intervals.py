"""Seconds that the intervals of all metrics take.

    python benchmarks/intervals.py [--images N] [--classes K] [--resamples R] [--json FILE]

The predictions are drawn at random, and every metric of `classification_summary` gets its interval
by a bootstrap over images. Beside it stands what the same takes by the metrics' own formulas, one
resample after the other, as a few of them are timed; and an interval of a cell of the corruption
grid, which has fewer metrics.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import json
import pathlib
import sys
import time

import numpy as np
import rich
import rich.table

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tf_varmixup.evaluation import classification_intervals
from tf_varmixup.evaluation.replicates import by_formula
from tf_varmixup.evaluation.resampling import Resamples
from tf_varmixup.metrics import MEASURES, Predictions
from tf_varmixup.run import environment

# Resamples that the formulas are timed on.
FEW = 3


def predictions(images, classes):
    """Make logits, and labels of which two thirds are the most probable class."""
    generator = np.random.default_rng(0)
    logits = 2 * generator.normal(size=(images, classes))
    labels = generator.integers(classes, size=images)
    return logits, np.where(generator.uniform(size=images) < 2 / 3, logits.argmax(1), labels)


def seconds(function):
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def main():
    """Time, print a table, and write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, default=10_000, metavar="N", help="default: 10000")
    parser.add_argument("--classes", type=int, default=10, metavar="K", help="default: 10")
    parser.add_argument("--resamples", type=int, default=1000, metavar="R", help="default: 1000")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    logits, labels = predictions(options.images, options.classes)
    formulas = {one.name: one.formula for one in MEASURES if one.formula is not None}
    brief = [one for one in MEASURES if one.formula is not None and not one.detailed]
    [counts] = Resamples(options.images, FEW, rows=FEW)
    given = Predictions.of(logits, labels)
    taken = {
        f"all {len(formulas)} metrics": seconds(
            lambda: classification_intervals(logits, labels, resamples=options.resamples)
        ),
        f"the {len(brief)} metrics of a cell": seconds(
            lambda: classification_intervals(
                logits, labels, detailed=False, resamples=options.resamples
            )
        ),
        "all metrics by their formulas": seconds(lambda: by_formula(given, counts, formulas))
        * options.resamples
        / FEW,
    }
    title = f"{options.resamples:,} resamples of {options.images:,} predictions"
    table = rich.table.Table("Intervals of", "seconds", title=title)
    for name, number in taken.items():
        table.add_row(name, f"{number:.2f}")
    rich.print(table)
    if options.json is not None:
        settings = {name: getattr(options, name) for name in ("images", "classes", "resamples")}
        found = {**settings, "seconds": taken, "environment": environment("float32")}
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
