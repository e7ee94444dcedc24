"""The table of a grid: `corruptions.csv` of a run's folder."""

import csv
import io
import os
from collections.abc import Sequence
from typing import Any

from tf_varmixup.evaluation.grid import GridCell
from tf_varmixup.files import write_text
from tf_varmixup.metrics.measures import brief_measures, measure

_MEASURES = (*brief_measures(), measure("brier"))
COLUMNS = ("corruption", "severity", *(one.name for one in _MEASURES))


def cell_row(cell: GridCell) -> dict[str, Any]:
    """Reduce a cell to its row of the table.

    Args:
        cell: A `GridCell`.

    Returns:
        A dict with the keys `COLUMNS`.

    Example:
        >>> row = cell_row(GridCell("fog", 3, np.log([[0.8, 0.2]]), np.array([0])))
        >>> row["corruption"], row["severity"], row["accuracy"], row["error"]
        ('fog', 3, 1.0, 0.0)
    """
    summary = cell.summary()
    metrics = {one.name: one.value(summary) for one in _MEASURES}
    return {"corruption": cell.corruption, "severity": cell.severity, **metrics}


def write_cells(path: str | os.PathLike[str], rows: Sequence[dict[str, Any]]) -> None:
    """Write a grid as CSV, a row per cell, whole or not at all.

    Args:
        path: File to write.
        rows: Rows as `cell_row` makes them.

    Raises:
        ValueError: If a row has other columns.

    Example:
        >>> row = cell_row(GridCell("fog", 3, np.log([[0.8, 0.2]]), np.array([0])))
        >>> write_cells("corruptions.csv", [row])
    """
    for row in rows:
        if set(row) != set(COLUMNS):
            raise ValueError(
                f"Expected rows with the columns {', '.join(COLUMNS)}. "
                f"Received: {', '.join(map(str, row))}."
            )
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())
