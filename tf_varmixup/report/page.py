"""One self-contained HTML page about a run."""

import os
import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import jinja2
from markupsafe import Markup
from matplotlib.figure import Figure

from tf_varmixup.checks import renamed
from tf_varmixup.files import write_bytes, write_text
from tf_varmixup.report.baseline import Baseline
from tf_varmixup.report.content import autoencoder_rows, grid_table, metric_tables, tiles
from tf_varmixup.report.drawing import alternative_text, drawing, png
from tf_varmixup.report.formatting import duration
from tf_varmixup.report.panels import panels
from tf_varmixup.report.style import PANEL

_LEAD = "Measured on the test images. Nothing was chosen on them."
# What a page shows where nothing else is given: it has a place for every part.
_EMPTY: dict[str, Any] = {
    "table": "",
    "config": {},
    "metrics": {},
    "tiles": [],
    "tables": [],
    "baseline": None,
    "autoencoder": [],
    "grid": None,
    "notes": [],
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
    baseline: Baseline | None = None,
) -> pathlib.Path:
    """Write `report.html`, a page that needs no other file, and the plots as `figures/<name>.png`.

    Each file is written whole or not at all.

    Args:
        folder: Folder to write to; made where there is none.
        title: The page's heading.
        config: Mapping of the settings; `command` is shown apart.
        metrics: Contents of metrics.json; every section may be missing, and others may be there.
            Its `intervals`, `{section: {metric: [low, high]}}`, stand below the numbers.
        cells: List of mappings, a row per cell of the corruption grid: `corruption`, `severity`,
            and metrics; may be empty.
        plots: Mapping of name to `matplotlib.figure.Figure`; the page shows them in this order, the
            caption being the figure's label.
        notes: What the reader should know besides, strings.
        baseline: What the run is compared with, or None; under corruptions on the same cells alone.

    Returns:
        The path of the page.

    Raises:
        ValueError: If a plot's name cannot be a file's.

    Example:
        >>> path = write_report("my_run", "My run", {}, {"clean": {"accuracy": 0.9}}, [], {})
        >>> path.name
        'report.html'
    """
    if baseline is not None:
        baseline = baseline.on_cells(cells)
    return write_page(
        folder,
        title,
        _LEAD,
        plots,
        config=config,
        metrics=metrics,
        tiles=tiles(metrics, baseline),
        tables=metric_tables(metrics, baseline),
        baseline=None if baseline is None else baseline.name,
        autoencoder=autoencoder_rows(metrics.get("vae") or {}),
        grid=grid_table(cells),
        notes=list(notes),
    )


def write_page(
    folder: str | os.PathLike[str],
    title: str,
    lead: str,
    plots: Mapping[str, Figure],
    **parts: Any,
) -> pathlib.Path:
    """Write a page and its plots; parts that are not given are left out."""
    for name in plots:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise ValueError(
                f"Expected a plot's name made of letters, digits, - and _. Received: {name!r}."
            )
    folder = pathlib.Path(folder)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    shown = []
    for name, figure in plots.items():
        write_bytes(folder / "figures" / f"{name}.png", png(figure))
        places = panels(figure)
        text = alternative_text(figure, name)
        shown.append(
            {
                "name": name,
                "title": name.replace("_", " ").replace("-", " ").capitalize(),
                "caption": figure.get_label(),
                "narrow": len(places) == 1 and places[0][2] <= 1.25 * PANEL,
                "drawing": Markup(drawing(figure, f"plot-{name}", text)),
            }
        )
    page = _template().render(**{**_EMPTY, **parts}, title=title, lead=lead, plots=shown)
    write_text(folder / "report.html", page)
    return folder / "report.html"


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
