"""Tables of finished runs: one run for the terminal, many runs for a page."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from rich.table import Column, Table

from tf_varmixup.metrics.measures import (
    MEASURES,
    Measure,
    brief_measures,
    measure,
    measure_or_plain,
)
from tf_varmixup.metrics.sections import SECTION_TITLES, metric_sections, section_title
from tf_varmixup.report.formatting import MISSING, metric_text

# A run's settings and its metrics: the contents of config.json and of metrics.json.
Run = tuple[Mapping[str, Any], Mapping[str, Any]]

# Metric and section of the columns that come first.
_COLUMNS = (
    ("accuracy", "clean"),
    ("accuracy", "corrupted"),
    ("ece", "clean"),
    ("ece", "corrupted"),
    ("signed_gap", "clean"),
    ("signed_gap", "corrupted"),
    ("ece", "clean_after_temperature"),
    ("ece", "corrupted_after_temperature"),
    ("nll", "clean"),
    ("nll", "corrupted"),
)


def results_table(metrics: Mapping[str, Any]) -> Table:
    """Make the short table that a run ends with, a row per section.

    Args:
        metrics: Contents of metrics.json; every section may be missing, and others may be there.

    Returns:
        A `rich.table.Table` of accuracy, error, ECE and NLL, clean and corrupted, before and after
        temperature scaling, and of the other sections' metrics.

    Example:
        >>> results_table({"clean": {"accuracy": 0.9, "ece": 0.02, "nll": 0.3}}).row_count
        1
    """
    sections = metric_sections(metrics)
    measures = (*brief_measures(), *_unlisted(sections.values()))
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
        of a group's runs lacks is a dash; a single run has no deviation.

    Example:
        >>> runs = [({"seed": seed}, {"clean": {"accuracy": 0.5 + seed / 10}}) for seed in (0, 2)]
        >>> print(markdown_table({"erm": runs}).splitlines()[2][:26])
        | erm | 2 | 60.00 ± 14.14
    """
    sections = {
        label: [metric_sections(metrics) for _, metrics in runs] for label, runs in groups.items()
    }
    columns = _columns([run for runs in sections.values() for run in runs])
    headings = [_heading(one, section) for one, section in columns]
    lines = [
        "| Method | Seeds | " + " | ".join(headings) + " |",
        "|---|" + "--:|" * (1 + len(columns)),
    ]
    for label, runs in sections.items():
        entries = [label, str(len(runs))]
        for one, section in columns:
            values = [one.value(run.get(section, {})) for run in runs]
            entries.append(_mean_and_deviation(values, one))
        lines.append("| " + " | ".join(entries) + " |")
    return "\n".join(lines)


def _position(name: str, names: Sequence[str]) -> int:
    before = name.removesuffix("_after_temperature")
    return names.index(before if before in names else name)


def _columns(runs: Sequence[Mapping[str, Mapping[str, float]]]) -> list[tuple[Measure, str]]:
    """Return the columns of today, then those of new metrics, then those of other sections."""
    columns = [(measure(name), section) for name, section in _COLUMNS]
    shown = {one.name for one, _ in columns}
    for one in brief_measures():
        if one.name not in shown and not one.one_minus:
            columns += [(one, "clean"), (one, "corrupted")]
    others = dict.fromkeys(name for run in runs for name in run if name not in SECTION_TITLES)
    for section in others:
        found = [run[section] for run in runs if section in run]
        brief = [one for one in brief_measures() if not one.one_minus]
        columns += [
            (one, section)
            for one in (*brief, *_unlisted(found))
            if any(one.name in values for values in found)
        ]
    return columns


def _unlisted(sections: Iterable[Mapping[str, float]]) -> list[Measure]:
    """Return plain entries for the metrics of sections that the list does not have."""
    names = dict.fromkeys(name for section in sections for name in section)
    listed = {one.name for one in MEASURES}
    return [measure_or_plain(name) for name in names if name not in listed]


def _heading(one: Measure, section: str) -> str:
    words = section_title(section).replace("after temperature", "after T")
    return f"{one.title} {words}" + (", %" if one.unit == "%" else "")


def _mean_and_deviation(values: Sequence[Any], one: Measure) -> str:
    if not all(value is not None and np.isfinite(value) for value in values):
        return MISSING
    factor, decimals = (100, 2) if one.unit == "%" else (1, 3)
    scaled = [factor * value for value in values]
    text = f"{np.mean(scaled):.{decimals}f}"
    return text if len(scaled) == 1 else f"{text} ± {np.std(scaled, ddof=1):.{decimals}f}"
