"""The reliability diagram, which shows whether a confidence of 80 % comes true 80 times of 100."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from tf_varmixup.calibration import ReliabilityBins
from tf_varmixup.report.formatting import percent
from tf_varmixup.report.style import BLUE, GREEN, INK, MUTED, VERMILLION, styled

_ACCURACY: dict[str, Any] = {"facecolor": "#a9cfe8", "edgecolor": BLUE, "linewidth": 0.6}
_GAPS: dict[str, dict[str, Any]] = {
    "gap, overconfident": {
        "facecolor": "#f6d9c4",
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
    "images each bin holds."
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
    figure = Figure(figsize=(3.5 * len(bins_by_name) + 0.3, 4.7), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.1, h_pad=0.07)
    axes = figure.subplots(
        2, len(bins_by_name), sharex=True, sharey="row", squeeze=False, height_ratios=(3.2, 1)
    )
    for (name, bins), diagram, histogram in zip(bins_by_name.items(), *axes, strict=True):
        filled = np.asarray(bins.count) > 0
        left, right = np.asarray(bins.edges)[:-1][filled], np.asarray(bins.edges)[1:][filled]
        count, confidence, accuracy = (
            np.asarray(part, np.float64)[filled]
            for part in (bins.count, bins.confidence, bins.accuracy)
        )
        share = count / count.sum()
        ece, mean_accuracy, mean_confidence = (
            share @ np.abs(accuracy - confidence),
            share @ accuracy,
            share @ confidence,
        )

        diagram.bar(left, accuracy, right - left, align="edge", **_ACCURACY)
        low, height = np.minimum(accuracy, confidence), np.abs(accuracy - confidence)
        for chosen, look in zip(
            (confidence > accuracy, confidence < accuracy), _GAPS.values(), strict=True
        ):
            diagram.bar(
                left[chosen],
                height[chosen],
                (right - left)[chosen],
                low[chosen],
                align="edge",
                **look,
            )
        diagram.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        diagram.set(xlim=(0, 1), ylim=(0, 1))
        diagram.set_title(name, pad=8)
        diagram.set_title(f"ECE {percent(ece, 2)}", loc="right", weight="normal", pad=8)
        diagram.grid(axis="y")

        histogram.bar(
            left,
            count,
            right - left,
            align="edge",
            color=MUTED,
            alpha=0.45,
            edgecolor="white",
            linewidth=0.6,
        )
        histogram.axvline(
            mean_accuracy,
            color=BLUE,
            linewidth=1.3,
            label=f"mean accuracy {percent(mean_accuracy)}",
        )
        label = f"mean confidence {percent(mean_confidence)}"
        histogram.axvline(
            mean_confidence, color=VERMILLION, linewidth=1.3, linestyle=(0, (3, 1.5)), label=label
        )
        histogram.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        histogram.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        histogram.set_xlabel("confidence")
        # The lines of the means may pass behind it.
        histogram.legend(
            loc="upper left", handlelength=1.4, frameon=True, framealpha=0.9, edgecolor="none"
        )
    axes[0, 0].yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    axes[0, 0].set_ylabel("accuracy")
    handles = [
        Patch(label=label, **look) for label, look in {"accuracy": _ACCURACY, **_GAPS}.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), handlelength=1.4)
    axes[1, 0].set_ylabel("images")
    return figure
