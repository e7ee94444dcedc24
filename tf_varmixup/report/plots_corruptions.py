"""A contact sheet of the corruptions."""

import numpy as np

from tf_varmixup.corruptions import CORRUPTIONS, SEVERITIES

from .picture_grid import as_pictures, heading, picture_grid
from .style import INK, styled


@styled(
    "One picture under each corruption (down) at each severity (across), the clean one first. The last four are for validation."
)
def contact_sheet(clean, corrupted):
    """Draw one picture under corruptions and severities.

    Args:
        clean: array `(H, W, C)`, `uint8` or floating-point in [0, 1], C being 1 or 3.
        corrupted: dict of a corruption's name to the picture at severities 1 to 5, an array `(5, H,
            W, C)`.

    Returns:
        A `matplotlib.figure.Figure`, whose axes go row by row, six each.

    Raises:
        ValueError: if a shape is another, or there is no corruption.

    Example:
        >>> pictures = {name: np.concatenate([corrupt(image[None], name, s, seed=0) for s in SEVERITIES]) for name in CORRUPTIONS}
        >>> figure = contact_sheet(image, pictures)
    """
    clean = as_pictures(clean, 3, "clean")
    if not corrupted or any(len(pictures) != len(SEVERITIES) for pictures in corrupted.values()):
        raise ValueError(
            f"expected corruptions with {len(SEVERITIES)} pictures each, received {[*map(len, corrupted.values())]}"
        )
    names = sorted(corrupted, key=CORRUPTIONS.index)
    rows = [[clean, *as_pictures(corrupted[name], 4, name)] for name in names]
    figure, axes = picture_grid(
        [np.stack(row) for row in rows], left=168, top=64, row_gaps=[6] * (len(rows) - 1)
    )
    heading(figure, "Corruptions by severity")
    for title, cell in zip(("clean", *SEVERITIES), axes[0], strict=True):
        cell.text(0.5, 1.06, title, transform=cell.transAxes, ha="center", va="bottom", color=INK)
    for name, row in zip(names, axes, strict=True):
        row[0].text(
            -0.07,
            0.5,
            name.replace("_", " "),
            transform=row[0].transAxes,
            ha="right",
            va="center",
            color=INK,
        )
    return figure
