"""What the page about a run shows of its metrics, as text in rows and columns."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tf_varmixup.metrics.measures import MEASURES, Measure, measure, measure_or_plain
from tf_varmixup.metrics.sections import metric_sections, section_title
from tf_varmixup.report.formatting import MISSING, metric_text

# The metrics at the top of the page.
_TILES = ("accuracy", "ece")
# Sections of one kind, "adversarial.pgd", share a table under a heading.
_HEADINGS = {
    "": "Classifier",
    "ood": "Out-of-distribution detection",
    "adversarial": "Adversarial robustness",
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


def tiles(metrics: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return heading, value and remark of the numbers at the top of the page.

    Example:
        >>> tiles({"clean": {"accuracy": 0.75}})
        [('Accuracy, clean', '75.00 %', 'error 25.00 %')]
    """
    sections, found = metric_sections(metrics), []
    for one in map(measure, _TILES):
        for name in ("clean", "corrupted"):
            value = one.value(sections.get(name, {}))
            if value is not None:
                after = one.value(sections.get(f"{name}_after_temperature", {}))
                text = metric_text(one, value)
                found.append((f"{one.title}, {name}", text, _remark(one, value, after)))
    return found


def _remark(one: Measure, value: float, after: float | None) -> str:
    for other in MEASURES:
        if other.one_minus == one.name:
            return f"{other.title.lower()} {metric_text(other, other.value({one.name: value}))}"
    if after is None:
        return "before temperature scaling"
    return f"{metric_text(one, after)} after temperature scaling"


def metric_tables(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return tables of sections (across) and metrics (down), one for each kind of section.

    Example:
        >>> metric_tables({"adversarial.pgd": {"accuracy": 0.1}})[0]["heading"]
        'Adversarial robustness'
    """
    kinds: dict[str, dict[str, Mapping[str, float]]] = {"": {}}
    for name, section in metric_sections(metrics).items():
        kind, _, rest = name.rpartition(".")
        kinds.setdefault(kind, {})[section_title(rest)] = section
    tables = []
    for kind, sections in kinds.items():
        if sections:
            heading = _HEADINGS.get(kind, section_title(kind).capitalize())
            rows = [
                (one.title, one.description, [metric_text(one, value) for value in values])
                for one in _measures_of(sections.values())
                for values in [[one.value(section) for section in sections.values()]]
                if any(value is not None for value in values)
            ]
            tables.append({"heading": heading, "columns": list(sections), "rows": rows})
    return tables


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
