"""The plots of one run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tf_varmixup import draws
from tf_varmixup.calibration import ReliabilityBins, reliability_bins
from tf_varmixup.corruptions import BENCHMARK
from tf_varmixup.methods import VarMixup
from tf_varmixup.methods.composition import find_part
from tf_varmixup.metrics import classification_summary
from tf_varmixup.report.baseline import Baseline
from tf_varmixup.report.plots_calibration import reliability_diagram
from tf_varmixup.report.plots_confidence import risk_coverage, score_histograms
from tf_varmixup.report.plots_errors import confidently_wrong
from tf_varmixup.report.plots_latent import interpolations, reconstructions
from tf_varmixup.report.plots_linearity import linearity_distributions
from tf_varmixup.report.plots_robustness import corruption_differences, corruption_heatmap
from tf_varmixup.report.plots_severity import severity_curves
from tf_varmixup.report.plots_training import learning_curves, training_batch

POINTS = 9  # on the line between two images, both ends included


def run_plots(
    dataset: Any,
    batch: tuple[Any, Any] | None,
    autoencoder: Any,
    logits: Any,
    temperature: float | None,
    rows: Sequence[Mapping[str, Any]],
    history: Mapping[str, Sequence[float]],
    method: Any = None,
    *,
    baseline: Baseline | None = None,
    corrupted: Mapping[str, ReliabilityBins] | None = None,
    scores: Mapping[str, tuple[Any, Any]] | None = None,
    departures: Mapping[str, Mapping[str, Any]] | None = None,
    name: str = "this run",
) -> dict[str, Figure]:
    """Draw what a reader of a run wants to see; what was not measured is left out.

    Args:
        dataset: What the run is about, with `.test.images`, `.test.labels` and `.class_names`.
        batch: Pair of arrays `(images (B, H, W, C), labels (B, K))` as the classifier is trained on
            them, or None.
        autoencoder: A `VariationalAutoencoder`, or None where the run has none.
        logits: Array `(N, K)` for the clean test images.
        temperature: Positive number, the fitted one, or None.
        rows: The rows of the corruption grid, see `corruption_heatmap`; may be empty.
        history: Mapping of column name to list of floats, the classifier's training history; may be
            empty.
        method: The run's method. A `VarMixup` shows what it makes of pairs of images; for any
            other, it is the straight line between the autoencoder's latents.
        baseline: What the run is compared with, or None.
        corrupted: Mapping of a name, such as "corrupted", to the `ReliabilityBins` of the corrupted
            images, or None.
        scores: Mapping of another dataset's name to a pair of arrays: the maximum probabilities of
            the test images and of that dataset's, or None.
        departures: Mapping of a name, such as "clean", to what the search for local linearity
            found of each image, see `linearity_distributions`, or None.
        name: What the legend calls the run beside its baseline.

    Returns:
        A dict of name to `matplotlib.figure.Figure`, in the order in which they are to be read.

    Example:
        >>> from types import SimpleNamespace
        >>> test = SimpleNamespace(images=np.zeros((2, 8, 8, 1), "uint8"), labels=np.arange(2))
        >>> dataset = SimpleNamespace(test=test, class_names=("cat", "dog"))
        >>> list(run_plots(dataset, None, None, np.eye(2), 1.2, [], {"loss": [2.0, 1.0]}))
        ['reliability', 'risk_coverage', 'learning_curves']
    """
    images, labels = dataset.test.images, dataset.test.labels
    diagrams = {"before temperature scaling": reliability_bins(logits, labels)}
    if temperature is not None:
        scaled = reliability_bins(logits, labels, temperature=temperature)
        diagrams["after temperature scaling"] = scaled
    plots = {"reliability": reliability_diagram({**diagrams, **(corrupted or {})})}
    if rows:
        plots |= _corruption_plots(rows, logits, labels, baseline, name)
    plots["risk_coverage"] = risk_coverage({"clean": (logits, labels)})
    if scores:
        plots["out_of_distribution"] = score_histograms(scores, "maximum probability")
    if departures:
        plots["local_linearity"] = linearity_distributions(departures)
    if (np.asarray(logits).argmax(axis=1) != np.asarray(labels)).any():
        names = dataset.class_names
        plots["confidently_wrong"] = confidently_wrong(images, logits, labels, names)
    if history:
        plots["learning_curves"] = learning_curves(history)
    if batch is not None:
        drawn, targets = (_spread(np.asarray(part), 24) for part in batch)
        plots["training_batch"] = training_batch(drawn, targets, dataset.class_names)
    if autoencoder is not None:
        plots |= _latent_plots(autoencoder, images, method)
    return plots


def _spread(rows: np.ndarray, count: int) -> np.ndarray:
    """Return rows from the whole batch, the first part of which may be clean."""
    return rows[np.unique(np.linspace(0, len(rows) - 1, count).round().astype(int))]


def _corruption_plots(
    rows: Sequence[Mapping[str, Any]],
    logits: Any,
    labels: Any,
    baseline: Baseline | None,
    name: str,
) -> dict[str, Figure]:
    plots = {"corruptions": corruption_heatmap(rows)}
    cells, clean = {name: rows}, {name: classification_summary(logits, labels)}
    if baseline is not None and baseline.cells:
        plots["corruption_differences"] = corruption_differences(rows, baseline.cells)
        if same := baseline.on_cells(rows).cells:  # the mean over others is no baseline
            cells[baseline.name] = same
            clean[baseline.name] = baseline.metrics.get("clean", {})
    if any(row["corruption"] in BENCHMARK for row in rows):
        plots["severity"] = severity_curves(cells, clean)
    return plots


def _latent_plots(autoencoder: Any, images: np.ndarray, method: Any) -> dict[str, Figure]:
    shown = images[:12]
    pairs = max(1, min(5, len(images) // 2))
    first, second = images[:pairs], images[-pairs:]
    weights = np.linspace(1.0, 0.0, POINTS, dtype="float32")
    share = weights[:, None, None, None]
    starts, ends = (np.asarray(part, "float32")[:, None] for part in (first, second))
    varmixup = None if method is None else find_part(method, VarMixup)
    if varmixup is not None:
        decoded = _points(varmixup, first, second, weights)
    else:
        decoded = np.asarray(autoencoder.interpolate(first, second, POINTS))
    return {
        "reconstructions": reconstructions(shown, np.asarray(autoencoder.reconstruct(shown))),
        "interpolations": interpolations(share * starts + (1.0 - share) * ends, decoded, weights),
    }


def _points(
    method: VarMixup, first: np.ndarray, second: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return what a method makes of pairs of images at each weight, `(pairs, steps, H, W, C)`."""
    pairs, steps = len(first), len(weights)
    repeated = [np.repeat(part, steps, 0) for part in (first, second)]
    count = pairs * steps
    partners = (np.arange(2 * count) + count) % (2 * count)
    points = method.interpolate(
        np.concatenate(repeated), np.tile(weights, 2 * pairs), partners, draws.run_seed(0)
    )
    return np.asarray(points)[:count].reshape(pairs, steps, *first.shape[1:])
