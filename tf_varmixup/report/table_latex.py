r"""A table for LaTeX."""

import re
from collections.abc import Iterable

from tf_varmixup.report.formatting import MISSING
from tf_varmixup.report.table import Table, TableColumn
from tf_varmixup.report.table_cell import TableCell

_COMMANDS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    MISSING: "--",
    **{character: "\\" + character for character in "&%$#_{}"},
}
_SPECIAL = re.compile("|".join(map(re.escape, _COMMANDS)))


def to_latex(table: Table) -> str:
    r"""Write a table as a `tabular` with the rules of the package booktabs.

    Args:
        table: A `Table`.

    Returns:
        A string of lines; title and notes are comments at the top.

    Example:
        >>> column = TableColumn("clean.accuracy", "Accuracy, %", "clean", 100, 2)
        >>> rows = ((("a_b",), (TableCell(0.91, deviation=0.01, best=True),)),)
        >>> print(to_latex(Table("Results", ("Method",), (column,), rows)))
        % Results
        \begin{tabular}{lr}
        \toprule
         & Accuracy, \% \\
        \cmidrule(lr){2-2}
        Method & clean \\
        \midrule
        a\_b & $\mathbf{91.00} \pm 1.00$ \\
        \bottomrule
        \end{tabular}
    """
    lines = [f"% {' '.join(text.split())}" for text in (table.title, *table.notes) if text]
    stub = len(table.stub)
    lines += [rf"\begin{{tabular}}{{l{'r' * (stub - 1 + len(table.columns))}}}", r"\toprule"]
    if any(column.group for column in table.columns):
        entries, rules, start = [""] * stub, [], stub + 1
        for group, width in table.groups():
            words = _escaped(group)
            entries.append(words if width == 1 else rf"\multicolumn{{{width}}}{{c}}{{{words}}}")
            if group:
                rules.append(rf"\cmidrule(lr){{{start}-{start + width - 1}}}")
            start += width
        lines += [_line(entries), " ".join(rules)]
    headings = [*table.stub, *(column.heading for column in table.columns)]
    lines += [_line(map(_escaped, headings)), r"\midrule"]
    for texts, cells in table.rows:
        lines.append(_line([*map(_escaped, texts), *map(_number, table.columns, cells)]))
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])


def _line(entries: Iterable[str]) -> str:
    return " & ".join(entries) + r" \\"


def _number(column: TableColumn, cell: TableCell) -> str:
    value, spread = column.parts(cell)
    if value == MISSING:
        return _escaped(MISSING)
    value = rf"\mathbf{{{value}}}" if cell.best else value
    # A comma in mathematics is followed by no space of its own.
    spread = spread.replace("±", r"\pm").replace(", ", r",\ ")
    return f"${value} {spread}".rstrip() + "$"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: _COMMANDS[match[0]], " ".join(text.split()))
