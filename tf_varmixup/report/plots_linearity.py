"""How far the loss around images departs from its tangent."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from tf_varmixup.report.panels import panel_figure
from tf_varmixup.report.style import BLUE, MUTED, styled

_LEAST = 1e-6  # nats; below that, rounding is all there is


@styled(
    "The share of images around which the loss departs from its tangent by no more than so many "
    "nats; further left is more linear. The dotted line is the loss itself, to which a departure "
    "may owe that it is small."
)
def linearity_distributions(found: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Draw the cumulative distributions of the linearity error and of the loss over images.

    Args:
        found: Mapping of a name, such as "clean", to a mapping of `linearity_error` and `nll` to
            arrays `(N,)` in nats, as `measure_local_linearity` returns them in `values`.

    Returns:
        A `matplotlib.figure.Figure` with one axes for each name.

    Raises:
        ValueError: If there is no name, or no image.

    Example:
        >>> values = {"linearity_error": [0.1, 0.5], "nll": [0.2, 2.0]}
        >>> figure = linearity_distributions({"clean": values})
    """
    sizes = {name: np.size(values["linearity_error"]) for name, values in found.items()}
    if not found or not all(sizes.values()):
        raise ValueError(f"Expected found with at least one image each. Received: {sizes}.")
    figure, parts = panel_figure(len(found), height=2.6)
    values = [np.asarray(of[name]).ravel() for of in found.values() for name in of]
    span = np.maximum(np.concatenate(values), _LEAST)
    for part, (name, of) in zip(parts, found.items(), strict=True):
        axes = part.add_subplot()
        for metric, label, look in (
            ("linearity_error", "departure", {"color": BLUE, "linewidth": 1.3}),
            ("nll", "loss", {"color": MUTED, "linewidth": 1.0, "linestyle": ":"}),
        ):
            axes.ecdf(np.maximum(np.asarray(of[metric], np.float64), _LEAST), label=label, **look)
        mean = float(np.mean(of["linearity_error"]))
        axes.set_title(f"{name}\nmean departure {mean:.3g} nats")
        axes.set(xscale="log", xlim=(span.min() / 1.2, span.max() * 1.2), ylim=(0, 1.02))
        axes.set(xlabel="nats", ylabel="share of the images")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
        axes.grid(axis="y")
        axes.legend(loc="upper left")
    return figure
