"""The tables of a comparison: the numbers, their differences to a baseline, and by corruption."""

import math
from collections.abc import Sequence

from tf_varmixup.corruptions.names import BENCHMARK, CORRUPTIONS
from tf_varmixup.report.comparison_columns import ComparedColumn
from tf_varmixup.report.comparison_notes import column_notes, spread_notes
from tf_varmixup.report.formatting import MISSING
from tf_varmixup.report.table import Table, TableColumn
from tf_varmixup.report.table_cell import TableCell
from tf_varmixup.run.compared_row import ComparedRow
from tf_varmixup.run.compared_runs import Comparison
from tf_varmixup.run.paired import Values, best_of, difference, summarized


def comparison_tables(
    comparison: Comparison, columns: Sequence[ComparedColumn]
) -> dict[str, Table]:
    """Make all tables that a comparison has.

    Args:
        comparison: A `Comparison`.
        columns: The columns, `ComparedColumn`s.

    Returns:
        A dict of `Table` with some of the keys `results`, `differences` and `by_corruption`.
    """
    tables = {
        "results": numbers_table(comparison, columns),
        "differences": differences_table(comparison, columns),
        "by_corruption": corruptions_table(comparison),
    }
    return {name: table for name, table in tables.items() if table is not None}


def numbers_table(comparison: Comparison, columns: Sequence[ComparedColumn]) -> Table:
    """Make the table of a comparison's numbers, a row per recipe.

    A number is the mean over the seeds with its standard deviation, or of a single run its own with
    the interval over test images that the run measured. The best of a column is marked where the
    paired differences over seeds support it, see `tf_varmixup.run.paired.best_of`.

    Args:
        comparison: A `Comparison`.
        columns: The columns, `ComparedColumn`s.

    Returns:
        A `Table`.

    Example:
        >>> import pathlib
        >>> from tf_varmixup.report.comparison_columns import default_columns
        >>> from tf_varmixup.run import FinishedRun, compare_runs
        >>> metrics = {"clean": {"accuracy": 0.9}}
        >>> run = FinishedRun(pathlib.Path("a"), {"method": "erm", "seed": 0}, metrics)
        >>> numbers_table(compare_runs([run]), default_columns([metrics])).rows[0][0]
        ('erm', '1')
    """
    rows = comparison.rows
    by_column = []
    for column in columns:
        values = [row.values(column.section, column.measure) for row in rows]
        intervals = [row.interval(column.section, column.measure) for row in rows]
        best = best_of(values, column.measure.better, comparison.level)
        by_column.append(
            [
                _cell(one, interval, index == best)
                for index, (one, interval) in enumerate(zip(values, intervals, strict=True))
            ]
        )
    cells = list(zip(*by_column, strict=True)) if by_column else [()] * len(rows)
    return Table(
        "Results",
        ("Method", "Seeds"),
        tuple(column.of_table() for column in columns),
        tuple((_stub(row), own) for row, own in zip(rows, cells, strict=True)),
        tuple(
            [
                *spread_notes(comparison, [cell for own in cells for cell in own]),
                *column_notes(comparison, columns),
            ]
        ),
    )


def differences_table(comparison: Comparison, columns: Sequence[ComparedColumn]) -> Table | None:
    """Make the table of the differences to the baseline, paired by seed.

    Args:
        comparison: A `Comparison`.
        columns: The columns, `ComparedColumn`s.

    Returns:
        A `Table`, or None where there is no baseline or nothing beside it.
    """
    baseline = comparison.baseline
    others = [row for row in comparison.rows if row is not baseline]
    if baseline is None or not others:
        return None
    rows, single = [], False
    for row in others:
        cells = []
        for column in columns:
            theirs, ours = (one.values(column.section, column.measure) for one in (baseline, row))
            value, low, high = difference(ours, theirs, comparison.level)
            single |= math.isfinite(value) and not math.isfinite(low)
            cells.append(TableCell(value, low=low, high=high))
        paired = len(set(row.seeds) & set(baseline.seeds))
        rows.append(((row.label, str(paired) if paired else MISSING), tuple(cells)))
    notes = []
    if any(math.isfinite(cell.low) for _, cells in rows for cell in cells):
        notes.append(
            f"In brackets: Student's {100 * comparison.level:g} % interval of the difference "
            "between runs of the same seed."
        )
    if single:
        notes.append(
            "A difference without brackets has no interval: it is between single runs, and says "
            "nothing about other seeds."
        )
    return Table(
        f"Differences to {baseline.label}",
        ("Method", "Paired seeds"),
        tuple(column.of_table(signed=True) for column in columns),
        tuple(rows),
        tuple(notes),
    )


def corruptions_table(comparison: Comparison) -> Table | None:
    """Make the table of accuracies by corruption, the mean over severities, a column per recipe.

    Args:
        comparison: A `Comparison`.

    Returns:
        A `Table`, or None where no run has a corruption grid. The best of a row is marked by the
        rule of `numbers_table`.
    """
    found = dict.fromkeys(
        cell["corruption"] for row in comparison.rows for run in row.runs for cell in run.cells
    )
    names = [name for name in CORRUPTIONS if name in found]
    names += [name for name in found if name not in CORRUPTIONS]
    rows = [row for row in comparison.rows if any(run.cells for run in row.runs)]
    if not names:
        return None
    lines = []
    for name in names:
        values = [row.corruption_accuracies(name) for row in rows]
        best = best_of(values, "higher", comparison.level)
        cells = [_cell(one, None, index == best) for index, one in enumerate(values)]
        lines.append(((name.replace("_", " "),), tuple(cells)))
    notes = ["The mean over the severities of each corruption."]
    if extra := [name.replace("_", " ") for name in names if name not in BENCHMARK]:
        notes.append(f"Not part of the mean over corruptions: {', '.join(extra)}.")
    notes += spread_notes(comparison, [cell for _, cells in lines for cell in cells])
    return Table(
        "Accuracy by corruption, %",
        ("Corruption",),
        tuple(TableColumn(row.label, "", row.label, 100.0, 2) for row in rows),
        tuple(lines),
        tuple(notes),
    )


def _cell(values: Values, interval: tuple[float, float] | None, best: bool) -> TableCell:
    mean, deviation = summarized(values)
    low, high = interval or (math.nan, math.nan)
    return TableCell(mean, deviation, low, high, best)


def _stub(row: ComparedRow) -> tuple[str, str]:
    return row.label, str(len(row.seeds)) if row.seeds else MISSING
