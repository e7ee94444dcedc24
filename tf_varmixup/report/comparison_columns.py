"""The columns of a comparison: which metric of which section."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tf_varmixup.checks import suggestion
from tf_varmixup.metrics.measures import (
    MEASURES,
    Measure,
    brief_measures,
    measure,
    measure_or_plain,
)
from tf_varmixup.metrics.robustness import SEARCH_SETTINGS
from tf_varmixup.metrics.sections import SECTION_TITLES, section_title
from tf_varmixup.report.table import TableColumn

# Metric and section of the columns that come first.
_FIRST = (
    ("accuracy", "clean"),
    ("accuracy", "corrupted"),
    ("ece", "clean"),
    ("ece", "corrupted"),
    ("ece", "clean_after_temperature"),
    ("ece", "corrupted_after_temperature"),
    ("signed_gap", "clean"),
    ("signed_gap", "corrupted"),
    ("nll", "clean"),
    ("nll", "corrupted"),
)

Sections = Mapping[str, Mapping[str, Any]]


@dataclasses.dataclass(frozen=True)
class ComparedColumn:
    """A metric of a section of metrics.json.

    Attributes:
        section: Name of the section.
        measure: The metric's entry in the list.

    Example:
        >>> ComparedColumn("clean", measure("ece")).key
        'clean.ece'
    """

    section: str
    measure: Measure

    @property
    def key(self) -> str:
        """The column's name on the command line and in CSV."""
        return f"{self.section}.{self.measure.name}"

    def of_table(self, signed: bool = False) -> TableColumn:
        """Return the column of a table.

        Args:
            signed: Whether it has differences, whose sign is always written.

        Returns:
            A `TableColumn`.
        """
        percent = self.measure.unit == "%"
        return TableColumn(
            self.key,
            self.measure.title + (", %" if percent else ""),
            section_title(self.section).replace("after temperature", "after T"),
            100.0 if percent else 1.0,
            2 if percent else 3,
            signed,
        )


def default_columns(
    runs: Iterable[Sections], corruption_errors: bool = False
) -> list[ComparedColumn]:
    """Return accuracy, ECE, signed gap and NLL, then new metrics, then those of other sections.

    Args:
        runs: The sections of each run, see `metric_sections`.
        corruption_errors: Whether the mean corruption error is one of them.

    Returns:
        A list of `ComparedColumn`: of those that come first the ones that any run has.

    Example:
        >>> [column.key for column in default_columns([{"clean": {"accuracy": 0.9, "nll": 0.3}}])]
        ['clean.accuracy', 'clean.nll']
    """
    runs = list(runs)
    columns = [ComparedColumn(section, measure(name)) for name, section in _FIRST]
    shown = {column.measure.name for column in columns}
    brief = [one for one in brief_measures() if not one.one_minus]
    for one in brief:
        if one.name not in shown:
            columns += [ComparedColumn(section, one) for section in ("clean", "corrupted")]
    if corruption_errors:
        columns.insert(2, ComparedColumn("corrupted", measure_or_plain("mce")))
    others = dict.fromkeys(name for run in runs for name in run if name not in SECTION_TITLES)
    for section in others:
        if "_after_" in section:
            continue  # another calibration: too many for the default
        found = [run[section] for run in runs if section in run]
        columns += [
            ComparedColumn(section, one)
            for one in (*brief, *unlisted(found))
            if one.name not in SEARCH_SETTINGS or len({of.get(one.name) for of in found}) > 1
        ]
    return [column for column in columns if any(_has(run, column) for run in runs)]


def named_columns(names: Sequence[str], runs: Iterable[Sections]) -> list[ComparedColumn]:
    """Find columns by their names.

    Args:
        names: Names such as `"clean.accuracy"` or `"ood.fashion_mnist.auroc"`.
        runs: The sections of each run, see `metric_sections`.

    Returns:
        A list of `ComparedColumn`.

    Raises:
        ValueError: If no run has a metric of that name, or a name comes twice.

    Example:
        >>> named_columns(["clean.error"], [{"clean": {"accuracy": 0.9}}])[0].measure.title
        'Error'
    """
    if len(set(names)) < len(names):
        raise ValueError(f"Expected columns that differ. Received: {', '.join(names)}.")
    known = {
        column.key: column
        for run in runs
        for section, values in run.items()
        for one in (*MEASURES, *map(measure_or_plain, values))
        if _has(run, column := ComparedColumn(section, one))
    }
    for name in names:
        if name not in known:
            hint = suggestion(name, known) or f" There are {', '.join(known)}."
            raise ValueError(
                f"Expected columns that a run has, such as clean.accuracy. Received: {name!r}."
                + hint
            )
    return [known[name] for name in names]


def unlisted(sections: Iterable[Mapping[str, float]]) -> list[Measure]:
    """Return plain entries for the metrics of sections that the list does not have."""
    names = dict.fromkeys(name for section in sections for name in section)
    listed = {one.name for one in MEASURES}
    return [measure_or_plain(name) for name in names if name not in listed]


def _has(run: Sections, column: ComparedColumn) -> bool:
    return column.measure.value(run.get(column.section, {})) is not None
