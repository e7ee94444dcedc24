"""Grids of small images, each pixel of which covers a whole number of the plot's pixels.

So none is blurred.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tf_varmixup.images import VALUE_RANGE, check_value_range
from tf_varmixup.report.style import DPI

_CELL, _WIDTH = 128, 1400


def as_rgb(
    images: Any, dimensions: int, name: str, value_range: tuple[int, int] = VALUE_RANGE
) -> np.ndarray:
    """Convert images to RGB in [0, 1], clipping what lies outside.

    Floating values that never exceed 1 where 0..255 is expected give a warning, not an error: a
    plot comes at the end of a long run, whose decoded images may well be black.

    Args:
        images: Array `(..., H, W, C)`, `uint8` or floating, C being 1 or 3.
        dimensions: How many dimensions it is expected to have.
        name: What messages call it.
        value_range: (0, 255), or (0, 1) where the values are so.

    Returns:
        A `float64` array `(..., H, W, 3)`; gray images have three equal channels.

    Raises:
        ValueError: If the shape is another, or there is no image.

    Example:
        >>> as_rgb(np.full((2, 8, 8, 1), 255, "uint8"), 4, "originals").shape
        (2, 8, 8, 3)
    """
    images, top = np.asarray(images), check_value_range(value_range)[1]
    if images.ndim != dimensions or images.shape[-1] not in (1, 3) or images.size == 0:
        raise ValueError(
            f"Expected {name} with {dimensions} dimensions, none empty, and 1 or 3 channels last. "
            f"Received: shape {images.shape}."
        )
    if top == 255 and images.dtype.kind == "f" and 0.0 < images.max() <= 1.0:
        warnings.warn(
            f"Expected {name} in 0..255. Received: values up to {images.max():g}, which is nearly "
            "black. If they are in [0, 1], say value_range=(0, 1).",
            stacklevel=3,
        )
    unit = np.clip(images.astype(np.float64) / top, 0.0, 1.0)
    return np.broadcast_to(unit, (*images.shape[:-1], 3))


def image_grid(
    rows: Sequence[np.ndarray],
    left: int = 16,
    right: int = 16,
    top: int = 48,
    bottom: int = 16,
    column_gap: int = 6,
    row_gaps: Sequence[int] = (),
    cell: int | None = None,
) -> tuple[Figure, list[list[Axes]]]:
    """Draw rows of images at a whole magnification.

    Args:
        rows: List of rows, each an array `(columns, H, W, 3)` in [0, 1]; a row may be shorter than
            the first.
        left: Left margin, in pixels of the plot.
        right: Right margin.
        top: Upper margin.
        bottom: Lower margin.
        column_gap: Pixels between columns.
        row_gaps: Pixels between one row and the next, `len(rows) - 1` of them.
        cell: About how large an image is to be, in pixels of the plot; images of more than twice
            that are averaged down. By default as large as fits, and never smaller than it is.

    Returns:
        The figure, and a list of rows of its axes.

    Example:
        >>> figure, axes = image_grid([np.zeros((4, 32, 32, 3))])
        >>> len(axes[0])
        4
    """
    if cell is not None:
        rows = [_averaged(row, -(-max(row.shape[1:3]) // (2 * cell))) for row in rows]
    columns, height, width = rows[0].shape[:3]
    # The greatest whole magnification near the wished size; many columns get smaller cells.
    scale = max(1, round(min(cell or _CELL, _WIDTH // columns) / max(height, width)))
    height, width = scale * height, scale * width
    figure_width = left + right + columns * width + (columns - 1) * column_gap
    figure_height = top + bottom + len(rows) * height + sum(row_gaps)
    figure = Figure(figsize=(figure_width / DPI, figure_height / DPI))
    axes: list[list[Axes]] = []
    row_top = top
    for row, gap in zip(rows, (*row_gaps, 0), strict=True):
        axes.append([])
        for column, image in enumerate(row):
            corner = (
                (left + column * (width + column_gap)) / figure_width,
                1 - (row_top + height) / figure_height,
            )
            # Matplotlib rounds a cell's size up to whole pixels, and the last digit's error with
            # it.
            size = (width - 1e-6) / figure_width, (height - 1e-6) / figure_height
            place = figure.add_axes((*corner, *size))
            place.imshow(image, vmin=0, vmax=1, aspect="auto", interpolation="none")
            place.set_axis_off()
            axes[-1].append(place)
        row_top += height + gap
    return figure, axes


def _averaged(images: np.ndarray, factor: int) -> np.ndarray:
    """Return the means of squares of pixels, leaving out what fills none at the edges."""
    count, height, width = len(images), images.shape[1] // factor, images.shape[2] // factor
    squares = images[:, : height * factor, : width * factor].reshape(
        count, height, factor, width, factor, -1
    )
    return squares.mean(axis=(2, 4))


def heading(figure: Figure, text: str, x: int = 16, y: int = 14) -> None:
    """Write a bold heading whose upper left corner is `x`, `y` pixels from the figure's."""
    width, height = figure.get_size_inches() * DPI
    figure.text(x / width, 1 - y / height, text, size=9, weight="bold", ha="left", va="top")


def row_label(cell: Axes, text: str) -> None:
    """Write a label to the left of the first image of a row."""
    cell.text(-0.07, 0.5, text, transform=cell.transAxes, ha="right", va="center")
