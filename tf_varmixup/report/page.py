"""One self-contained HTML page about a run."""

import base64
import io
import os
import pathlib
import re

import jinja2
import matplotlib as mpl

from .formatting import duration, percent
from .style import DPI, STYLE

_SECTIONS = (
    ("clean", "clean"),
    ("corrupted", "corrupted"),
    ("clean_after_temperature", "clean, after temperature"),
    ("corrupted_after_temperature", "corrupted, after temperature"),
)


def _rate(value):
    return percent(value, 2)


def _score(value):
    return f"{value:.4f}"


# Heading, how to write it, and what it is.
_MEASURES = (
    ("Accuracy", lambda figures: _rate(figures["accuracy"]), "pictures classified correctly"),
    ("Error", lambda figures: _rate(1 - figures["accuracy"]), "pictures classified wrongly"),
    (
        "NLL",
        lambda figures: _score(figures["nll"]),
        "negative log-likelihood of the true class, in nats",
    ),
    (
        "Brier score",
        lambda figures: _score(figures["brier"]),
        "squared distance between probabilities and one-hot label",
    ),
    ("ECE", lambda figures: _rate(figures["ece"]), "expected calibration error, 15 bins"),
    (
        "Signed gap",
        lambda figures: _rate(figures["signed_gap"]),
        "mean confidence less accuracy; positive is overconfident",
    ),
    (
        "OE",
        lambda figures: _rate(figures["overconfidence_error"]),
        "overconfidence error, confidence × its excess",
    ),
)


def _replace(path, contents):
    """Write `contents` so that a reader finds the old file or the new one, never half of it."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(contents)
    os.replace(partial, path)


def _png(figure):
    with mpl.rc_context(STYLE), io.BytesIO() as buffer:
        figure.savefig(buffer, format="png")
        return buffer.getvalue()


def _environment():
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tf_varmixup.report", ""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(rate=_rate, score=_score, duration=duration)
    return environment


def write_report(folder, title, config, metrics, cells, figures, notes=()):
    """Write `report.html`, a page that needs no other file, and the figures once more as
    `figures/<name>.png`.

    Each file is written whole or not at all.

    Args:
        folder: folder to write to; made where there is none.
        title: the page's heading.
        config: dictionary of the run's settings; `command` is shown apart.
        metrics: dictionary with the layout of metrics.json. Of its sections only `clean` must be
            there.
        cells: list of dictionaries, a row a cell of the corruption grid: `corruption`, `severity`,
            `accuracy`, `error`, `ece`, `nll`; may be empty.
        figures: dictionary of name to `matplotlib.figure.Figure`; the page shows them in this
            order, the caption being the figure's label.
        notes: what the reader should know besides, strings.

    Returns:
        The `pathlib.Path` of the page.

    Raises:
        ValueError: if a figure's name cannot be a file's.

    Example:
        >>> write_report("runs/a", "cifar10, varmixup", config, metrics, rows, {"reconstructions": reconstructions(images, decoded)})
    """
    for name in figures:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise ValueError(
                f"a figure's name must be made of letters, digits, - and _, got {name!r}"
            )
    folder = pathlib.Path(folder)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    pictures = []
    for name, figure in figures.items():
        png = _png(figure)
        _replace(folder / "figures" / f"{name}.png", png)
        # Shown at 0.8 of its pixels: the type is then as large as the page's captions, and sharp on
        # dense screens.
        width = round(0.8 * DPI * figure.get_figwidth())
        pictures.append(
            {
                "name": name,
                "caption": figure.get_label(),
                "width": width,
                "data": base64.b64encode(png).decode(),
            }
        )
    sections = [(heading, metrics[key]) for key, heading in _SECTIONS if key in metrics]
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            title=title,
            config=config,
            metrics=metrics,
            headings=[heading for heading, _ in sections],
            measures=[
                (name, meaning, [write(section) for _, section in sections])
                for name, write, meaning in _MEASURES
            ],
            cells=cells,
            pictures=pictures,
            notes=notes,
        )
    )
    _replace(folder / "report.html", page.encode())
    return folder / "report.html"
