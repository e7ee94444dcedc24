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
        `group`; the best of a column is `strong`, its spread `small`. A cell's `data-label` says
        what its column is called, for pages too narrow for columns.

    Example:
        >>> table = Table("A < B", ("Method",), (), ())
        >>> "<caption>A &lt; B</caption>" in to_html(table)
        True
    """
    lines = ['<table class="compared stack">']
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
        entries += [
            f'<td class="number" data-label="{html.escape(words)}">{html.escape(text)}</td>'
            for words, text in zip(table.stub[1:], texts, strict=True)
        ]
        entries += map(_number, table.columns, cells)
        lines.append(f"<tr>{''.join(entries)}</tr>")
    return "\n".join([*lines, "</tbody>", "</table>"])


def _number_class(index: int) -> str:
    return ' class="number"' if index else ""


def _number(column: TableColumn, cell: TableCell) -> str:
    value, spread = (part.replace("-", _MINUS) for part in column.parts(cell))
    value = f"<strong>{value}</strong>" if cell.best else value
    spread = spread.replace("± ", "±\N{NO-BREAK SPACE}")
    spread = f" <small>{spread}</small>" if spread else ""
    label = html.escape(" ".join(words for words in (column.group, column.heading) if words))
    return f'<td class="number" data-label="{label}">{value}{spread}</td>'
