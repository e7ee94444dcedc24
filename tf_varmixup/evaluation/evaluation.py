"""What was measured of a classifier."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from tf_varmixup.calibration import VectorScaling
from tf_varmixup.corruptions import BENCHMARK
from tf_varmixup.evaluation.grid import GridCell
from tf_varmixup.evaluation.intervals import classification_intervals, mean_intervals
from tf_varmixup.evaluation.summary import mean_summary
from tf_varmixup.evaluation.table import cell_row
from tf_varmixup.metrics import classification_summary


@dataclasses.dataclass(frozen=True, eq=False)
class Evaluation:
    """A classifier's logits on clean and on corrupted test images, and the metrics of them.

    Attributes:
        logits: `float32 (N, K)`, of the clean test images.
        labels: `int64 (N,)`, their class numbers.
        cells: `GridCell`s, a corruption at a severity each; empty if none was asked for.
        temperature: The temperature that was fitted on validation images, or None.
        origin: Where the corrupted images come from, as `CorruptionBenchmark.origin` says.
        vector_scaling: The `VectorScaling` that was fitted on validation images, or None.

    Example:
        >>> logits, labels = np.log([[0.8, 0.2], [0.8, 0.2]]), np.array([0, 1])
        >>> Evaluation(logits, labels).metrics()["clean"]["accuracy"]
        0.5
    """

    logits: np.ndarray
    labels: np.ndarray
    cells: list[GridCell] = dataclasses.field(default_factory=list)
    temperature: float | None = None
    origin: dict[str, Any] = dataclasses.field(default_factory=dict)
    vector_scaling: VectorScaling | None = None

    def metrics(self) -> dict[str, Any]:
        """Return the metrics by section, as metrics.json has them.

        The sections are `clean` and `corrupted` (the mean over the cells of the benchmark's 15
        corruptions), and both again after temperature scaling and after vector scaling. Beside them
        stand the `intervals` of all their numbers, `[low, high]` by section and metric, as
        `classification_intervals` says; the `temperature` and the `vector_scaling`; and, under
        `corruptions`, the origin of the corrupted images and their number per cell.
        """
        found: dict[str, Any] = {}
        intervals: dict[str, Any] = {}
        for suffix, logits, cells, temperature in self._variants():
            found[f"clean{suffix}"] = classification_summary(logits, self.labels, temperature)
            intervals[f"clean{suffix}"] = classification_intervals(logits, self.labels, temperature)
            if cells:
                found[f"corrupted{suffix}"] = mean_summary(cells, temperature)
                intervals[f"corrupted{suffix}"] = mean_intervals(cells, temperature)
        found["intervals"] = intervals
        if self.temperature is not None:
            found["temperature"] = self.temperature
        if self.vector_scaling is not None:
            found["vector_scaling"] = self.vector_scaling.as_fact()
        if self.cells:
            found["corruptions"] = {**self.origin, "pictures": len(self.cells[0].labels)}
        return found

    def rows(self) -> list[dict[str, Any]]:
        """Return a row of the corruption table for each cell."""
        return [cell_row(cell) for cell in self.cells]

    def _variants(self) -> Iterator[tuple[str, np.ndarray, list[GridCell], float]]:
        """Yield the end of the sections' names, clean logits, benchmark's cells, temperature."""
        counted = [cell for cell in self.cells if cell.corruption in BENCHMARK]
        yield "", self.logits, counted, 1.0
        if self.temperature is not None:
            yield "_after_temperature", self.logits, counted, self.temperature
        if self.vector_scaling is not None:
            scale = self.vector_scaling
            scaled = [dataclasses.replace(cell, logits=scale(cell.logits)) for cell in counted]
            yield "_after_vector_scaling", scale(self.logits), scaled, 1.0
