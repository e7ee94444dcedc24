"""Figures of the training: what the classifier is shown, and how it got on."""

import re

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from .picture_grid import as_pictures, heading, picture_grid
from .style import BLUE, MUTED, VERMILLION, styled

_MEASURES = (
    "loss",
    "accuracy",
    "error",
    "nll",
    "ece",
    "signed_gap",
    "overconfidence_error",
    "brier",
)
_TITLES = {
    "nll": "NLL",
    "kl": "KL",
    "elbo": "ELBO",
    "ece": "ECE",
    "signed_gap": "Signed gap",
    "brier": "Brier score",
}
_PERCENT = ("accuracy", "error", "ece", "signed_gap", "overconfidence_error")
_SERIES = {
    "": ("training", MUTED),
    "val": ("validation", BLUE),
    "corrupted": ("validation, corrupted", VERMILLION),
}


def _soft_label(weights, class_names):
    """Name up to three classes of weight 0.05 and more, the heaviest first: `cat .63`, `+ ship
    .37`."""
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
    "Pictures as the classifier is trained on them, each above its soft label: the classes and their weights."
)
def training_batch(images, labels, class_names):
    """Draw pictures of a training batch with their soft labels, at most eight a row.

    Args:
        images: array `(B, H, W, C)`, `uint8` or floating-point in [0, 1].
        labels: array `(B, K)`, rows that add up to 1.
        class_names: the K names.

    Returns:
        A `matplotlib.figure.Figure` with one axes a picture.

    Raises:
        ValueError: if the shapes do not go together.

    Example:
        >>> figure = training_batch(*vicinity.sample(images, labels, seed), class_names=data.class_names)
    """
    pictures, labels = as_pictures(images, 4, "images"), np.asarray(labels, np.float64)
    if labels.shape != (len(pictures), len(class_names)):
        raise ValueError(
            f"labels must have shape {(len(pictures), len(class_names))}, a weight for each class, got {labels.shape}"
        )
    texts = [_soft_label(row, class_names) for row in labels]
    rows = [pictures[start : start + 8] for start in range(0, len(pictures), 8)]
    room = 10 + 22 * max(text.count("\n") + 1 for text in texts)
    figure, axes = picture_grid(
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
    return figure


def _measure_and_series(column):
    # As little as possible before the measure: val_overconfidence_error is no "error" of a series
    # "val_overconfidence".
    known = re.fullmatch(rf"(?:(.+?)_)??({'|'.join(_MEASURES)})", column)
    if known:
        return known[2], known[1] or ""
    return (column[4:], "val") if column.startswith("val_") else (column, "")


@styled(
    "One panel for each quantity over the epochs; a marked point is one that was measured only now and then."
)
def learning_curves(history):
    """Draw the columns of a training history, a panel for each quantity and a line for training,
    validation and corrupted pictures.

    Points that are NaN are left out; a column that has some is drawn with a marker at each point it
    does have. An error beside its accuracy is left out too.

    Args:
        history: dictionary of column name to list of floats, as Keras' `CSVLogger` writes them
            (`loss`, `val_loss`, `corrupted_accuracy`, ...). A column `epoch`, counted from 0, gives
            the horizontal axis; without it epochs are 1, 2, ...

    Returns:
        A `matplotlib.figure.Figure` with one axes a quantity, in the order of first appearance.

    Raises:
        ValueError: if there is nothing to draw.

    Example:
        >>> figure = learning_curves({"loss": [2.3, 1.8], "val_loss": [2.1, 1.7]})
    """
    panels = {}
    for column, values in history.items():
        values = np.asarray(values, np.float64)
        if column != "epoch" and np.isfinite(values).any():
            measure, series = _measure_and_series(column)
            if measure == "error" and f"{column.removesuffix('error')}accuracy" in history:
                continue  # the same curve upside down
            panels.setdefault(measure, []).append((series, values))
    if not panels:
        raise ValueError(
            f"history must have a column with a finite value besides epoch, got columns {list(history)}"
        )
    across = min(2, len(panels))
    down = -(-len(panels) // across)
    figure = Figure(figsize=(4.2 * across, 2.5 * down), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)
    for position, (measure, lines) in enumerate(panels.items(), start=1):
        axes = figure.add_subplot(down, across, position)
        for series, values in lines:
            epochs = (
                np.asarray(history["epoch"], np.float64) + 1
                if "epoch" in history
                else np.arange(1.0, len(values) + 1)
            )
            measured = np.isfinite(values)
            label, color = _SERIES.get(series, (series.replace("_", " "), None))
            marker = "o" if not measured.all() or len(values) == 1 else None
            axes.plot(
                epochs[measured],
                values[measured],
                label=label,
                color=color,
                marker=marker,
                markersize=3.5,
                linewidth=1.3,
            )
        axes.set_title(_TITLES.get(measure, measure.replace("_", " ").capitalize()))
        axes.set_xlabel("epoch")
        axes.set_xlim(left=epochs.min() - 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        if measure in _PERCENT:
            axes.yaxis.set_major_formatter(
                FuncFormatter(lambda value, _: f"{100 * value:g} %".replace("-", "−"))
            )
        axes.grid(axis="y")
        if len(lines) > 1 or lines[0][0]:
            axes.legend()
    return figure
