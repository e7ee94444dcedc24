"""What the confidence is good for: to leave out what is wrong, and to notice what is foreign."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from tf_varmixup.metrics import selective
from tf_varmixup.metrics.predictions import Predictions
from tf_varmixup.report.formatting import percent
from tf_varmixup.report.panels import panel_figure
from tf_varmixup.report.style import BLUE, MUTED, VERMILLION, styled

_BINS, _POINTS = 30, 500


@styled(
    "The error among the images that the classifier is surest of, by how many of them are kept. "
    "The dotted line is the least possible: all correct images before all wrong ones."
)
def risk_coverage(logits_by_name: Mapping[str, tuple[Any, Any]]) -> Figure:
    """Draw the error among the most confident images against their share.

    Args:
        logits_by_name: Mapping of a name to a pair of logits `(N, K)` and class numbers `(N,)`.

    Returns:
        A `matplotlib.figure.Figure` with one axes for each name.

    Raises:
        ValueError: If there is no name, or logits and labels do not go together.

    Example:
        >>> figure = risk_coverage({"clean": ([[2.0, 0.0], [0.0, 1.0]], [0, 0])})

    Source:
        Geifman and El-Yaniv 2017, arXiv:1705.08500, section 2.
    """
    if not logits_by_name:
        raise ValueError("Expected logits_by_name with at least one name. Received: none.")
    figure, parts = panel_figure(len(logits_by_name), height=2.6)
    for part, (name, (logits, labels)) in zip(parts, logits_by_name.items(), strict=True):
        given = Predictions.of(logits, labels)
        axes = part.add_subplot()
        coverage, risk = _curve(given.confidence, given.correct)
        axes.plot(coverage, risk, color=BLUE, linewidth=1.3, label="by confidence")
        best = _curve(given.correct.astype(np.float64), given.correct)
        axes.plot(*best, color=MUTED, linewidth=1.0, linestyle=":", label="least possible")
        axes.set(xlim=(0, 1), ylim=(0, max(1e-3, 1.15 * risk.max())))
        axes.set(xlabel="images kept", ylabel="error among them")
        area = selective.aurc(given.confidence, given.correct)
        axes.set_title(f"{name}\nAURC {percent(area, 2)}")
        axes.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
        axes.grid(axis="y")
        axes.legend(loc="upper left")
    return figure


def _curve(confidence: np.ndarray, correct: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return coverage and risk at evenly spaced points, more of which nobody sees."""
    coverage, risk = selective.risk_coverage(confidence, correct)
    shown = np.unique(np.linspace(0, len(risk) - 1, _POINTS).round().astype(int))
    return coverage[shown], risk[shown]


@styled(
    "How sure the classifier is of images like those that it learned from, and of images of "
    "another dataset; the less the two overlap, the better it can tell them apart."
)
def score_histograms(scores_by_name: Mapping[str, tuple[Any, Any]], score: str) -> Figure:
    """Draw the scores of a test set and of another dataset over each other.

    Args:
        scores_by_name: Mapping of the other dataset's name to a pair of arrays: the scores of the
            test images `(N,)` and those of the other images `(M,)`.
        score: What the score is, such as "maximum probability".

    Returns:
        A `matplotlib.figure.Figure` with one axes for each dataset.

    Raises:
        ValueError: If there is no dataset, or no score of one.

    Example:
        >>> figure = score_histograms({"svhn": ([0.9, 0.8], [0.5, 0.6])}, "maximum probability")
    """
    pairs = {
        name: tuple(np.asarray(part, np.float64).ravel() for part in pair)
        for name, pair in scores_by_name.items()
    }
    sizes = {name: tuple(map(len, pair)) for name, pair in pairs.items()}
    if not pairs or not all(map(all, sizes.values())):
        raise ValueError(f"Expected scores_by_name with scores of both. Received: {sizes}.")
    figure, parts = panel_figure(len(pairs), height=2.6)
    for part, (name, (inside, outside)) in zip(parts, pairs.items(), strict=True):
        axes = part.add_subplot()
        both = np.concatenate([inside, outside])
        both = both[np.isfinite(both)]
        edges = np.histogram_bin_edges(both, _BINS)
        for values, color, hatch, label in (
            (inside, BLUE, None, "test images"),
            (outside, VERMILLION, "////", name.replace("_", " ")),
        ):
            share = np.histogram(values, edges)[0] / len(values)
            look = {"facecolor": color, "alpha": 0.25, "edgecolor": "none"}
            axes.stairs(share, edges, fill=True, **look)
            axes.stairs(share, edges, color=color, linewidth=1.3, hatch=hatch, label=label)
        axes.set_title(name.replace("_", " "))
        axes.set(xlabel=score, ylabel="share of the images")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
        axes.legend()
    return figure
