"""A table as HTML."""

import html

from tf_varmixup.report.table import Table, TableColumn
from tf_varmixup.report.table_cell import TableCell

_MINUS = "\N{MINUS SIGN}"


def to_html(table: Table) -> str:
    """Write a table as a `table` element, with its title as the caption.

    Args:
        table: A `Table`.

    Returns:
        A string. Numbers have the class `number`, the heading over a group of columns the class
        `group`; the best of a column is `strong`, its spread `small`.

    Example:
        >>> table = Table("A < B", ("Method",), (), ())
        >>> "<caption>A &lt; B</caption>" in to_html(table)
        True
    """
    lines = ["<table>"]
    if table.title:
        lines.append(f"<caption>{html.escape(table.title)}</caption>")
    grouped = any(column.group for column in table.columns)
    span = ' rowspan="2"' if grouped else ""
    head = [
        f'<th scope="col"{_number_class(index)}{span}>{html.escape(words)}</th>'
        for index, words in enumerate(table.stub)
    ]
    headings = [
        f'<th scope="col" class="number">{html.escape(column.heading)}</th>'
        for column in table.columns
    ]
    if grouped:
        head += [
            f'<th scope="colgroup" class="group" colspan="{width}">{html.escape(group)}</th>'
            for group, width in table.groups()
        ]
        lines += ["<thead>", f"<tr>{''.join(head)}</tr>", f"<tr>{''.join(headings)}</tr>"]
    else:
        lines += ["<thead>", f"<tr>{''.join([*head, *headings])}</tr>"]
    lines += ["</thead>", "<tbody>"]
    for (first, *texts), cells in table.rows:
        entries = [f'<th scope="row">{html.escape(first)}</th>']
        entries += [f'<td class="number">{html.escape(text)}</td>' for text in texts]
        entries += map(_number, table.columns, cells)
        lines.append(f"<tr>{''.join(entries)}</tr>")
    return "\n".join([*lines, "</tbody>", "</table>"])


def _number_class(index: int) -> str:
    return ' class="number"' if index else ""


def _number(column: TableColumn, cell: TableCell) -> str:
    value, spread = (part.replace("-", _MINUS) for part in column.parts(cell))
    value = f"<strong>{value}</strong>" if cell.best else value
    spread = f" <small>{spread}</small>" if spread else ""
    return f'<td class="number">{value}{spread}</td>'
