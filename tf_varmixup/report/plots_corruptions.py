"""A contact sheet of the corruptions."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tf_varmixup.corruptions import CORRUPTIONS, SEVERITIES
from tf_varmixup.images import VALUE_RANGE
from tf_varmixup.report.image_grid import as_rgb, heading, image_grid, row_label
from tf_varmixup.report.style import styled


@styled(
    "One image under each corruption (down) at each severity (across), the clean one first. The "
    "last four are for validation."
)
def contact_sheet(
    clean: Any, corrupted: Mapping[str, Any], value_range: tuple[int, int] = VALUE_RANGE
) -> Figure:
    """Draw one image under corruptions and severities.

    Args:
        clean: Array `(H, W, C)`, `uint8` or floating, C being 1 or 3.
        corrupted: Mapping of a corruption's name to the image at severities 1 to 5, an array `(5,
            H, W, C)`.
        value_range: (0, 255), or (0, 1) where the values are so.

    Returns:
        A `matplotlib.figure.Figure`, whose axes go row by row, six each.

    Raises:
        ValueError: If a shape is another, or there is no corruption.

    Example:
        >>> from tf_varmixup.corruptions import corrupt
        >>> image = np.full((16, 16, 3), 128, "uint8")
        >>> noisy = [corrupt(image[None], "shot_noise", s, seed=0) for s in range(1, 6)]
        >>> figure = contact_sheet(image, {"shot_noise": np.concatenate(noisy)})
    """
    clean = as_rgb(clean, 3, "clean", value_range)
    if not corrupted or any(len(images) != len(SEVERITIES) for images in corrupted.values()):
        raise ValueError(
            f"Expected corrupted with {len(SEVERITIES)} images each. "
            f"Received: {[*map(len, corrupted.values())]}."
        )
    names = sorted(corrupted, key=CORRUPTIONS.index)
    rows = [[clean, *as_rgb(corrupted[name], 4, name, value_range)] for name in names]
    figure, axes = image_grid(
        [np.stack(row) for row in rows], left=168, top=76, row_gaps=[6] * (len(rows) - 1)
    )
    heading(figure, "Corruptions by severity")
    for title, cell in zip(("clean", *SEVERITIES), axes[0], strict=True):
        cell.text(0.5, 1.06, title, transform=cell.transAxes, ha="center", va="bottom")
    for name, row in zip(names, axes, strict=True):
        row_label(row[0], name.replace("_", " "))
    return figure
