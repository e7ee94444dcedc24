"""How to read the tables of a comparison."""

import math
from collections.abc import Iterable, Sequence

from tf_varmixup.corruptions.names import BENCHMARK
from tf_varmixup.report.comparison_columns import ComparedColumn
from tf_varmixup.report.table_cell import TableCell
from tf_varmixup.run.comparable import have_other_autoencoders
from tf_varmixup.run.compared_runs import Comparison


def spread_notes(comparison: Comparison, cells: Iterable[TableCell]) -> list[str]:
    """Say what stands beside the numbers of a table, and what is bold.

    Args:
        comparison: A `Comparison`.
        cells: All cells of the table.

    Returns:
        A list of sentences about what the table has.

    Example:
        >>> spread_notes(Comparison((), None), [TableCell(0.5, deviation=0.1)])
        ['Mean ± standard deviation of a sample over the seeds.']
    """
    cells, notes = list(cells), []
    level = f"{100 * comparison.level:g} %"
    if any(math.isfinite(cell.deviation) for cell in cells):
        notes.append("Mean ± standard deviation of a sample over the seeds.")
    elif any(row.seeds for row in comparison.rows) and not any(
        len(row.seeds) > 1 for row in comparison.rows
    ):
        notes.append("One seed each: nothing about the methods follows from these numbers.")
    if any(math.isfinite(cell.low) and not math.isfinite(cell.deviation) for cell in cells):
        notes.append("In brackets: a single run's own interval over its test images.")
    notes += [
        f"The runs of {row.label} were given different autoencoders."
        for row in comparison.rows
        if have_other_autoencoders(row.runs)
    ]
    if any(cell.best for cell in cells):
        notes.append(
            f"Bold: better than every other row, where the {level} intervals of the differences to "
            "all of them, between runs of the same seed, exclude 0. They are not corrected for "
            "their number."
        )
    return notes


def column_notes(comparison: Comparison, columns: Sequence[ComparedColumn]) -> list[str]:
    """Say what the headings of a table mean.

    Args:
        comparison: A `Comparison`.
        columns: The table's columns.

    Returns:
        A list of sentences about the columns that the table has.
    """
    notes = []
    sections = {column.section for column in columns}
    names = {column.measure.name for column in columns}
    if any(section.startswith("corrupted") for section in sections):
        counted = {
            (cell["corruption"], cell["severity"])
            for row in comparison.rows
            for run in row.runs
            for cell in run.cells
            if cell["corruption"] in BENCHMARK
        }
        kinds = len({corruption for corruption, _ in counted})
        of = f"{kinds} corruptions, {len(counted)} cells in all" if counted else "cells"
        notes.append(f"Corrupted: the mean over the benchmark's {of}.")
    if names & {"mce", "relative_mce"} and comparison.baseline is not None:
        notes.append(
            f"mCE: errors under each corruption relative to those of {comparison.baseline.label}, "
            "whose mean over seeds is 100 %."
        )
    if "signed_gap" in names:
        notes.append("Signed gap: confidence minus accuracy.")
    if any(section.endswith("after_temperature") for section in sections):
        notes.append("After T: after temperature scaling fitted on validation data.")
    return notes
