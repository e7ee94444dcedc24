"""A row of a comparison: runs of one recipe with other seeds, or results from elsewhere."""

import dataclasses
import math
from typing import Any

import numpy as np

from tf_varmixup.metrics.measures import Measure
from tf_varmixup.metrics.sections import metric_sections
from tf_varmixup.run.finished_run import FinishedRun


@dataclasses.dataclass(frozen=True)
class ComparedRow:
    """Runs that are averaged.

    Attributes:
        label: What tables call them.
        runs: The runs ordered by seed, at least one.

    Example:
        >>> import pathlib
        >>> metrics = {"clean": {"accuracy": 0.9}}
        >>> run = FinishedRun(pathlib.Path("a"), {"method": "erm", "seed": 0}, metrics)
        >>> ComparedRow("erm", (run,)).seeds
        (0,)
    """

    label: str
    runs: tuple[FinishedRun, ...]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds; none for a classifier that was not trained here."""
        return tuple(run.seed for run in self.runs if run.seed is not None)

    def values(self, section: str, one: Measure) -> dict[int | None, float]:
        """Return a metric by seed; NaN where a run lacks it."""
        found = {
            run.seed: one.value(metric_sections(run.metrics).get(section, {})) for run in self.runs
        }
        return {seed: math.nan if value is None else value for seed, value in found.items()}

    def interval(self, section: str, one: Measure) -> tuple[float, float] | None:
        """Return the interval over test images that a single run measured, or None."""
        if len(self.runs) > 1:
            return None
        intervals = self.runs[0].metrics.get("intervals") or {}
        measured = intervals.get(section) or {}
        if one.name in measured:
            return _pair(measured[one.name])
        other = _pair(measured.get(one.one_minus))
        return None if other is None else (1.0 - other[1], 1.0 - other[0])

    def corruption_accuracies(self, corruption: str) -> dict[int | None, float]:
        """Return the accuracy under a corruption by seed, the mean over its severities."""
        found = {}
        for run in self.runs:
            cells = [cell["accuracy"] for cell in run.cells if cell["corruption"] == corruption]
            found[run.seed] = float(np.mean(cells)) if cells else math.nan
        return found


def _pair(interval: Any) -> tuple[float, float] | None:
    if interval is None or any(bound is None for bound in interval):
        return None
    low, high = interval
    return low, high
