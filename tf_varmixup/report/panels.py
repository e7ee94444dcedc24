"""The panels of a plot, which a page sets side by side or, on a phone, one below the other."""

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.transforms import Bbox

from tf_varmixup.report.style import PANEL

# Left, top, width and height in inches, from the figure's upper left corner.
Panel = tuple[float, float, float, float]


def panel_figure(count: int, height: float, across: int = 2) -> tuple[Figure, list[SubFigure]]:
    """Make a figure of panels, each about as wide as a phone.

    Args:
        count: How many.
        height: Height of each, in inches.
        across: How many stand side by side in the file; a page decides by itself.

    Returns:
        The figure, and its subfigures row by row.

    Example:
        >>> figure, parts = panel_figure(3, height=2.0)
        >>> len(parts), float(figure.get_figheight())
        (3, 4.0)
    """
    across = min(across, count)
    down = -(-count // across)
    figure = Figure(figsize=(PANEL * across, height * down), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08, wspace=0, hspace=0)
    parts = figure.subfigures(down, across, squeeze=False).ravel()
    return figure, list(parts[:count])


def panels(figure: Figure) -> list[Panel]:
    """Return the parts of a plot that can be looked at one by one.

    These are the ones that were set, or else the subfigures, or else the whole plot.

    Args:
        figure: A `matplotlib.figure.Figure`.

    Returns:
        List of `(left, top, width, height)` in inches, from the upper left corner.

    Example:
        >>> figure = Figure(figsize=(4, 2))
        >>> axes = [part.add_subplot() for part in figure.subfigures(1, 2)]
        >>> panels(figure)
        [(0.0, 0.0, 2.0, 2.0), (2.0, 0.0, 2.0, 2.0)]
    """
    boxes: list[Bbox] = getattr(figure, "_report_panels", None) or [
        part.bbox.transformed(figure.dpi_scale_trans.inverted())
        for part in ([one for one in figure.subfigs if one.axes] or [figure])
    ]
    height = figure.get_figheight()
    return [
        (float(box.x0), float(height - box.y1), float(box.width), float(box.height))
        for box in boxes
    ]


def set_panels(
    figure: Figure,
    groups: Iterable[Sequence[Axes]],
    left: float = 0.0,
    right: float = 0.0,
    top: float = 0.0,
    bottom: float = 0.0,
) -> None:
    """Make a panel of each group of axes.

    Args:
        figure: A `matplotlib.figure.Figure`.
        groups: The axes of each panel.
        left: How far the panel goes beyond them, in pixels of the plot.
        right: The same, on the right.
        top: The same, above.
        bottom: The same, below.

    Example:
        >>> figure = Figure(figsize=(4, 2))
        >>> set_panels(figure, [[figure.add_axes((0.0, 0.0, 0.5, 1.0))]])
        >>> panels(figure)
        [(0.0, 0.0, 2.0, 2.0)]
    """
    width, height = figure.get_size_inches()
    boxes = []
    for group in groups:
        box = Bbox.union([axes.get_position() for axes in group])
        beyond = [pixels / figure.dpi for pixels in (left, bottom, right, top)]
        boxes.append(
            Bbox.from_extents(
                box.x0 * width - beyond[0],
                box.y0 * height - beyond[1],
                box.x1 * width + beyond[2],
                box.y1 * height + beyond[3],
            )
        )
    figure._report_panels = boxes
