"""Accuracy and calibration by severity, of one classifier or of several."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from tf_varmixup.corruptions import BENCHMARK
from tf_varmixup.metrics.measures import Measure, measure
from tf_varmixup.report.panels import panel_figure
from tf_varmixup.report.style import BLUE, GREEN, MUTED, ORANGE, PURPLE, SKY, VERMILLION, styled

_MEASURES = ("accuracy", "ece")
_COLORS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, MUTED)
_MARKERS = "osD^vPX"
_DASHES = ("-", "--", "-.", ":", "-", "--", "-.")
_FEW = 4  # lines whose legend has room among them


@styled(
    "The mean over the benchmark's corruptions at each severity, beside clean test images where "
    "these are drawn."
)
def severity_curves(
    cells: Mapping[str, Sequence[Mapping[str, Any]]],
    clean: Mapping[str, Mapping[str, Any]] | None = None,
) -> Figure:
    """Draw accuracy and ECE by severity, a line for each classifier.

    Args:
        cells: Mapping of a classifier's name to rows of its corruption grid, as in
            `corruption_heatmap`; the rows of several runs may follow each other.
        clean: Mapping of the name to its metrics on clean images, such as the section `clean` of
            metrics.json.

    Returns:
        A `matplotlib.figure.Figure` with one axes for accuracy, and one for ECE if the rows have
        it.

    Raises:
        ValueError: If no row is of the benchmark's corruptions.

    Example:
        >>> rows = [{"corruption": "fog", "severity": s, "accuracy": 1 - s / 10} for s in (1, 2)]
        >>> figure = severity_curves({"erm": rows}, {"erm": {"accuracy": 0.95}})
    """
    panels = {
        name: {
            label: _curve(name, rows, (clean or {}).get(label, {})) for label, rows in cells.items()
        }
        for name in _MEASURES
    }
    panels = {name: lines for name, lines in panels.items() if any(map(len, lines.values()))}
    if not panels:
        raise ValueError(
            "Expected cells with rows of the benchmark's corruptions. "
            f"Received: {[row['corruption'] for rows in cells.values() for row in rows][:3]}."
        )
    many = len(cells) > _FEW
    figure, parts = panel_figure(len(panels), height=2.6 + (0.17 * len(cells) if many else 0.0))
    for part, (name, lines) in zip(parts, panels.items(), strict=True):
        axes = part.add_subplot()
        for position, (label, curve) in enumerate(lines.items()):
            axes.plot(*curve.T, label=label, markersize=4, linewidth=1.3, **_look(position))
        one: Measure = measure(name)
        axes.set_title(one.title)
        axes.set_xlabel("severity")
        axes.set_xticks(sorted({point for curve in lines.values() for point in curve[:, 0]}))
        axes.xaxis.set_major_formatter(
            FuncFormatter(lambda value, _: f"{value:.0f}" if value else "clean")
        )
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
        axes.grid(axis="y")
        if many:
            part.legend(*axes.get_legend_handles_labels(), loc="outside lower left")
        elif len(lines) > 1:
            axes.legend()
    return figure


def _look(position: int) -> dict[str, Any]:
    """Return a color, a marker and dashes; where colors come again, the others are shifted."""
    count = len(_COLORS)
    shifted = (position + position // count) % count
    return {
        "color": _COLORS[position % count],
        "marker": _MARKERS[shifted],
        "linestyle": _DASHES[shifted],
    }


def _curve(name: str, rows: Sequence[Mapping[str, Any]], clean: Mapping[str, Any]) -> np.ndarray:
    """Return severities and means, `(points, 2)`."""
    values: dict[int, list[float]] = {}
    for row in rows:
        if row["corruption"] in BENCHMARK and row.get(name) is not None:
            values.setdefault(int(row["severity"]), []).append(float(row[name]))
    if values and clean.get(name) is not None:
        values[0] = [float(clean[name])]
    points = [(severity, np.mean(values[severity])) for severity in sorted(values)]
    return np.array(points, np.float64).reshape(-1, 2)
