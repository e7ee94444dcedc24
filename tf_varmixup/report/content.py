"""What the page about a run shows of its metrics, as text in rows and columns."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tf_varmixup.metrics.measures import MEASURES, Measure, measure, measure_or_plain
from tf_varmixup.metrics.sections import metric_sections, section_title
from tf_varmixup.report.baseline import Baseline
from tf_varmixup.report.formatting import MISSING, metric_text

# The metrics at the top of the page.
_TILES = ("accuracy", "ece")
# Sections of one kind, "adversarial.pgd", share a table under a heading.
_HEADINGS = {
    "": "Classifier",
    "ood": "Out-of-distribution detection",
    "adversarial": "Adversarial robustness",
    "local_linearity": "Local linearity of the loss",
    "interpolation": "Predictions on the way from one image to another",
}
# What metrics.json has of the autoencoder, how it is written and called.
_AUTOENCODER = {
    "elbo": ("{:.1f}", "ELBO, nats per image"),
    "kl": ("{:.1f}", "KL to the prior, nats per image"),
    "mse": ("{:.5f}", "mean squared error"),
    "psnr": ("{:.2f}", "PSNR, dB"),
    "active_units": ("{:.0f}", "active latent units"),
    "latent_gap": ("{:.3f}", "latent gap"),
    "midpoint_gap": ("{:.3f}", "gap of the method's midpoints"),
    "frechet_reconstruction": ("{:.2f}", "Fréchet distance of reconstructions"),
    "frechet_latent_midpoint": ("{:.2f}", "Fréchet distance of latent midpoints"),
    "frechet_pixel_midpoint": ("{:.2f}", "Fréchet distance of pixel midpoints"),
    "confidence_image": ("{:.1%}", "confidence on images"),
    "confidence_latent_midpoint": ("{:.1%}", "confidence on latent midpoints"),
    "confidence_pixel_midpoint": ("{:.1%}", "confidence on pixel midpoints"),
}


class Cell(NamedTuple):
    """What is said of a metric: its value, an interval, and the difference to a baseline."""

    value: str
    interval: str = ""
    difference: str = ""


def tiles(
    metrics: Mapping[str, Any], baseline: Baseline | None = None
) -> list[tuple[str, Cell, str]]:
    """Return heading, value and remark of the numbers at the top of the page.

    Args:
        metrics: Contents of metrics.json.
        baseline: What the run is compared with, or None.

    Returns:
        A list of headings, `Cell`s and remarks.

    Example:
        >>> tiles({"clean": {"accuracy": 0.75}})[0][::2]
        ('Accuracy, clean', 'error 25.00 %')
    """
    sections, found = metric_sections(metrics), []
    for one in map(measure, _TILES):
        for name in ("clean", "corrupted"):
            value = one.value(sections.get(name, {}))
            if value is not None:
                after = one.value(sections.get(f"{name}_after_temperature", {}))
                cell = _cell(one, name, sections, metrics, baseline)
                if baseline is not None and cell.difference:
                    cell = cell._replace(difference=f"{cell.difference} against {baseline.name}")
                found.append((f"{one.title}, {name}", cell, _remark(one, value, after)))
    return found


def _remark(one: Measure, value: float, after: float | None) -> str:
    for other in MEASURES:
        if other.one_minus == one.name:
            return f"{other.title.lower()} {metric_text(other, other.value({one.name: value}))}"
    if after is None:
        return "before temperature scaling"
    return f"{metric_text(one, after)} after temperature scaling"


def metric_tables(
    metrics: Mapping[str, Any], baseline: Baseline | None = None
) -> list[dict[str, Any]]:
    """Return tables of sections (across) and metrics (down), one for each kind of section.

    The classifier's has two: the metrics of short tables, and `detail`, the rest of the list.

    Args:
        metrics: Contents of metrics.json.
        baseline: What the run is compared with, or None.

    Returns:
        A list of dicts of heading, columns, rows, and whether it is a detail.

    Example:
        >>> metric_tables({"adversarial.pgd": {"accuracy": 0.1}})[0]["heading"]
        'Adversarial robustness'
    """
    sections = metric_sections(metrics)
    kinds: dict[str, dict[str, str]] = {"": {}}
    for name, section in sections.items():
        kind, _, rest = name.rpartition(".")
        if not kind and not any(one.name in section for one in MEASURES):
            kind, rest = (
                name,
                "",
            )  # metrics of its own, which the classifier's table has no rows for
        kinds.setdefault(kind, {})[name] = section_title(rest) if rest else "value"
    tables = []
    for kind, columns in kinds.items():
        if columns:
            heading = _HEADINGS.get(kind, section_title(kind).capitalize())
            rows = [
                (one, [_cell(one, name, sections, metrics, baseline) for name in columns])
                for one in _measures_of(sections[name] for name in columns)
                if any(one.value(sections[name]) is not None for name in columns)
            ]
            later = [row for row in rows if not kind and row[0].formula and not row[0].brief]
            first = [row for row in rows if row not in later]
            for title, some in ((heading, first), (f"{heading}, in detail", later)):
                if some:
                    tables.append(
                        {
                            "heading": title,
                            "columns": list(columns.values()),
                            "rows": [(one.title, one.description, cells) for one, cells in some],
                            "detail": some is later,
                        }
                    )
    return tables


def _cell(
    one: Measure,
    name: str,
    sections: Mapping[str, Mapping[str, float]],
    metrics: Mapping[str, Any],
    baseline: Baseline | None,
) -> Cell:
    value = one.value(sections[name])
    interval = _interval((metrics.get("intervals") or {}).get(name) or {}, one)
    other = None
    if baseline is not None:
        other = one.value(metric_sections(baseline.metrics).get(name, {}))
    if baseline is None or other is None or value is None:
        return Cell(_text(one, value), _range(one, interval))
    difference = _signed(one, value - other)
    ends = _interval(baseline.intervals.get(name) or {}, one, total=0.0)
    if ends is not None:
        low, high = (_signed(one, end) for end in ends)
        difference += f", {low.removesuffix(' points')} to {high}"
    return Cell(_text(one, value), _range(one, interval), difference)


def _text(one: Measure, value: float | None) -> str:
    """Write a value with a minus sign, which a hyphen is not."""
    return metric_text(one, value).replace("-", "\N{MINUS SIGN}")


def _interval(
    section: Mapping[str, Any], one: Measure, total: float = 1.0
) -> tuple[float, float] | None:
    """Return the ends of a metric's interval; one that is 1 minus another has the other's."""
    ends = section.get(one.name)
    if ends is None and one.one_minus and section.get(one.one_minus) is not None:
        low, high = section[one.one_minus]
        ends = None if low is None or high is None else (total - high, total - low)
    return None if ends is None or None in ends else (float(ends[0]), float(ends[1]))


def _range(one: Measure, ends: tuple[float, float] | None) -> str:
    if ends is None:
        return ""
    low, high = (_text(one, end) for end in ends)
    return f"{low.removesuffix(' %')} to {high}"


def _signed(one: Measure, difference: float) -> str:
    sign = "\N{MINUS SIGN}" if difference < 0 else "+"
    text = metric_text(one, abs(float(difference)))
    return sign + text.replace(" %", " points")


def _measures_of(rows: Iterable[Mapping[str, Any]]) -> list[Measure]:
    """Return the whole list, and plain entries for names that it does not have."""
    names = dict.fromkeys(
        [*(one.name for one in MEASURES), *(name for row in rows for name in row)]
    )
    return [measure_or_plain(name) for name in names]


def autoencoder_rows(section: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what an autoencoder's metrics are called and how they are written.

    Example:
        >>> autoencoder_rows({"psnr": 23.456})
        [('PSNR, dB', '23.46')]
    """
    rows = []
    for name in [*_AUTOENCODER, *(name for name in section if name not in _AUTOENCODER)]:
        if name in section:
            form, words = _AUTOENCODER.get(name, ("{}", name.replace("_", " ")))
            value = section[name]
            rows.append((words, MISSING if value is None else form.format(value)))
    return rows


def grid_table(cells: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return headings and rows of the corruption grid's table, None where there is no cell.

    Example:
        >>> grid_table([{"corruption": "fog", "severity": 1, "accuracy": 0.5}])["rows"]
        [('fog', 1, ['50.00 %'])]
    """
    if not cells:
        return None
    names = [name for name in cells[0] if name not in ("corruption", "severity")]
    measures = [measure_or_plain(name) for name in names]
    return {
        "headings": [one.title for one in measures],
        "rows": [
            (
                cell["corruption"].replace("_", " "),
                cell["severity"],
                [metric_text(one, cell.get(one.name)) for one in measures],
            )
            for cell in cells
        ],
    }
