"""The table of a grid: `corruptions.csv` of a run's folder."""

import csv

COLUMNS = ("corruption", "severity", "accuracy", "error", "ece", "nll")


def cell_row(cell):
    """Reduce a cell to its row of the table.

    Args:
        cell: a `GridCell`.

    Returns:
        A dict with the keys `COLUMNS`.

    Example:
        >>> cell_row(cell)["error"] == 1 - cell_row(cell)["accuracy"]
        True
    """
    summary = cell.summary()
    figures = {
        "accuracy": summary["accuracy"],
        "error": 1.0 - summary["accuracy"],
        "ece": summary["ece"],
        "nll": summary["nll"],
    }
    return {"corruption": cell.corruption, "severity": cell.severity, **figures}


def write_cells(path, cells):
    """Write a grid as CSV, one row a cell, with the columns corruption, severity, accuracy, error,
    ece and nll.

    Args:
        path: file to write.
        cells: list of `GridCell`, or of rows as `cell_row` makes them.

    Raises:
        ValueError: if a row has other columns.

    Example:
        >>> write_cells(run_dir / "corruptions.csv", cells)
    """
    rows = [cell if isinstance(cell, dict) else cell_row(cell) for cell in cells]
    for row in rows:
        if set(row) != set(COLUMNS):
            raise ValueError(
                f"expected rows with the columns {', '.join(COLUMNS)}, received {', '.join(map(str, row))}"
            )
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
