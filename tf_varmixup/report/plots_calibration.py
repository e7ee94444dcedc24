"""The reliability diagram, which shows whether a confidence of 80 % comes true 80 times of 100."""

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from tf_varmixup.calibration import ReliabilityBins, reliability_bins
from tf_varmixup.corruptions import BENCHMARK
from tf_varmixup.report.formatting import percent
from tf_varmixup.report.panels import panel_figure
from tf_varmixup.report.style import (
    BLUE,
    GREEN,
    INK,
    LIGHT_BLUE,
    LIGHT_VERMILLION,
    MUTED,
    PAPER,
    VERMILLION,
    styled,
)

_TITLE = 32  # letters of a title that a panel has room for
_ACCURACY: dict[str, Any] = {"facecolor": LIGHT_BLUE, "edgecolor": BLUE, "linewidth": 0.6}
_GAPS: dict[str, dict[str, Any]] = {
    "gap, overconfident": {
        "facecolor": LIGHT_VERMILLION,
        "edgecolor": VERMILLION,
        "linewidth": 0.6,
        "hatch": "////",
    },
    "gap, underconfident": {
        "facecolor": "none",
        "edgecolor": GREEN,
        "linewidth": 0.6,
        "hatch": "\\\\\\\\",
    },
}


@styled(
    "Bars give the accuracy of the images in each bin of confidence, and hatched gaps its distance "
    "to the mean confidence, so that a calibrated classifier follows the diagonal; below, how many "
    "images each bin holds. Corrupted images are pooled over all corruptions and severities, whose "
    "ECE is at most the mean over them that the tables have."
)
def reliability_diagram(bins_by_name: Mapping[str, ReliabilityBins]) -> Figure:
    """Draw reliability diagrams side by side, such as before and after temperature scaling.

    The ECE in each title is the bins' own: the mean of |accuracy - confidence| weighted by count.

    Args:
        bins_by_name: Mapping of name to `ReliabilityBins`.

    Returns:
        A `matplotlib.figure.Figure`; for each name an axes with the diagram and one with the
        histogram of counts.

    Raises:
        ValueError: If there is no diagram to draw, or one without an image.

    Example:
        >>> from tf_varmixup.calibration import reliability_bins
        >>> bins = reliability_bins(np.log([[0.8, 0.2], [0.7, 0.3]]), [0, 1])
        >>> figure = reliability_diagram({"before temperature scaling": bins})

    Source:
        Guo et al. 2017, arXiv:1706.04599, figure 1 and equation 3.
    """
    if not bins_by_name or not all(np.sum(bins.count) > 0 for bins in bins_by_name.values()):
        counts = {name: int(np.sum(bins.count)) for name, bins in bins_by_name.items()}
        raise ValueError(f"Expected bins_by_name with bins that hold images. Received: {counts}.")
    figure, parts = panel_figure(len(bins_by_name), height=4.4)
    for part, (name, bins) in zip(parts, bins_by_name.items(), strict=True):
        _panel(part, name, bins)
    return figure


def corrupted_reliability(
    cells: Iterable[Any], temperature: float | None = None
) -> dict[str, ReliabilityBins]:
    """Bin the benchmark's corrupted images, all corruptions and severities together.

    Args:
        cells: `GridCell`s; those of validation corruptions are left out.
        temperature: Positive number, the fitted one, or None.

    Returns:
        A dict of name to `ReliabilityBins`, as `run_plots` takes it: "corrupted, pooled" and,
        with a temperature, "corrupted, pooled, after temperature"; empty where there is no cell.

    Example:
        >>> from tf_varmixup.evaluation import GridCell
        >>> cell = GridCell("fog", 1, np.log([[0.8, 0.2]]), np.array([0]))
        >>> list(corrupted_reliability([cell], temperature=2.0))
        ['corrupted, pooled', 'corrupted, pooled, after temperature']
    """
    counted = [cell for cell in cells if cell.corruption in BENCHMARK]
    if not counted:
        return {}
    logits, labels = (
        np.concatenate([getattr(cell, name) for cell in counted]) for name in ("logits", "labels")
    )
    bins = {"corrupted, pooled": reliability_bins(logits, labels)}
    if temperature is not None:
        scaled = reliability_bins(logits, labels, temperature=temperature)
        bins["corrupted, pooled, after temperature"] = scaled
    return bins


def _panel(part: SubFigure, name: str, bins: ReliabilityBins) -> None:
    diagram, histogram = part.subplots(2, 1, sharex=True, height_ratios=(3.2, 1))
    filled = np.asarray(bins.count) > 0
    left, right = np.asarray(bins.edges)[:-1][filled], np.asarray(bins.edges)[1:][filled]
    count, confidence, accuracy = (
        np.asarray(values, np.float64)[filled]
        for values in (bins.count, bins.confidence, bins.accuracy)
    )
    share, width = count / count.sum(), right - left
    diagram.bar(left, accuracy, width, align="edge", **_ACCURACY)
    low, height = np.minimum(accuracy, confidence), np.abs(accuracy - confidence)
    for chosen, look in zip(
        (confidence > accuracy, confidence < accuracy), _GAPS.values(), strict=True
    ):
        diagram.bar(left[chosen], height[chosen], width[chosen], low[chosen], align="edge", **look)
    diagram.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    diagram.set(xlim=(0, 1), ylim=(0, 1), ylabel="accuracy")
    title = textwrap.fill(name, _TITLE)
    diagram.set_title(f"{title}\nECE {percent(share @ height, 2)}", pad=8)
    diagram.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    diagram.grid(axis="y")

    look = {"color": MUTED, "alpha": 0.45, "edgecolor": PAPER, "linewidth": 0.6}
    histogram.bar(left, count, width, align="edge", **look)
    # From counts, so that the same accuracy reads the same in every panel.
    right_share = np.rint(count * accuracy).sum() / count.sum()
    for mean, color, dashes, words in (
        (right_share, BLUE, "solid", "mean accuracy"),
        (share @ confidence, VERMILLION, (0, (3, 1.5)), "mean confidence"),
    ):
        label = f"{words} {percent(mean)}"
        histogram.axvline(mean, color=color, linewidth=1.3, linestyle=dashes, label=label)
    histogram.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    histogram.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    histogram.set(xlabel="confidence", ylabel="images")
    # The lines of the means may pass behind it.
    histogram.legend(
        loc="upper left", handlelength=1.4, frameon=True, framealpha=0.9, edgecolor="none"
    )
    legend = {label.removeprefix("gap, "): look for label, look in _GAPS.items()}
    handles = [
        Patch(label=label, **look) for label, look in {"accuracy": _ACCURACY, **legend}.items()
    ]
    part.legend(handles=handles, loc="outside lower center", ncols=3, handlelength=1.4)
