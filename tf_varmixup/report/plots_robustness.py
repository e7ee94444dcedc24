"""The corruption grid as a heat map."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from tf_varmixup.corruptions import BENCHMARK
from tf_varmixup.report.formatting import MISSING
from tf_varmixup.report.style import INK, MUTED, styled

_GAP_ACROSS, _GAP_DOWN = 0.12, 0.3  # Between the cells and their means, in cells.


def _annotated(axes: Axes, values: np.ndarray, left: float, top: float, norm: Normalize) -> None:
    """Draw percentages as unit cells, each with its number, the first one at `left`, `top`."""
    rows, columns = values.shape
    image = axes.imshow(
        values, norm=norm, aspect="auto", extent=(left, left + columns, top + rows, top)
    )
    image.cmap = image.cmap.with_extremes(bad="#eceff2")
    for (row, column), value in np.ndenumerate(values):
        red, green, blue, _ = image.cmap(norm(value))
        # Relative luminance decides between dark and light ink.
        color = INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.45 else "white"
        text, color = (f"{value:.1f}", color) if np.isfinite(value) else (MISSING, MUTED)
        axes.text(
            left + column + 0.5,
            top + row + 0.5,
            text,
            ha="center",
            va="center",
            size=7.5,
            color=color,
        )


@styled(
    "Accuracy in percent under each corruption and severity, brighter being better, with the means "
    "at the right and below; the validation corruptions are never pooled with the benchmark's."
)
def corruption_heatmap(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw accuracy under each corruption and severity as an annotated heat map.

    The benchmark's corruptions come first, and below them the others.

    Args:
        rows: List of mappings with `corruption`, `severity` and `accuracy` in [0, 1]; further
            keys are ignored. Cells may be missing: they are drawn empty and left out of the means.

    Returns:
        A `matplotlib.figure.Figure`; one axes for each of the two groups that has rows, each with
        the images of its cells, the mean over severities, the mean over corruptions, and the mean
        over all, in percent.

    Raises:
        ValueError: If there are no rows.

    Example:
        >>> figure = corruption_heatmap([{"corruption": "fog", "severity": 1, "accuracy": 0.9}])
    """
    if not rows:
        raise ValueError(
            "Expected rows with at least one cell of the corruption grid. Received: none."
        )
    cells = {
        (row["corruption"], int(row["severity"])): 100 * float(row["accuracy"]) for row in rows
    }
    names, severities = (
        list(dict.fromkeys(name for name, _ in cells)),
        sorted({severity for _, severity in cells}),
    )
    groups = [
        ("Benchmark corruptions", [name for name in BENCHMARK if name in names]),
        ("Validation corruptions", [name for name in names if name not in BENCHMARK]),
    ]
    groups = [group for group in groups if group[1]]
    heights = [len(members) + 1 + _GAP_DOWN for _, members in groups]
    figure = Figure(
        figsize=(
            2.1 + 0.62 * (len(severities) + 1),
            0.24 * sum(heights) + 0.55 * len(groups) + 0.2,
        ),
        layout="constrained",
    )
    figure.get_layout_engine().set(h_pad=0.1, w_pad=0.1)
    norm = Normalize(0, 100)
    for axes, (title, members), height in zip(
        np.atleast_1d(figure.subplots(len(groups), 1, height_ratios=heights)),
        groups,
        heights,
        strict=True,
    ):
        values = np.array(
            [[cells.get((name, severity), np.nan) for severity in severities] for name in members]
        )
        known = np.ma.masked_invalid(values)
        down, across = len(members) + _GAP_DOWN, len(severities) + _GAP_ACROSS
        _annotated(axes, values, 0, 0, norm)
        _annotated(axes, known.mean(axis=1, keepdims=True).filled(np.nan), across, 0, norm)
        _annotated(axes, known.mean(axis=0, keepdims=True).filled(np.nan), 0, down, norm)
        _annotated(axes, np.array([[known.mean()]]), across, down, norm)
        axes.set(xlim=(0, across + 1), ylim=(height, 0))
        axes.set_title(f"{title}: mean accuracy {known.mean():.1f} %", pad=8)
        labels = [f"severity {severities[0]}", *map(str, severities[1:]), "mean"]
        axes.set_xticks([*(np.arange(len(severities)) + 0.5), across + 0.5], labels)
        axes.set_yticks(
            [*(np.arange(len(members)) + 0.5), down + 0.5],
            [*(name.replace("_", " ") for name in members), "mean"],
        )
        axes.tick_params(top=False, labeltop=True, labelbottom=False, colors=INK)
        axes.spines[:].set_visible(False)
    return figure
