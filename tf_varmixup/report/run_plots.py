"""The figures of one run."""

import numpy as np

from tf_varmixup.calibration import reliability_bins
from tf_varmixup.images import as_float

from .figures_calibration import reliability_diagram
from .figures_latent import interpolations, reconstructions
from .figures_robustness import corruption_heatmap
from .figures_training import learning_curves, training_batch

POINTS = 9  # on the line between two pictures, both ends included


def run_figures(images, batch, autoencoder, logits, temperature, rows, history):
    """Draw what a reader of a run wants to see.

    Args:
        images: the `ImageData` that the run is about.
        batch: pair of arrays `(images (B, H, W, C), labels (B, K))` as the classifier is trained on
            them.
        autoencoder: a `VariationalAutoencoder`, or None where the run has none.
        logits: array `(N, K)` for the clean test pictures.
        temperature: positive number, the fitted one.
        rows: the rows of the corruption grid, as `cell_row` makes them.
        history: dictionary of column name to list of floats, the classifier's training history.

    Returns:
        A dict of name to `matplotlib.figure.Figure`, in the order in which they are to be read.

    Example:
        >>> figures = run_figures(images, vicinity.sample(*batch, seed), autoencoder, logits, 1.2, rows, history)
        >>> report.write_report(run.path, "my run", run.config, metrics, rows, figures)
    """
    latent = {} if autoencoder is None else _latent_figures(autoencoder, images.test.images)
    diagrams = {
        "before temperature scaling": reliability_bins(logits, images.test.labels),
        "after temperature scaling": reliability_bins(
            logits, images.test.labels, temperature=temperature
        ),
    }
    pictures, labels = (np.asarray(part)[:24] for part in batch)
    return {
        **latent,
        "training_batch": training_batch(pictures, labels, images.class_names),
        "reliability": reliability_diagram(diagrams),
        "corruptions": corruption_heatmap(rows),
        "learning_curves": learning_curves(history),
    }


def _latent_figures(autoencoder, pictures):
    shown = pictures[:12]
    pairs = max(1, min(5, len(pictures) // 2))
    first, second = pictures[:pairs], pictures[-pairs:]
    weights = np.linspace(1.0, 0.0, POINTS, dtype="float32")
    share = weights[:, None, None, None]
    starts, ends = (as_float(part).numpy()[:, None] for part in (first, second))
    decoded = autoencoder.interpolate(first, second, POINTS).numpy()
    return {
        "reconstructions": reconstructions(shown, autoencoder.reconstruct(shown).numpy()),
        "interpolations": interpolations(share * starts + (1.0 - share) * ends, decoded, weights),
    }
