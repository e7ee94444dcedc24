"""Tables of the differences between any two rows of a study, paired by seed."""

import itertools
import math
from collections.abc import Sequence

from tf_varmixup.metrics.sections import metric_sections
from tf_varmixup.report.comparison_columns import named_columns
from tf_varmixup.report.table import Table
from tf_varmixup.report.table_cell import TableCell
from tf_varmixup.report.table_markdown import to_markdown
from tf_varmixup.run.compared_runs import Comparison
from tf_varmixup.run.finished_run import FinishedRun
from tf_varmixup.run.paired import difference

_COLUMNS = (
    "clean.accuracy",
    "corrupted.accuracy",
    "corrupted.nll",
    "clean.ece",
    "corrupted.ece",
    "clean_after_temperature.ece",
    "corrupted_after_temperature.ece",
)
# Of an evaluation that measured it, it is what counts.
_LINEARITY = (
    "local_linearity.clean.linearity_error",
    "local_linearity.clean_after_temperature.linearity_error",
)


def differences_block(runs: Sequence[FinishedRun], comparison: Comparison) -> str:
    """Write a table with a row for each row of a comparison minus each other, `a minus b`.

    Args:
        runs: The runs that are compared.
        comparison: A `Comparison`.

    Returns:
        A Markdown table; what has an interval that excludes 0 is bold.
    """
    sections = [metric_sections(run.metrics) for run in runs]
    found = {f"{name}.{metric}" for one in sections for name in one for metric in one[name]}
    shown = _LINEARITY if found.issuperset(_LINEARITY) else _COLUMNS
    columns = named_columns([name for name in shown if name in found], sections)
    rows = []
    for one, other in itertools.permutations(comparison.rows, 2):
        cells = []
        for column in columns:
            ours, theirs = (row.values(column.section, column.measure) for row in (one, other))
            value, low, high = difference(ours, theirs, comparison.level)
            excludes_0 = math.isfinite(low) and (low > 0.0 or high < 0.0)
            cells.append(TableCell(value, low=low, high=high, best=excludes_0))
        seeds = str(len({*one.seeds} & {*other.seeds}))
        rows.append(((f"{one.label} minus {other.label}", seeds), tuple(cells)))
    headings = tuple(column.of_table(signed=True) for column in columns)
    return to_markdown(Table("", ("Difference", "Seeds"), headings, tuple(rows))) + "\n"
