"""Tables of finished runs: one run for the terminal, many runs for a page."""

import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Column, Table

from tf_varmixup.metrics.measures import brief_measures, measure
from tf_varmixup.metrics.sections import metric_sections, section_title
from tf_varmixup.report.comparison_columns import default_columns
from tf_varmixup.report.comparison_tables import numbers_table
from tf_varmixup.report.formatting import metric_text
from tf_varmixup.report.table_markdown import to_markdown
from tf_varmixup.run.compared_row import ComparedRow
from tf_varmixup.run.compared_runs import Comparison
from tf_varmixup.run.finished_run import FinishedRun

# A run's settings and its metrics: the contents of config.json and of metrics.json.
Run = tuple[Mapping[str, Any], Mapping[str, Any]]


def results_table(metrics: Mapping[str, Any]) -> Table:
    """Make the short table that a run ends with, a row per section.

    Args:
        metrics: Contents of metrics.json; every section may be missing, and others may be there.

    Returns:
        A `rich.table.Table` of accuracy, error, ECE and NLL, clean and corrupted, before and after
        temperature scaling, and of whatever other section has an accuracy.

    Example:
        >>> results_table({"clean": {"accuracy": 0.9, "ece": 0.02, "nll": 0.3}}).row_count
        1
    """
    measures = brief_measures()
    sections = {
        name: section
        for name, section in metric_sections(metrics).items()
        if measure("accuracy").value(section) is not None
    }
    table = Table("Test images", *(Column(one.title, justify="right") for one in measures))
    # Before and after temperature scaling one below the other.
    names = sorted(sections, key=lambda name: _position(name, list(sections)))
    for name in names:
        section, label = sections[name], section_title(name)
        if "temperature" in metrics:
            temperature = f"at temperature {metrics['temperature']:.2f}"
            label = label.replace("after temperature", temperature)
        table.add_row(label, *(metric_text(one, one.value(section), 3) for one in measures))
    return table


def markdown_table(groups: Mapping[str, Sequence[Run]]) -> str:
    """Make a Markdown table of many runs, a row per group with the mean over its seeds.

    Args:
        groups: Mapping of a label, such as the method, to runs that are repetitions of one
            experiment, see `tf_varmixup.run.comparison.group_runs`. A run is a pair of mappings,
            the contents of its config.json and metrics.json.

    Returns:
        A string of lines in GitHub's Markdown: mean ± sample standard deviation. A metric that one
        of a group's runs lacks is a dash; a single run has no deviation. What is bold,
        `tf_varmixup.report.comparison_tables.numbers_table` says.

    Example:
        >>> runs = [({"seed": seed}, {"clean": {"accuracy": 0.5 + seed / 10}}) for seed in (0, 2)]
        >>> print(markdown_table({"erm": runs}).splitlines()[2])
        | erm | 2 | 60.00 ± 14.14 |
    """
    rows = []
    for label, runs in groups.items():
        own = [
            FinishedRun(pathlib.Path(label), {"method": label, "seed": number, **config}, metrics)
            for number, (config, metrics) in enumerate(runs)
        ]
        rows.append(ComparedRow(label, tuple(own)))
    columns = default_columns(metric_sections(run.metrics) for row in rows for run in row.runs)
    return to_markdown(numbers_table(Comparison(tuple(rows), None), columns))


def _position(name: str, names: Sequence[str]) -> int:
    before = name.removesuffix("_after_temperature")
    return names.index(before if before in names else name)
