"""Plots of the training: what the classifier is shown, and how it got on."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from tf_varmixup.images import VALUE_RANGE
from tf_varmixup.metrics.measures import MEASURES, Measure, measure_or_plain
from tf_varmixup.report.image_grid import as_rgb, heading, image_grid
from tf_varmixup.report.panels import panel_figure, set_panels
from tf_varmixup.report.style import BLUE, MUTED, VERMILLION, styled

# Titles of what Keras and the autoencoder measure, beside the list of metrics.
_TITLES = {"kl": "KL", "elbo": "ELBO", "mse": "MSE", "psnr": "PSNR"}
_SERIES = {
    "": ("training", MUTED),
    "val": ("validation", BLUE),
    "corrupted": ("validation, corrupted", VERMILLION),
}


def _soft_label(weights: np.ndarray, class_names: Sequence[Any]) -> str:
    """Name up to three classes of weight 0.05 and more, the heaviest first, as in "cat .63"."""
    heaviest = np.argsort(-weights, kind="stable")[:3]
    shown = [index for index in heaviest if weights[index] >= 0.05] or [heaviest[0]]
    names = [
        name if len(name) <= 11 else name[:10] + "…"
        for name in (str(class_names[index]) for index in shown)
    ]
    if weights[shown[0]] >= 0.995:
        return names[0]
    parts = [
        f"{name} {weights[index]:.2f}".replace(" 0.", " .")
        for name, index in zip(names, shown, strict=True)
    ]
    return "\n+ ".join(parts if weights[shown].sum() > 0.85 else [*parts, "…"])


@styled(
    "Images as the classifier is trained on them, each above its soft label: the classes and their "
    "weights."
)
def training_batch(
    images: Any,
    labels: Any,
    class_names: Sequence[Any],
    value_range: tuple[int, int] = VALUE_RANGE,
) -> Figure:
    """Draw images of a training batch with their soft labels, at most eight per row.

    Args:
        images: Array `(B, H, W, C)`, `uint8` or floating.
        labels: Array `(B, K)`, rows that add up to 1.
        class_names: The K names.
        value_range: (0, 255), or (0, 1) where the values are so.

    Returns:
        A `matplotlib.figure.Figure` with one axes per image.

    Raises:
        ValueError: If the shapes do not go together.

    Example:
        >>> images = np.full((2, 8, 8, 1), 100, "uint8")
        >>> figure = training_batch(images, [[0.3, 0.7], [1.0, 0.0]], ("cat", "dog"))
    """
    images, labels = as_rgb(images, 4, "images", value_range), np.asarray(labels, np.float64)
    if labels.shape != (len(images), len(class_names)):
        raise ValueError(
            f"Expected labels of shape {(len(images), len(class_names))}, a weight for each class. "
            f"Received: shape {labels.shape}."
        )
    texts = [_soft_label(row, class_names) for row in labels]
    rows = [images[start : start + 8] for start in range(0, len(images), 8)]
    room = 10 + 22 * max(text.count("\n") + 1 for text in texts)
    figure, axes = image_grid(
        rows, column_gap=14, bottom=room, row_gaps=[room + 4] * (len(rows) - 1)
    )
    heading(figure, "A training batch")
    for cell, text in zip((cell for row in axes for cell in row), texts, strict=True):
        # A class may have a dollar sign in its name.
        cell.text(
            0.5,
            -0.04,
            text,
            transform=cell.transAxes,
            ha="center",
            va="top",
            size=7,
            linespacing=1.25,
            parse_math=False,
        )
    set_panels(figure, ([cell] for row in axes for cell in row), 7, 7, bottom=room)
    return figure


def _measure_and_series(column: str) -> tuple[Measure, str]:
    """Split a column such as "val_ece" into what was measured and on what."""
    # As little as possible before the measure: val_overconfidence_error is no "error" of a series
    # "val_overconfidence".
    names = "|".join(["loss", *(one.name for one in MEASURES)])
    known = re.fullmatch(rf"(?:(.+?)_)??({names})", column)
    if known:
        return measure_or_plain(known[2]), known[1] or ""
    name, series = (column[4:], "val") if column.startswith("val_") else (column, "")
    return measure_or_plain(name), series


@styled(
    "One panel for each quantity over the epochs; a marked point is one that was measured only now "
    "and then."
)
def learning_curves(history: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the columns of a training history, one panel for each quantity.

    A panel has a line for training, validation and corrupted images. Points that are NaN are left
    out; a column that has some is drawn with a marker at each point it does have. Each quantity is
    drawn once: an error beside its accuracy is left out, and a NLL that is the loss.

    Args:
        history: Mapping of column name to list of floats, as Keras' `CSVLogger` writes them
            (`loss`, `val_loss`, `corrupted_accuracy`, ...). A column `epoch`, counted from 0, gives
            the horizontal axis; without it epochs are 1, 2, ...

    Returns:
        A `matplotlib.figure.Figure` with one axes per quantity, in the order of first appearance.

    Raises:
        ValueError: If there is nothing to draw.

    Example:
        >>> figure = learning_curves({"loss": [2.3, 1.8], "val_loss": [2.1, 1.7]})
    """
    panels: dict[Measure, list[tuple[str, np.ndarray]]] = {}
    for column, entries in history.items():
        values = np.asarray(entries, np.float64)
        if column != "epoch" and np.isfinite(values).any():
            measure, series = _measure_and_series(column)
            if (
                measure.one_minus
                and f"{column.removesuffix(measure.name)}{measure.one_minus}" in history
            ):
                continue  # the same curve upside down
            loss = f"{column.removesuffix(measure.name)}loss"
            if measure.name == "nll" and np.allclose(values, history.get(loss, np.nan), 1e-4):
                continue  # the loss is the negative log-likelihood
            panels.setdefault(measure, []).append((series, values))
    if not panels:
        raise ValueError(
            "Expected history with a column besides epoch that has a finite value. "
            f"Received: columns {list(history)}."
        )
    figure, parts = panel_figure(len(panels), height=2.4)
    for part, (measure, lines) in zip(parts, panels.items(), strict=True):
        axes = part.add_subplot()
        for series, curve in lines:
            epochs = (
                np.asarray(history["epoch"], np.float64) + 1
                if "epoch" in history
                else np.arange(1.0, len(curve) + 1)
            )
            measured = np.isfinite(curve)
            label, color = _SERIES.get(series, (series.replace("_", " "), None))
            marker = "o" if not measured.all() or len(curve) == 1 else None
            axes.plot(
                epochs[measured],
                curve[measured],
                label=label,
                color=color,
                marker=marker,
                markersize=3.5,
                linewidth=1.3,
            )
        axes.set_title(_TITLES.get(measure.name, measure.title))
        axes.set_xlabel("epoch")
        axes.set_xlim(left=epochs.min() - 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        if measure.unit == "%":
            axes.yaxis.set_major_formatter(
                FuncFormatter(lambda value, _: f"{100 * value:g} %".replace("-", "\N{MINUS SIGN}"))
            )
        axes.grid(axis="y")
        if len(lines) > 1 or lines[0][0]:
            axes.legend()
    return figure
