"""How well a classifier's logits tell images of its dataset from those of another, in NumPy."""

import warnings
from typing import Any

import numpy as np
from scipy.special import entr, log_softmax, logsumexp

from tf_varmixup.metrics.measure import Measure
from tf_varmixup.metrics.ranking import auroc

_SCORES = {"max_probability": "maximum probability", "entropy": "entropy", "energy": "energy"}
_KINDS = {
    "auroc": ("AUROC", "higher", "probability that an image of the dataset has the higher score"),
    "aupr_in": (
        "AUPR in",
        "higher",
        "average precision, images of the dataset being the positives",
    ),
    "aupr_out": ("AUPR out", "higher", "average precision, the other images being the positives"),
    "fpr95": ("FPR95", "lower", "other images kept where 95 % of the dataset's are"),
}

# The entries of the metrics of sections `ood.<dataset>`, which have no formula of predictions.
DETECTION = tuple(
    Measure(f"{kind}_{score}", f"{title}, {words}", "%", better, None, description, "", brief=False)
    for score, words in _SCORES.items()
    for kind, (title, better, description) in _KINDS.items()
)


def ood_scores(logits: Any) -> dict[str, np.ndarray]:
    """Compute the scores that tell a classifier's dataset from others; higher is more familiar.

    Args:
        logits: Array `(N, K)`.

    Returns:
        A dict of `float64` arrays `(N,)`: `max_probability`, `entropy`, which is minus the entropy
        of the probabilities in nats, and `energy`, which is minus the free energy,
        log sum_k exp(logit_k). Logarithms of probabilities have none, since they all sum to 1: it
        is NaN then.

    Raises:
        ValueError: If the logits are not `(N, K)` with N at least 1 and K at least 2.

    Example:
        >>> {name: score.round(2).tolist() for name, score in ood_scores([[0.0, 0.0]]).items()}
        {'max_probability': [0.5], 'entropy': [-0.69], 'energy': [0.69]}

    Source:
        Hendrycks and Gimpel 2017, arXiv:1610.02136; Liu et al. 2020, arXiv:2010.03759.
    """
    logits = np.asarray(logits, np.float64)
    if logits.ndim != 2 or logits.shape[0] < 1 or logits.shape[1] < 2:
        raise ValueError(
            "Expected logits of shape (N, K) with N at least 1 and K at least 2. "
            f"Received: shape {logits.shape}."
        )
    probabilities = np.exp(log_softmax(logits, axis=1))
    energy = logsumexp(logits, axis=1)
    if np.all(np.abs(energy) < 1e-3):
        energy = np.full_like(energy, np.nan)
    return {
        "max_probability": probabilities.max(axis=1),
        "entropy": -entr(probabilities).sum(axis=1),
        "energy": energy,
    }


def ood_summary(logits_in: Any, logits_out: Any) -> dict[str, float]:
    """Measure how well a classifier's logits tell its own dataset from another.

    Args:
        logits_in: Array `(N, K)`, logits of test images of the classifier's dataset.
        logits_out: Array `(M, K)`, logits of images of another dataset.

    Returns:
        A dict of Python floats, for each of the scores `max_probability`, `entropy` and `energy`:
        `auroc_<score>`; `aupr_in_<score>` and `aupr_out_<score>`, the average precision with the
        images of the dataset and with the others as positives, which depend on N / M; and
        `fpr95_<score>`, the share of the others with a score no lower than that of the 95 % of the
        dataset with the highest. All are NaN, with a warning, if a logit is.

    Raises:
        ValueError: If the logits are not matrices of as many columns.

    Example:
        >>> found = ood_summary([[4.0, 0.0], [0.0, 3.0]], [[0.1, 0.0], [0.0, 0.2]])
        >>> found["auroc_max_probability"], found["fpr95_energy"]
        (1.0, 0.0)

    Source:
        Hendrycks and Gimpel 2017, arXiv:1610.02136; Liu et al. 2020, arXiv:2010.03759.
    """
    inside, outside = ood_scores(logits_in), ood_scores(logits_out)
    columns = [np.shape(logits)[1] for logits in (logits_in, logits_out)]
    if columns[0] != columns[1]:
        raise ValueError(
            f"Expected logits_out of {columns[0]} classes, as logits_in. Received: {columns[1]}."
        )
    if any(np.isnan(found["max_probability"]).any() for found in (inside, outside)):
        warnings.warn(
            "Expected logits that are numbers. Received: NaN; the metrics are NaN as well.",
            RuntimeWarning,
            stacklevel=2,
        )
        return dict.fromkeys((one.name for one in DETECTION), float("nan"))
    return {
        f"{kind}_{score}": value
        for score in _SCORES
        for kind, value in _detection(inside[score], outside[score]).items()
    }


def _detection(inside: np.ndarray, outside: np.ndarray) -> dict[str, float]:
    # It takes a second to import, which `import tf_varmixup` should not.
    from sklearn.metrics import average_precision_score

    scores = np.concatenate([inside, outside])
    if np.isnan(scores).any():
        return dict.fromkeys(_KINDS, float("nan"))
    of_dataset = np.arange(len(scores)) < len(inside)
    kept = -(-95 * len(inside) // 100)
    threshold = np.sort(inside)[len(inside) - kept]
    return {
        "auroc": auroc(inside, outside),
        "aupr_in": float(average_precision_score(of_dataset, scores)),
        "aupr_out": float(average_precision_score(~of_dataset, -scores)),
        "fpr95": float(np.mean(outside >= threshold)),
    }
