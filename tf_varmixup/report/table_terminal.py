"""A table for the terminal."""

import rich.markup
import rich.table
import rich.text

from tf_varmixup.report.table import Table


def to_terminal(table: Table) -> rich.table.Table:
    """Make a table for the terminal, a column per row: few runs, and many metrics.

    Args:
        table: A `Table`.

    Returns:
        A `rich.table.Table`.

    Example:
        >>> to_terminal(Table("", ("Method",), (), ((("erm",), ()),))).row_count
        0
    """
    made = rich.table.Table(rich.table.Column(table.stub[0], overflow="fold"))
    for texts, _ in table.rows:
        made.add_column(rich.markup.escape(texts[0]), justify="right", overflow="fold", min_width=6)
    for index, heading in enumerate(table.stub[1:], 1):
        made.add_row(heading, *(rich.text.Text(texts[index]) for texts, _ in table.rows))
    for index, column in enumerate(table.columns):
        entries = []
        for _, cells in table.rows:
            value, spread = column.parts(cells[index])
            text = rich.text.Text(value, "bold" if cells[index].best else "")
            spread = f" {spread.replace('± ', '±')}" if spread else ""
            entries.append(text.append(spread, "not bold"))
        heading = " ".join(words for words in (column.group, column.heading) if words)
        made.add_row(rich.text.Text(heading), *entries)
    return made
