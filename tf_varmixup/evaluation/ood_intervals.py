"""Intervals beside the metrics of out-of-distribution detection."""

from typing import Any

import numpy as np

from tf_varmixup.evaluation.percentiles import LEVEL, RESAMPLES, check_level, percentile_interval
from tf_varmixup.evaluation.resampling import Resamples
from tf_varmixup.metrics import ood_scores, ood_summary

# Rows of a chunk of resamples, of both datasets.
_ROWS = 64


def ood_intervals(
    logits_in: Any,
    logits_out: Any,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, list[float]]:
    """Compute an interval for each metric of `ood_summary`, by a bootstrap over images.

    The images of both datasets are drawn independently; `classification_intervals` says what the
    intervals are.

    Args:
        logits_in: Array `(N, K)`, logits of test images of the classifier's dataset.
        logits_out: Array `(M, K)`, logits of images of another dataset.
        level: Share of such intervals that cover, between 0 and 1.
        resamples: Number of resamples.
        seed: Integer that the draws follow from.

    Returns:
        A dict of `[low, high]` with the names of `ood_summary`; NaN where the metric is.

    Raises:
        ValueError: As `ood_summary`, or if a number is not as above.

    Example:
        >>> inside, outside = np.eye(2)[[0] * 20] * np.arange(20)[:, None], np.eye(2)[[0] * 9]
        >>> low, high = ood_intervals(inside, outside)["auroc_energy"]
        >>> 0.7 < low < 0.925 < high <= 1.0
        True
    """
    check_level(level)
    summary = ood_summary(logits_in, logits_out)
    inside, outside = ood_scores(logits_in), ood_scores(logits_out)
    found = {name: [float("nan")] * 2 for name, value in summary.items() if np.isnan(value)}
    inside = {
        score: values
        for score, values in inside.items()
        if not np.isnan([values.sum(), outside[score].sum()]).any()
    }
    drawn = [
        Resamples(len(logits), resamples, number, _ROWS)
        for logits, number in ((logits_in, seed), (logits_out, seed + 1))
    ]
    for score, values in inside.items():
        parts = [
            detection_replicates(values, outside[score], counts_in, counts_out)
            for counts_in, counts_out in zip(*drawn, strict=True)
        ]
        for kind in parts[0]:
            name = f"{kind}_{score}"
            numbers = np.concatenate([part[kind] for part in parts])
            found[name] = percentile_interval(summary[name], numbers, level, name)
    return {name: found[name] for name in summary}


def detection_replicates(
    inside: np.ndarray, outside: np.ndarray, counts_in: np.ndarray, counts_out: np.ndarray
) -> dict[str, np.ndarray]:
    """Compute the metrics of detection by a score for resampled images.

    Args:
        inside: Scores `(N,)` of images of the dataset.
        outside: Scores `(M,)` of others.
        counts_in: Array `(r, N)`, how often each image is in a resample.
        counts_out: Array `(r, M)`, the same of the others.

    Returns:
        A dict of arrays `(r,)`: `auroc`, `aupr_in`, `aupr_out` and `fpr95`.

    Example:
        >>> scores, other = np.array([1.0, 3.0]), np.array([2.0])
        >>> counts = np.array([[1.0, 1.0], [0.0, 2.0]]), np.ones((2, 1))
        >>> detection_replicates(scores, other, *counts)["auroc"].tolist()
        [0.5, 1.0]
    """
    values, group = np.unique(np.concatenate([inside, outside]), return_inverse=True)
    # In groups of one score, the lowest first; and up to each of them.
    one, other = (
        _in_groups(counts, places, len(values))
        for counts, places in (
            (counts_in, group[: len(inside)]),
            (counts_out, group[len(inside) :]),
        )
    )
    one_up_to, other_up_to = one.cumsum(axis=1), other.cumsum(axis=1)
    one_from, other_from = len(inside) - one_up_to + one, len(outside) - other_up_to + other
    below = other_up_to - 0.5 * other
    dropped = len(inside) - -(-95 * len(inside) // 100)
    rejected = np.where(one_up_to <= dropped, other, 0.0).sum(axis=1)
    return {
        "auroc": (one * below).sum(axis=1) / (len(inside) * len(outside)),
        "aupr_in": (one * _share(one_from, other_from)).sum(axis=1) / len(inside),
        "aupr_out": (other * _share(other_up_to, one_up_to)).sum(axis=1) / len(outside),
        "fpr95": 1.0 - rejected / len(outside),
    }


def _in_groups(counts: np.ndarray, places: np.ndarray, number: int) -> np.ndarray:
    found = np.zeros((len(counts), number))
    order = np.argsort(places, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(places[order]) != 0))
    found[:, places[order][starts]] = np.add.reduceat(counts[:, order], starts, axis=1)
    return found


def _share(positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    return positives / np.maximum(positives + negatives, 1.0)
