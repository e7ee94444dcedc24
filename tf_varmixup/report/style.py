"""One look for all plots: type sizes, and a palette that color-blind readers can tell apart."""

import functools
from collections.abc import Callable
from typing import ParamSpec

import matplotlib as mpl
from matplotlib.figure import Figure

_Arguments = ParamSpec("_Arguments")

DPI = 150
INK, MUTED, RULE, PAPER = "#1b1f24", "#5b6470", "#d5dae0", "#fefefe"
# Okabe and Ito's palette, https://jfly.uni-koeln.de/color/
BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
)
LIGHT_BLUE, LIGHT_VERMILLION = "#a9cfe8", "#f6d9c4"  # to fill areas with
# Their names on a page, where each has a value for light and one for dark surroundings. What must
# look the same in both, such as the number in a cell of a heat map, has none of these colors.
COLOR_NAMES = {
    INK: "ink",
    MUTED: "muted",
    RULE: "rule",
    PAPER: "card",
    BLUE: "blue",
    VERMILLION: "vermillion",
    GREEN: "green",
    PURPLE: "purple",
    ORANGE: "orange",
    SKY: "sky",
    LIGHT_BLUE: "light-blue",
    LIGHT_VERMILLION: "light-vermillion",
}
PANEL = 3.3  # inches, the width of one panel: what a phone shows side by side

STYLE: dict[str, object] = {
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "text.color": INK,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.labelsize": 8,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.facecolor": "none",
    "axes.prop_cycle": mpl.cycler(color=[PURPLE, GREEN, ORANGE, SKY, INK]),
    "grid.color": RULE,
    "grid.linewidth": 0.5,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.facecolor": PAPER,
    "legend.fontsize": 7.5,
    # Nearest in a PNG, and pixels as they are in an SVG.
    "image.interpolation": "none",
    "image.composite_image": False,
    "svg.hashsalt": "tf_varmixup",
    "image.cmap": "viridis",
}


def styled(
    caption: str,
) -> Callable[[Callable[_Arguments, Figure]], Callable[_Arguments, Figure]]:
    """Make a decorator that draws a plot in the library's style and gives it its caption.

    Matplotlib reads some settings only when it first draws (the ticks), so the figure is laid out
    before the style is left. Global settings are as before afterwards.

    Args:
        caption: A sentence on how to read the plot. It becomes the figure's label,
            `figure.get_label()`.

    Returns:
        A decorator for functions that return a `matplotlib.figure.Figure`.

    Example:
        >>> @styled("Higher is better.")
        ... def bars(heights):
        ...     figure = Figure()
        ...     figure.add_subplot().bar(range(len(heights)), heights)
        ...     return figure
        >>> bars([1, 2]).get_label()
        'Higher is better.'
    """

    def decorate(draw: Callable[_Arguments, Figure]) -> Callable[_Arguments, Figure]:
        @functools.wraps(draw)
        def drawn(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> Figure:
            with mpl.rc_context(STYLE):
                figure = draw(*args, **kwargs)
                figure.set_label(caption)
                figure.draw_without_rendering()
                figure.set_layout_engine("none")  # laid out once, however often it is saved
            return figure

        return drawn

    return decorate
