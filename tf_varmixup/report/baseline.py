"""What a run is compared with."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tf_varmixup.corruptions.names import BENCHMARK


@dataclasses.dataclass(frozen=True, eq=False)
class Baseline:
    """A run that another one is compared with, as its files have it.

    Attributes:
        name: What tables and plots call it.
        metrics: Contents of its metrics.json.
        cells: Rows of its corruption grid, as corruptions.csv has them; may be empty.
        intervals: Intervals of the differences to it, `{section: {metric: [low, high]}}`, where
            they were computed.

    Example:
        >>> Baseline("erm", {"clean": {"accuracy": 0.9}}).name
        'erm'
    """

    name: str
    metrics: Mapping[str, Any]
    cells: Sequence[Mapping[str, Any]] = ()
    intervals: Mapping[str, Mapping[str, Sequence[float]]] = dataclasses.field(default_factory=dict)

    def on_cells(self, rows: Sequence[Mapping[str, Any]]) -> "Baseline":
        """Return the baseline as if only some cells of the corruption grid had been measured.

        A mean over other corruptions or severities is no baseline.

        Args:
            rows: The cells that count, `corruption` and `severity` of each; those that are not of
                the benchmark do not.

        Returns:
            A `Baseline`. Its section `corrupted` has the means over these cells, of the metrics
            that its rows have; nothing else is there under corruptions. Where it lacks some of the
            cells, it has no cells and no such section.

        Example:
            >>> fog, snow = ({"corruption": name, "severity": 1} for name in ("fog", "snow"))
            >>> cells = [{**fog, "accuracy": 0.5}, {**snow, "accuracy": 0.75}]
            >>> baseline = Baseline("erm", {"corrupted": {"accuracy": 0.625}}, cells)
            >>> baseline.on_cells([snow]).metrics
            {'corrupted': {'accuracy': 0.75}}
        """
        wanted, own = _of_benchmark(rows), _of_benchmark(self.cells)
        if wanted.keys() == own.keys():
            return self
        metrics = {
            name: section for name, section in self.metrics.items() if "corrupted" not in name
        }
        chosen = [own[cell] for cell in wanted] if wanted.keys() <= own.keys() else []
        if chosen:
            names = set.intersection(*map(set, chosen)) - {"corruption", "severity"}
            metrics["corrupted"] = {
                name: float(np.mean([row[name] for row in chosen])) for name in sorted(names)
            }
        intervals = {name: of for name, of in self.intervals.items() if "corrupted" not in name}
        return Baseline(self.name, metrics, chosen, intervals)


def _of_benchmark(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], Mapping[str, Any]]:
    found = {(row["corruption"], int(row["severity"])): row for row in rows}
    return {cell: row for cell, row in found.items() if cell[0] in BENCHMARK}
