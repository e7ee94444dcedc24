"""A table as CSV."""

import csv
import io
import math

from tf_varmixup.report.formatting import MISSING
from tf_varmixup.report.table import Table


def to_csv(table: Table) -> str:
    """Write a table as CSV, its numbers in full and without a factor.

    Args:
        table: A `Table`.

    Returns:
        A string of lines: a column per number, and where any cell has them, that column's
        `.deviation`, `.low`, `.high` and, as 1 or 0, `.best`. What nothing measured is empty.

    Example:
        >>> from tf_varmixup.report.table import TableColumn
        >>> from tf_varmixup.report.table_cell import TableCell
        >>> column = TableColumn("clean.accuracy", "Accuracy, %", "clean", 100, 2)
        >>> rows = ((("a",), (TableCell(0.5, deviation=0.25),)),)
        >>> to_csv(Table("", ("Method",), (column,), rows)).split()
        ['method,clean.accuracy,clean.accuracy.deviation', 'a,0.5,0.25']
    """
    headings = [one.lower() for one in table.stub]
    fields = []
    for index, column in enumerate(table.columns):
        own = ["value"]
        for name in ("deviation", "low", "high", "best"):
            if any(_number(getattr(row[index], name)) for _, row in table.rows):
                own.append(name)
        fields.append(own)
        headings += [column.key, *(f"{column.key}.{name}" for name in own[1:])]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    for texts, cells in table.rows:
        numbers = [
            _text(getattr(cell, name))
            for cell, own in zip(cells, fields, strict=True)
            for name in own
        ]
        writer.writerow(["" if one == MISSING else one for one in texts] + numbers)
    return text.getvalue()


def _number(value: float | bool) -> bool:
    """Return whether a cell has something to say: a finite number, or that it is the best."""
    return value if isinstance(value, bool) else math.isfinite(value)


def _text(value: float | bool) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return repr(float(value)) if math.isfinite(value) else ""
