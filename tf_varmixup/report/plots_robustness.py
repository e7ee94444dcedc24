"""The corruption grid as a heat map, and its differences to another one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from tf_varmixup.corruptions import BENCHMARK
from tf_varmixup.report.formatting import MISSING
from tf_varmixup.report.style import INK, styled

_GAP_ACROSS, _GAP_DOWN = 0.12, 0.3  # Between the cells and their means, in cells.
# Colors that stay as they are in dark surroundings, since they stand on the cells' own.
_DARK, _PALE, _EMPTY = "#101317", "#ffffff", "#9aa1a9"

Cells = Sequence[Mapping[str, Any]]


@styled(
    "Accuracy in percent under each corruption and severity, brighter being better, with the means "
    "at the right and below; the validation corruptions are never pooled with the benchmark's."
)
def corruption_heatmap(rows: Cells) -> Figure:
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
    return _heatmap(
        _percentages("rows", rows), Normalize(0, 100), "viridis", "{:.1f}", "accuracy", "%"
    )


@styled(
    "Accuracy minus the baseline's, in percentage points, under each corruption and severity: "
    "purple is better than the baseline, orange worse. The means are at the right and below."
)
def corruption_differences(rows: Cells, baseline: Cells) -> Figure:
    """Draw how much better or worse than a baseline each cell of the grid is.

    Args:
        rows: As in `corruption_heatmap`.
        baseline: The baseline's, likewise; cells that only one of the two has are left out.

    Returns:
        A `matplotlib.figure.Figure` like that of `corruption_heatmap`, in percentage points.

    Raises:
        ValueError: If the two have no cell in common.

    Example:
        >>> rows = [{"corruption": "fog", "severity": 1, "accuracy": 0.9}]
        >>> figure = corruption_differences(rows, [{**rows[0], "accuracy": 0.8}])
    """
    ours, theirs = _percentages("rows", rows), _percentages("baseline", baseline)
    both = {cell: value - theirs[cell] for cell, value in ours.items() if cell in theirs}
    if not both:
        raise ValueError(
            "Expected baseline with at least one cell of rows. "
            f"Received: {sorted(theirs)[:3]}, and rows with {sorted(ours)[:3]}."
        )
    # One cell in twenty may be beyond the color scale, so that a single one does not pale the rest.
    largest = max(1.0, float(np.quantile(np.abs(list(both.values())), 0.95)))
    norm = Normalize(-largest, largest)
    return _heatmap(both, norm, "PuOr", "{:+.1f}", "difference", "points")


def _percentages(name: str, rows: Cells) -> dict[tuple[str, int], float]:
    if not rows:
        raise ValueError(
            f"Expected {name} with at least one cell of the corruption grid. Received: none."
        )
    return {(row["corruption"], int(row["severity"])): 100 * float(row["accuracy"]) for row in rows}


def _heatmap(
    cells: Mapping[tuple[str, int], float],
    norm: Normalize,
    cmap: str,
    form: str,
    what: str,
    unit: str,
) -> Figure:
    names = list(dict.fromkeys(name for name, _ in cells))
    severities = sorted({severity for _, severity in cells})
    groups = [
        ("Benchmark corruptions", [name for name in BENCHMARK if name in names]),
        ("Validation corruptions", [name for name in names if name not in BENCHMARK]),
    ]
    groups = [group for group in groups if group[1]]
    heights = [len(members) + 1 + _GAP_DOWN for _, members in groups]
    figure = Figure(
        figsize=(1.2 + 0.44 * (len(severities) + 1), 0.23 * sum(heights) + 0.62 * len(groups)),
        layout="constrained",
    )
    figure.get_layout_engine().set(h_pad=0.06, w_pad=0.06)

    def write(value: float) -> str:
        value = round(value, 1) + 0.0  # no minus before 0.0
        return form.format(value).replace("-", "\N{MINUS SIGN}")

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
        for part, left, top in (
            (values, 0.0, 0.0),
            (known.mean(axis=1, keepdims=True).filled(np.nan), across, 0.0),
            (known.mean(axis=0, keepdims=True).filled(np.nan), 0.0, down),
            (np.array([[known.mean()]]), across, down),
        ):
            _annotated(axes, part, left, top, norm, cmap, write)
        axes.set(xlim=(0, across + 1), ylim=(height, 0))
        axes.set_title(f"{title}\nmean {what} {write(known.mean())} {unit}", pad=8)
        labels = [f"severity {severities[0]}", *map(str, severities[1:]), "mean"]
        axes.set_xticks([*(np.arange(len(severities)) + 0.5), across + 0.5], labels)
        axes.set_yticks(
            [*(np.arange(len(members)) + 0.5), down + 0.5],
            [*(name.replace("_", " ") for name in members), "mean"],
        )
        axes.tick_params(top=False, labeltop=True, labelbottom=False, colors=INK)
        axes.spines[:].set_visible(False)
    return figure


def _annotated(
    axes: Axes,
    values: np.ndarray,
    left: float,
    top: float,
    norm: Normalize,
    cmap: str,
    write: Callable[[float], str],
) -> None:
    """Draw values as unit cells, each with its number, the first one at `left`, `top`."""
    rows, columns = values.shape
    extent = (left, left + columns, top + rows, top)
    image = axes.imshow(values, norm=norm, cmap=cmap, aspect="auto", extent=extent)
    image.cmap = image.cmap.with_extremes(bad=(0.5, 0.5, 0.5, 0.15))
    for (row, column), value in np.ndenumerate(values):
        red, green, blue, _ = image.cmap(norm(value))
        # Relative luminance decides between dark and light ink.
        color = _DARK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.45 else _PALE
        text, color = (write(value), color) if np.isfinite(value) else (MISSING, _EMPTY)
        place = left + column + 0.5, top + row + 0.5
        axes.text(*place, text, ha="center", va="center", size=7, color=color)
