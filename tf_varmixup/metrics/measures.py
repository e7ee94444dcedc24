"""The one list of metrics: what each is called, how it is written, and its formula.

Everything that names a metric reads it: metrics.json, corruptions.csv, tables, plots, the report
and the callbacks. A new metric is a formula and an entry in `entries.py`.
"""

from tf_varmixup.checks import check_choice
from tf_varmixup.metrics.entries import ENTRIES
from tf_varmixup.metrics.measure import Measure
from tf_varmixup.metrics.out_of_distribution import DETECTION
from tf_varmixup.metrics.robustness import SEARCHED

MEASURES = ENTRIES

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
        name: Name of a metric, which may be a section's own, such as "auroc_entropy" of the
            sections about out-of-distribution detection.

    Returns:
        A `Measure`; a plain one has the name as its title and no formula.

    Example:
        >>> measure_or_plain("mean_distance").title
        'Mean distance'
        >>> measure_or_plain("auroc_entropy").title
        'AUROC, entropy'
    """
    for known in (_by_name(), _OTHERS):
        if name in known:
            return known[name]
    title = name.replace("_", " ")
    return Measure(name, title[:1].upper() + title[1:], "", "", None, "", brief=False)


def _by_name() -> dict[str, Measure]:
    return {one.name: one for one in MEASURES}


_OTHERS = {one.name: one for one in (*DETECTION, *SEARCHED)}
