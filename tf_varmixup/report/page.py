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
from tf_varmixup.report.content import autoencoder_rows, grid_table, metric_tables, tiles
from tf_varmixup.report.formatting import duration
from tf_varmixup.report.style import DPI, STYLE


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
        tiles=tiles(metrics),
        tables=metric_tables(metrics),
        autoencoder=autoencoder_rows(metrics.get("vae") or {}),
        grid=grid_table(cells),
        images=images,
        notes=list(notes),
    )
    write_text(folder / "report.html", page)
    return folder / "report.html"


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
