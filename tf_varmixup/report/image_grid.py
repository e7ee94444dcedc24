"""Grids of small pictures in which every picture's pixel covers a whole number of the figure's
pixels, so that none is blurred."""

import numpy as np
from matplotlib.figure import Figure

from .style import DPI

_CELL, _WIDTH = 128, 1400


def as_pictures(images, dimensions, name):
    """Convert pictures to RGB in [0, 1].

    Args:
        images: array `(..., H, W, C)`, `uint8` or floating-point in [0, 1], C being 1 or 3.
        dimensions: how many dimensions it is expected to have.
        name: what the error message calls it.

    Returns:
        A `float64` array `(..., H, W, 3)`; grey pictures have three equal channels.

    Raises:
        ValueError: if the shape is another, or there is no picture.

    Example:
        >>> as_pictures(np.full((2, 8, 8, 1), 255, "uint8"), 4, "originals").shape
        (2, 8, 8, 3)
    """
    images = np.asarray(images)
    if images.ndim != dimensions or images.shape[-1] not in (1, 3) or images.size == 0:
        raise ValueError(
            f"{name} must have {dimensions} dimensions, none empty, with 1 or 3 channels last, got shape {images.shape}"
        )
    pictures = images / 255.0 if images.dtype.kind in "iu" else images.astype(np.float64)
    return np.broadcast_to(np.clip(pictures, 0.0, 1.0), (*images.shape[:-1], 3))


def picture_grid(rows, left=16, right=16, top=48, bottom=16, column_gap=6, row_gaps=()):
    """Draw rows of pictures at a whole magnification.

    Args:
        rows: list of rows, each an array `(columns, H, W, 3)` in [0, 1]; a row may be shorter than
            the first.
        left, right, top, bottom: margins, in pixels of the figure.
        column_gap: pixels between columns.
        row_gaps: pixels between one row and the next, `len(rows) - 1` of them.

    Returns:
        The figure, and a list of rows of its axes.

    Example:
        >>> figure, axes = picture_grid([np.zeros((4, 32, 32, 3))])
    """
    columns, height, width = rows[0].shape[:3]
    # The greatest whole magnification near the wished size; many columns get smaller cells.
    scale = max(1, round(min(_CELL, _WIDTH // columns) / max(height, width)))
    height, width = scale * height, scale * width
    figure_width = left + right + columns * width + (columns - 1) * column_gap
    figure_height = top + bottom + len(rows) * height + sum(row_gaps)
    figure = Figure(figsize=(figure_width / DPI, figure_height / DPI))
    axes, row_top = [], top
    for row, gap in zip(rows, (*row_gaps, 0), strict=True):
        axes.append([])
        for column, picture in enumerate(row):
            corner = (
                (left + column * (width + column_gap)) / figure_width,
                1 - (row_top + height) / figure_height,
            )
            # Matplotlib rounds a cell's size up to whole pixels, and the last digit's error with
            # it.
            size = (width - 1e-6) / figure_width, (height - 1e-6) / figure_height
            cell = figure.add_axes((*corner, *size))
            cell.imshow(picture, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
            cell.set_axis_off()
            axes[-1].append(cell)
        row_top += height + gap
    return figure, axes


def heading(figure, text, x=16, y=14):
    """Write a bold heading whose upper left corner is `x`, `y` pixels from the figure's."""
    width, height = figure.get_size_inches() * DPI
    figure.text(x / width, 1 - y / height, text, size=9, weight="bold", ha="left", va="top")
