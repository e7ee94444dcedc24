"""The one list of metrics: what each is called, how it is written, and its formula.

Everything that names a metric reads it: metrics.json, corruptions.csv, tables, plots, the report
and the callbacks. A new metric is a formula and an entry here.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tf_varmixup.checks import check_choice
from tf_varmixup.metrics import calibration, scores
from tf_varmixup.metrics.predictions import Predictions


@dataclasses.dataclass(frozen=True)
class Measure:
    """A metric's entry in the list.

    Attributes:
        name: Its key in metrics.json and column in corruptions.csv.
        title: What tables and plots call it.
        unit: "%" for a share, which is stored as such and shown times 100; "nats"; or nothing.
        better: "higher", "lower", or "zero" where both signs are worse.
        formula: Computes it from `Predictions`; None where it is `one_minus` another.
        description: What it is, in a few words without a full stop.
        one_minus: Name of the metric that it is 1 minus, or nothing. Such a metric is shown but
            not stored in metrics.json.
        brief: Whether short tables and corruptions.csv have it, rather than metrics.json and the
            report alone.

    Example:
        >>> measure("ece").title, measure("ece").better
        ('ECE', 'lower')
    """

    name: str
    title: str
    unit: str
    better: str
    formula: Callable[[Predictions], float] | None
    description: str
    one_minus: str = ""
    brief: bool = True

    def value(self, section: Mapping[str, Any]) -> Any:
        """Look the metric up in a section of metrics.json.

        Args:
            section: Mapping of names to values, such as `classification_summary` returns.

        Returns:
            The value, or None where the section has none.

        Example:
            >>> measure("error").value({"accuracy": 0.75})
            0.25
        """
        if self.name in section or not self.one_minus:
            return section.get(self.name)
        other = section.get(self.one_minus)
        return None if other is None else 1.0 - other


MEASURES = (
    Measure(
        "accuracy",
        "Accuracy",
        "%",
        "higher",
        lambda given: scores.accuracy(given.logits, given.labels),
        "images classified correctly",
    ),
    Measure(
        "error",
        "Error",
        "%",
        "lower",
        None,
        "images classified wrongly",
        one_minus="accuracy",
    ),
    Measure(
        "nll",
        "NLL",
        "nats",
        "lower",
        lambda given: scores.nll(given.log_probabilities, given.labels),
        "negative log-likelihood of the true class, in nats",
    ),
    Measure(
        "brier",
        "Brier score",
        "",
        "lower",
        lambda given: scores.brier(np.exp(given.log_probabilities), given.labels),
        "squared distance between probabilities and one-hot label",
        brief=False,
    ),
    Measure(
        "ece",
        "ECE",
        "%",
        "lower",
        lambda given: calibration.ece(given.confidence, given.correct, given.num_bins),
        "expected calibration error",
    ),
    Measure(
        "signed_gap",
        "Signed gap",
        "%",
        "zero",
        lambda given: calibration.signed_gap(given.confidence, given.correct, given.num_bins),
        "mean confidence minus accuracy; positive is overconfident",
        brief=False,
    ),
    Measure(
        "overconfidence_error",
        "Overconfidence error",
        "%",
        "lower",
        lambda given: calibration.overconfidence_error(
            given.confidence, given.correct, given.num_bins
        ),
        "confidence times its excess over accuracy",
        brief=False,
    ),
)

# Files of earlier versions have these columns, in this order.
_FIRST = ("accuracy", "error", "ece", "nll")


def measure(name: str) -> Measure:
    """Return a metric's entry in the list.

    Args:
        name: Its name, such as "ece".

    Returns:
        The `Measure`.

    Raises:
        ValueError: If there is none of that name.

    Example:
        >>> measure("signed_gap").title
        'Signed gap'
    """
    return _by_name()[check_choice("name", name, _by_name())]


def brief_measures() -> tuple[Measure, ...]:
    """Return the metrics of short tables and of corruptions.csv, in the order of its columns.

    Returns:
        A tuple of `Measure`: accuracy, error, ECE and NLL, and whatever the list has besides.

    Example:
        >>> [one.name for one in brief_measures()]
        ['accuracy', 'error', 'ece', 'nll']
    """
    first = [measure(name) for name in _FIRST]
    return (*first, *(one for one in MEASURES if one.brief and one not in first))


def measure_or_plain(name: str) -> Measure:
    """Return a metric's entry, or a plain one for a name that the list does not have.

    Args:
        name: Name of a metric, which may be a section's own, such as "auroc".

    Returns:
        A `Measure`; a plain one has the name as its title and no formula.

    Example:
        >>> measure_or_plain("mean_distance").title
        'Mean distance'
    """
    if name in _by_name():
        return _by_name()[name]
    title = name.replace("_", " ")
    return Measure(name, title[:1].upper() + title[1:], "", "", None, "", brief=False)


def _by_name() -> dict[str, Measure]:
    return {one.name: one for one in MEASURES}
