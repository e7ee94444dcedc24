"""Every metric of resampled predictions, for many resamples at once.

A resample is told by how often each image is in it. Metrics that are sums over images, or over the
images of bins, are then matrix products. A metric that has no such form here is computed by its own
formula, resample by resample, which gives the same numbers more slowly.
"""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from tf_varmixup.evaluation.drawn_images import Drawn, Images
from tf_varmixup.evaluation.replicate_forms import FORMS
from tf_varmixup.metrics.measures import MEASURES
from tf_varmixup.metrics.predictions import Predictions


def replicates(
    predictions: Predictions, counts: Iterable[np.ndarray], detailed: bool = True
) -> dict[str, np.ndarray]:
    """Compute every metric of resampled predictions.

    Args:
        predictions: The `Predictions` of N images.
        counts: Arrays `(r, N)`, of R rows in all: how often each image is in a resample, N draws
            in each, as `Resamples` has them.
        detailed: Whether to compute the metrics that are meant for whole test sets too.

    Returns:
        A dict of `float64` arrays `(R,)` with the names of `classification_summary`.

    Example:
        >>> predictions = Predictions.of([[0.0, 1.0], [0.0, 1.0]], [1, 0])
        >>> twice = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 2.0]])
        >>> replicates(predictions, [twice])["accuracy"].tolist()
        [0.5, 1.0, 0.0]
    """
    measures = [one for one in MEASURES if one.formula and (detailed or not one.detailed)]
    formulas = {one.name: one.formula for one in measures if one.name not in FORMS}
    undefined = np.isnan(predictions.log_probabilities).any()
    images, found = Images(predictions), []
    with np.errstate(invalid="ignore"):
        for chunk in counts:
            if undefined:
                found.append({one.name: np.full(len(chunk), np.nan) for one in measures})
                continue
            drawn = Drawn(images, chunk)
            values = {one.name: FORMS[one.name](drawn) for one in measures if one.name in FORMS}
            found.append(values | by_formula(predictions, chunk, formulas))
    return {one.name: np.concatenate([part[one.name] for part in found]) for one in measures}


def by_formula(
    predictions: Predictions,
    counts: np.ndarray,
    formulas: Mapping[str, Callable[[Predictions], float] | None],
) -> dict[str, np.ndarray]:
    """Compute metrics of resampled predictions by their formulas, one resample after the other.

    Args:
        predictions: The `Predictions` of N images.
        counts: Array `(r, N)`, how often each image is in a resample.
        formulas: The formula of each metric.

    Returns:
        A dict of `float64` arrays `(r,)`.

    Example:
        >>> predictions = Predictions.of([[0.0, 1.0], [0.0, 1.0]], [1, 0])
        >>> right = {"right": lambda given: given.correct.sum()}
        >>> by_formula(predictions, np.array([[2, 0]]), right)["right"].tolist()
        [2.0]
    """
    found = {name: np.empty(len(counts)) for name in formulas}
    for number, row in enumerate(counts if formulas else ()):
        images = np.repeat(np.arange(len(row)), row.astype(int))
        resampled = Predictions(
            predictions.logits[images],
            predictions.labels[images],
            predictions.log_probabilities[images],
            predictions.num_bins,
        )
        for name, formula in formulas.items():
            if formula is not None:
                found[name][number] = formula(resampled)
    return found
