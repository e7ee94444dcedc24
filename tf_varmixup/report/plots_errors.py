"""The images that a classifier was surest of and wrong about."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tf_varmixup.images import VALUE_RANGE
from tf_varmixup.metrics.predictions import Predictions
from tf_varmixup.report.image_grid import as_rgb, heading, image_grid
from tf_varmixup.report.panels import set_panels
from tf_varmixup.report.style import styled
from tf_varmixup.streaming import StreamedImages

_ACROSS, _ROOM = 8, 64


@styled(
    "The test images that the classifier was most confident about and wrong, the surest first: "
    "what it took each for, with its confidence, and below what the dataset says."
)
def confidently_wrong(
    images: Any,
    logits: Any,
    labels: Any,
    class_names: Sequence[Any],
    num_images: int = 16,
    value_range: tuple[int, int] = VALUE_RANGE,
) -> Figure:
    """Draw the wrongly classified images of the highest confidence.

    Args:
        images: Array `(N, H, W, C)`, `uint8` or floating, or `StreamedImages`.
        logits: Array `(N, K)`.
        labels: Class numbers `(N,)`.
        class_names: The K names.
        num_images: How many to draw at most.
        value_range: (0, 255), or (0, 1) where the values are so.

    Returns:
        A `matplotlib.figure.Figure` with one axes per image.

    Raises:
        ValueError: If images, logits and labels are not equally many, or no image is wrong.

    Example:
        >>> images, labels = np.full((2, 8, 8, 1), 100, "uint8"), [0, 0]
        >>> figure = confidently_wrong(images, [[2.0, 0.0], [0.0, 2.0]], labels, ("cat", "dog"))
        >>> len(figure.axes)
        1
    """
    logits, labels = np.asarray(logits), np.asarray(labels).reshape(-1)
    if len(images) != len(logits):
        raise ValueError(
            f"Expected {len(logits)} images, as many as logits. Received: {len(images)}."
        )
    given = Predictions.of(logits, labels)
    confidence = np.where(given.correct, -1.0, given.confidence)
    chosen = np.argsort(-confidence, kind="stable")[:num_images]
    chosen = chosen[~given.correct[chosen]]
    if not len(chosen):
        raise ValueError(
            f"Expected logits with at least one wrong image. Received: {len(logits)} correct ones."
        )
    streamed = isinstance(images, StreamedImages)
    wrong = (images if streamed else np.asarray(images))[chosen]
    shown = as_rgb(wrong, 4, "images", value_range)
    starts = range(0, len(chosen), _ACROSS)
    rows = [shown[start : start + _ACROSS] for start in starts]
    gaps = [_ROOM + 4] * (len(rows) - 1)
    figure, axes = image_grid(rows, column_gap=14, bottom=_ROOM, row_gaps=gaps)
    heading(figure, "Most confidently wrong")
    for cell, index in zip((cell for row in axes for cell in row), chosen, strict=True):
        said, true = (
            name if len(name) <= 11 else name[:10] + "…"
            for name in (str(class_names[one]) for one in (logits[index].argmax(), labels[index]))
        )
        text = f"{said} {100 * given.confidence[index]:.0f} %\nis {true}"
        place = {"transform": cell.transAxes, "ha": "center", "va": "top"}
        cell.text(0.5, -0.04, text, size=7, linespacing=1.25, parse_math=False, **place)
    set_panels(figure, ([cell] for row in axes for cell in row), 7, 7, bottom=_ROOM)
    return figure
