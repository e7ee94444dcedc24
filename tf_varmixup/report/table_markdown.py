"""A table in Markdown."""

import re

from tf_varmixup.report.table import Table, TableColumn
from tf_varmixup.report.table_cell import TableCell


def to_markdown(table: Table) -> str:
    r"""Write a table in GitHub's Markdown, without its title and notes.

    Args:
        table: A `Table`.

    Returns:
        A string of lines; the best of a column is bold.

    Example:
        >>> column = TableColumn("clean.nll", "NLL", "clean")
        >>> rows = ((("a|b",), (TableCell(0.5),)),)
        >>> print(to_markdown(Table("", ("Method",), (column,), rows)))
        | Method | NLL<br>clean |
        |---|--:|
        | a\|b | 0.500 |
    """
    headings = [_escaped(one) for one in table.stub]
    headings += ["<br>".join(map(_escaped, _words(column))) for column in table.columns]
    lines = [_line(headings), "|---|" + "--:|" * (len(headings) - 1)]
    for texts, cells in table.rows:
        lines.append(_line([*map(_escaped, texts), *map(_number, table.columns, cells)]))
    return "\n".join(lines)


def _line(entries: list[str]) -> str:
    return f"| {' | '.join(entries)} |"


def _words(column: TableColumn) -> list[str]:
    return [words for words in (column.group, column.heading) if words]


def _number(column: TableColumn, cell: TableCell) -> str:
    value, spread = column.parts(cell)
    value = f"**{value}**" if cell.best else value
    # An interval is as wide as its number: below it, the table stays narrow.
    return f"{value}<br>{spread}" if spread.startswith("[") else f"{value} {spread}".rstrip()


def _escaped(text: str) -> str:
    """Escape what Markdown or HTML would read, but not the underscores inside of words."""
    text = re.sub(r"([\\`*\[\]<>|~])", r"\\\1", " ".join(text.split()))
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text)
    return re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", text)
