"""The sections of metrics.json, apart from the facts that stand beside them."""

import numbers
from collections.abc import Mapping
from typing import Any

# What sections are shown as; these come first, and others may follow.
SECTION_TITLES = {
    "clean": "clean",
    "corrupted": "corrupted",
    "clean_after_temperature": "clean, after temperature",
    "corrupted_after_temperature": "corrupted, after temperature",
    "clean_after_vector_scaling": "clean, after vector scaling",
    "corrupted_after_vector_scaling": "corrupted, after vector scaling",
}
FACTS = (
    "intervals",
    "temperature",
    "vector_scaling",
    "corruptions",
    "vae",
    "fitted",
    "timing",
    "environment",
)


def metric_sections(metrics: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return the sections of metrics.json with their numbers, the known ones first.

    A section is any entry that is a dict with a number in it, `clean` or `adversarial.pgd`, but not
    one of `FACTS`. What is not a number, such as a list, is left out.

    Args:
        metrics: Contents of metrics.json.

    Returns:
        A dict of section to a dict of metric to value; a value that JSON has as null is NaN.

    Example:
        >>> metric_sections({"ood.svhn": {"auroc": 0.9}, "clean": {"accuracy": 0.5}, "vae": {}})
        {'clean': {'accuracy': 0.5}, 'ood.svhn': {'auroc': 0.9}}
    """
    names = [name for name in SECTION_TITLES if name in metrics]
    names += [name for name in metrics if name not in names and name not in FACTS]
    found = {name: _numbers(metrics[name]) for name in names}
    return {name: section for name, section in found.items() if section}


def section_title(name: str) -> str:
    """Return what a section of metrics.json is shown as.

    Args:
        name: Name of the section.

    Returns:
        A few words.

    Example:
        >>> section_title("clean_after_temperature"), section_title("ood.fashion_mnist")
        ('clean, after temperature', 'ood, fashion mnist')
    """
    return SECTION_TITLES.get(name, name.replace("_", " ").replace(".", ", "))


def _numbers(section: Any) -> dict[str, float]:
    if not isinstance(section, Mapping):
        return {}
    found: dict[str, Any] = {
        name: float("nan") if value is None else value
        for name, value in section.items()
        if value is None or (isinstance(value, numbers.Real) and not isinstance(value, bool))
    }
    return found
