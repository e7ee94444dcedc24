"""One self-contained HTML page about a run."""

import base64
import io
import os
import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import jinja2
import matplotlib as mpl
from matplotlib.figure import Figure

from tf_varmixup.checks import renamed
from tf_varmixup.files import write_bytes, write_text
from tf_varmixup.metrics.measures import MEASURES, Measure, measure, measure_or_plain
from tf_varmixup.metrics.sections import metric_sections, section_title
from tf_varmixup.report.formatting import MISSING, duration, metric_text
from tf_varmixup.report.style import DPI, STYLE

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
}


@renamed(figures="plots")
def write_report(
    folder: str | os.PathLike[str],
    title: str,
    config: Mapping[str, Any],
    metrics: Mapping[str, Any],
    cells: Sequence[Mapping[str, Any]],
    plots: Mapping[str, Figure],
    notes: Iterable[str] = (),
) -> pathlib.Path:
    """Write `report.html`, a page that needs no other file, and the plots as `figures/<name>.png`.

    Each file is written whole or not at all.

    Args:
        folder: Folder to write to; made where there is none.
        title: The page's heading.
        config: Mapping of the settings; `command` is shown apart.
        metrics: Contents of metrics.json; every section may be missing, and others may be there.
        cells: List of mappings, a row per cell of the corruption grid: `corruption`, `severity`,
            and metrics; may be empty.
        plots: Mapping of name to `matplotlib.figure.Figure`; the page shows them in this order, the
            caption being the figure's label.
        notes: What the reader should know besides, strings.

    Returns:
        The path of the page.

    Raises:
        ValueError: If a plot's name cannot be a file's.

    Example:
        >>> path = write_report("my_run", "My run", {}, {"clean": {"accuracy": 0.9}}, [], {})
        >>> path.name
        'report.html'
    """
    for name in plots:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise ValueError(
                f"Expected a plot's name made of letters, digits, - and _. Received: {name!r}."
            )
    folder = pathlib.Path(folder)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    images = []
    for name, figure in plots.items():
        png = _png(figure)
        write_bytes(folder / "figures" / f"{name}.png", png)
        images.append(
            {
                "name": name,
                "caption": figure.get_label(),
                # Shown at 0.8 of its pixels: the type is then as large as the page's captions, and
                # sharp on dense screens.
                "width": round(0.8 * DPI * figure.get_figwidth()),
                "data": base64.b64encode(png).decode(),
            }
        )
    page = _template().render(
        title=title,
        config=config,
        metrics=metrics,
        tiles=_tiles(metrics),
        tables=_tables(metrics),
        autoencoder=_autoencoder_rows(metrics.get("vae") or {}),
        grid=_grid(cells),
        images=images,
        notes=list(notes),
    )
    write_text(folder / "report.html", page)
    return folder / "report.html"


def _tiles(metrics: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return heading, value and remark of the numbers at the top of the page."""
    sections, tiles = metric_sections(metrics), []
    for one in map(measure, _TILES):
        for name in ("clean", "corrupted"):
            value = one.value(sections.get(name, {}))
            if value is not None:
                after = one.value(sections.get(f"{name}_after_temperature", {}))
                text = metric_text(one, value)
                tiles.append((f"{one.title}, {name}", text, _remark(one, value, after)))
    return tiles


def _remark(one: Measure, value: float, after: float | None) -> str:
    for other in MEASURES:
        if other.one_minus == one.name:
            return f"{other.title.lower()} {metric_text(other, other.value({one.name: value}))}"
    if after is None:
        return "before temperature scaling"
    return f"{metric_text(one, after)} after temperature scaling"


def _tables(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return tables of sections (across) and metrics (down), one for each kind of section."""
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


def _autoencoder_rows(section: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for name in [*_AUTOENCODER, *(name for name in section if name not in _AUTOENCODER)]:
        if name in section:
            form, words = _AUTOENCODER.get(name, ("{}", name.replace("_", " ")))
            value = section[name]
            rows.append((words, MISSING if value is None else form.format(value)))
    return rows


def _grid(cells: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return headings and rows of the corruption grid's table, None where there is no cell."""
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


def _png(figure: Figure) -> bytes:
    with mpl.rc_context(STYLE), io.BytesIO() as buffer:
        figure.savefig(buffer, format="png")
        return buffer.getvalue()


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tf_varmixup.report", ""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(duration=duration)
    return environment.get_template("report.html.j2")
