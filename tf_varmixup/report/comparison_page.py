"""One self-contained HTML page about several runs."""

import os
import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from tf_varmixup.checks import check_choice
from tf_varmixup.corruptions import BENCHMARK
from tf_varmixup.report.page import write_page
from tf_varmixup.report.plots_differences import SHOWN, difference_intervals
from tf_varmixup.report.plots_robustness import corruption_differences
from tf_varmixup.report.plots_severity import severity_curves
from tf_varmixup.report.table import Table

_LEAD = "Measured on the test images; the mean over seeds where there are several."

# The rows of one run's corruption grid, as corruptions.csv has them.
Cells = Sequence[Mapping[str, Any]]


def write_comparison(
    folder: str | os.PathLike[str],
    title: str,
    table_html: str,
    runs: Mapping[str, Sequence[Cells]],
    baseline: str | None = None,
    notes: Iterable[str] = (),
    differences: Table | None = None,
) -> pathlib.Path:
    """Write `report.html`, a page that compares runs, and its plots as `figures/<name>.png`.

    Args:
        folder: Folder to write to; made where there is none.
        title: The page's heading.
        table_html: The table, a `<table>` element that goes into the page as it is; whoever makes
            it escapes what users wrote.
        runs: Mapping of a row's label to its runs, one for each seed; a run is the rows of its
            corruption grid, which may be empty.
        baseline: The label that the others are compared with, or None.
        notes: What the reader should know besides, strings.
        differences: The table of differences to the baseline, to be drawn; or None.

    Returns:
        The path of the page.

    Raises:
        ValueError: If no run has the baseline's label.

    Example:
        >>> path = write_comparison("compared", "Two methods", "<table></table>", {})
        >>> path.name
        'report.html'
    """
    if baseline is not None:
        check_choice("baseline", baseline, runs)
    means = {label: _mean_cells(group) for label, group in runs.items()}
    means = {label: cells for label, cells in means.items() if cells}
    plots = {}
    if differences is not None and any(one.key in SHOWN for one in differences.columns):
        plots["differences"] = difference_intervals(differences)
    plots |= _plots(means, baseline)
    table = Markup(table_html)
    return write_page(folder, title, _LEAD, plots, table=table, notes=list(notes))


def _plots(means: Mapping[str, Cells], baseline: str | None) -> dict[str, Figure]:
    plots = {}
    if any(row["corruption"] in BENCHMARK for cells in means.values() for row in cells):
        plots["severity"] = severity_curves(means)
    if baseline is not None and baseline in means:
        theirs = means[baseline]
        for label, cells in means.items():
            if label != baseline:
                figure = corruption_differences(cells, theirs)
                figure.set_label(f"{label} minus {baseline}. {figure.get_label()}")
                name = re.sub(r"[^A-Za-z0-9]+", "_", f"{label} minus {baseline}")
                plots[name if name not in plots else f"{name}_{len(plots)}"] = figure
    return plots


def _mean_cells(group: Sequence[Cells]) -> list[dict[str, Any]]:
    """Return the mean over runs of each cell's metrics."""
    found: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for cells in group:
        for row in cells:
            found.setdefault((row["corruption"], int(row["severity"])), []).append(row)
    return [
        {
            "corruption": corruption,
            "severity": severity,
            **{
                name: float(np.mean([row[name] for row in rows]))
                for name in ("accuracy", "ece")
                if all(row.get(name) is not None for row in rows)
            },
        }
        for (corruption, severity), rows in found.items()
    ]
