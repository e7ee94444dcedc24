"""Differences of several methods to a baseline, with their intervals."""

import math
import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tf_varmixup.report.panels import panel_figure
from tf_varmixup.report.style import BLUE, MUTED, styled
from tf_varmixup.report.table import Table, TableColumn
from tf_varmixup.report.table_cell import TableCell

# The measures that are drawn, as `compare` calls them.
SHOWN = ("clean.accuracy", "corrupted.accuracy", "corrupted.ece", "corrupted.nll")

_LABEL = 20  # characters of a line


@styled(
    "Each point is the mean difference between runs of the same seed, each line its interval. "
    "Points are filled where the interval is on one side of zero; those without a line have none."
)
def difference_intervals(table: Table, keys: Sequence[str] = SHOWN) -> Figure:
    """Draw the differences to a baseline, a panel for each measure and a row for each method.

    Args:
        table: Table of differences, as `comparison_tables` gives it.
        keys: The columns to draw; those that the table lacks are left out.

    Returns:
        A `matplotlib.figure.Figure`.

    Raises:
        ValueError: If the table has none of the columns.

    Example:
        >>> column = TableColumn("clean.accuracy", "Accuracy, %", "clean", 100, 2, signed=True)
        >>> rows = ((("mixup", "3"), (TableCell(0.01, low=-0.01, high=0.03),)),)
        >>> table = Table("Differences to erm", ("Method", "Paired seeds"), (column,), rows)
        >>> figure = difference_intervals(table)
    """
    drawn = [(n, one) for n, one in enumerate(table.columns) if one.key in keys]
    if not drawn:
        raise ValueError(
            f"Expected keys among {', '.join(one.key for one in table.columns)}. "
            f"Received: {', '.join(keys)}."
        )
    labels = [_broken(texts[0]) for texts, _ in table.rows]
    highest = max(label.count("\n") + 1.4 for label in labels)
    figure, parts = panel_figure(len(drawn), height=0.8 + 0.14 * highest * len(labels))
    for part, (position, column) in zip(parts, drawn, strict=True):
        axes = part.add_subplot()
        _intervals(axes, column, labels, [cells[position] for _, cells in table.rows])
        axes.set_xlabel(table.title[0].lower() + table.title[1:])
    return figure


def _broken(label: str) -> str:
    """Break a long label into lines, after underscores too."""
    lines = textwrap.wrap(label.replace("_", "_ "), _LABEL)
    return "\n".join(line.replace("_ ", "_") for line in lines)


def _intervals(
    axes: Axes, column: TableColumn, labels: Sequence[str], cells: Sequence[TableCell]
) -> None:
    axes.axvline(0.0, color=MUTED, linewidth=0.8)
    for row, cell in enumerate(cells):
        if not math.isfinite(cell.value):
            continue
        low, value, high = (column.factor * one for one in (cell.low, cell.value, cell.high))
        clear = low > 0.0 or high < 0.0
        if math.isfinite(low) and math.isfinite(high):
            axes.plot([low, high], [row, row], color=BLUE, linewidth=1.3)
        face = BLUE if clear else "white"
        axes.plot([value], [row], "o", color=BLUE, markerfacecolor=face, markersize=4.5)
    axes.set_title(f"{column.group}, {column.heading}")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.grid(axis="x")
