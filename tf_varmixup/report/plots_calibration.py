"""The reliability diagram: does a confidence of 80 % come true 80 times of 100?"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .formatting import percent
from .style import BLUE, GREEN, INK, MUTED, VERMILLION, styled

_ACCURACY = {"facecolor": "#a9cfe8", "edgecolor": BLUE, "linewidth": 0.6}
_GAPS = {
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
    "Bars give the accuracy of the pictures in each bin of confidence and hatched gaps their distance to the mean confidence, so that a "
    "calibrated classifier follows the diagonal; below, how many pictures each bin holds."
)
def reliability_diagram(bins_by_name):
    """Draw reliability diagrams side by side, such as before and after temperature scaling.

    The ECE in each title is the bins' own: the mean of |accuracy - confidence| weighted by count
        (Guo et al., 2017, equation 3).

    Args:
        bins_by_name: dictionary of name to `ReliabilityBins`: `edges (M + 1,)`, `count (M,)`,
            `confidence (M,)` and `accuracy (M,)`, the last two NaN in empty bins.

    Returns:
        A `matplotlib.figure.Figure`; for each name an axes with the diagram and one with the
        histogram of counts.

    Raises:
        ValueError: if there is no diagram to draw, or one without a picture.

    Example:
        >>> bins = {"before": reliability_bins(logits, labels), "after": reliability_bins(logits, labels, temperature=1.4)}
        >>> figure = reliability_diagram(bins)
    """
    if not bins_by_name or not all(np.sum(bins.count) > 0 for bins in bins_by_name.values()):
        raise ValueError(
            f"bins_by_name must map names to bins that hold pictures, got {bins_by_name!r}"
        )
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
        histogram.legend(loc="upper left", handlelength=1.4)
    axes[0, 0].yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    axes[0, 0].set_ylabel("accuracy")
    handles = [
        Patch(label=label, **look) for label, look in {"accuracy": _ACCURACY, **_GAPS}.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), handlelength=1.4)
    axes[1, 0].set_ylabel("pictures")
    return figure
