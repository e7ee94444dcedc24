"""A table for the terminal."""

import rich.markup
import rich.table
import rich.text

from tf_varmixup.report.table import Table

# As many columns of numbers as fit 80 characters with deviations beside them.
COLUMNS = 4


def to_terminal(table: Table) -> rich.table.Table:
    """Make a table for the terminal, of the first columns alone; files have all of them.

    Args:
        table: A `Table`.

    Returns:
        A `rich.table.Table`.

    Example:
        >>> to_terminal(Table("", ("Method",), (), ((("erm",), ()),))).row_count
        1
    """
    columns = table.columns[:COLUMNS]
    made = rich.table.Table(rich.table.Column(table.stub[0], overflow="fold", min_width=12))
    for heading in table.stub[1:]:
        made.add_column(rich.markup.escape(heading), justify="right", no_wrap=True)
    for column in columns:
        words = "\n".join(part for part in (column.group, column.heading) if part)
        made.add_column(rich.markup.escape(words), justify="right", no_wrap=True)
    for texts, cells in table.rows:
        entries = []
        for column, cell in zip(columns, cells[: len(columns)], strict=True):
            value, spread = column.parts(cell)
            text = rich.text.Text(value, "bold" if cell.best else "")
            space = "\n" if spread.startswith("[") else " "  # an interval is as wide as a column
            spread = f"{space}{spread.replace('± ', '±')}" if spread else ""
            entries.append(text.append(spread, "not bold"))
        made.add_row(*map(rich.text.Text, texts), *entries)
    return made
