"""What was measured of a classifier."""

import dataclasses
from typing import Any

import numpy as np

from tf_varmixup.corruptions import BENCHMARK
from tf_varmixup.evaluation.grid import GridCell
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

    def metrics(self) -> dict[str, Any]:
        """Return the metrics by section, as metrics.json has them.

        The sections are `clean` and `corrupted` (the mean over the cells of the benchmark's 15
        corruptions), and both again after temperature scaling. Beside them stand the `temperature`
        and, under `corruptions`, the origin of the corrupted images and their number per cell.
        """
        counted = [cell for cell in self.cells if cell.corruption in BENCHMARK]
        found: dict[str, Any] = {"clean": classification_summary(self.logits, self.labels)}
        if counted:
            found["corrupted"] = mean_summary(counted)
        if self.temperature is not None:
            found["clean_after_temperature"] = classification_summary(
                self.logits, self.labels, self.temperature
            )
            if counted:
                found["corrupted_after_temperature"] = mean_summary(counted, self.temperature)
            found["temperature"] = self.temperature
        if self.cells:
            found["corruptions"] = {**self.origin, "pictures": len(self.cells[0].labels)}
        return found

    def rows(self) -> list[dict[str, Any]]:
        """Return a row of the corruption table for each cell."""
        return [cell_row(cell) for cell in self.cells]
