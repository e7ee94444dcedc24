"""A table of numbers, apart from the format it is written in."""

import dataclasses

from tf_varmixup.report.table_cell import TableCell


@dataclasses.dataclass(frozen=True)
class TableColumn:
    """A column of numbers.

    Attributes:
        key: What CSV calls it, such as `"clean.accuracy"`.
        group: What neighboring columns share, such as `"Accuracy, %"`; may be empty.
        heading: What it is called within the group, such as `"clean"`.
        factor: What its numbers are multiplied by, everywhere but in CSV.
        decimals: How many decimals they have there.
        signed: Whether positive numbers have a sign there.
    """

    key: str
    group: str
    heading: str
    factor: float = 1.0
    decimals: int = 3
    signed: bool = False

    def parts(self, cell: TableCell) -> tuple[str, str]:
        """Write a cell of this column, see `TableCell.parts`."""
        return cell.parts(self.factor, self.decimals, self.signed)


@dataclasses.dataclass(frozen=True)
class Table:
    """A table: words on the left, numbers on the right.

    `table_markdown`, `table_csv`, `table_latex` and `table_html` write it.

    Attributes:
        title: What it shows, in plain text without a full stop.
        stub: Headings of the leading columns, which hold text; those after the first are aligned
            to the right.
        columns: The columns of numbers.
        rows: The texts and the numbers of each row, as many as there are headings and columns.
        notes: Sentences on how to read it.

    Raises:
        ValueError: If a row has another number of entries.

    Example:
        >>> column = TableColumn("clean.accuracy", "Accuracy, %", "clean", 100, 2)
        >>> table = Table("Results", ("Method",), (column,), ((("erm",), (TableCell(0.9),)),))
        >>> len(table.rows)
        1
    """

    title: str
    stub: tuple[str, ...]
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[TableCell, ...]], ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for texts, cells in self.rows:
            if (len(texts), len(cells)) != (len(self.stub), len(self.columns)):
                raise ValueError(
                    f"Expected rows of {len(self.stub)} texts and {len(self.columns)} cells. "
                    f"Received: {len(texts)} and {len(cells)}."
                )

    def groups(self) -> list[tuple[str, int]]:
        """Return the groups of neighboring columns, each with its number of columns."""
        groups: list[tuple[str, int]] = []
        for column in self.columns:
            if groups and groups[-1][0] == column.group:
                groups[-1] = (column.group, groups[-1][1] + 1)
            else:
                groups.append((column.group, 1))
        return groups
