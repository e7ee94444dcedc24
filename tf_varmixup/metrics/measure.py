"""What is known of a metric: its name, how it is written, and its formula."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

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
        detailed: Whether it is computed of whole test sets alone, and not of each cell of the
            corruption grid or after each epoch.

    Example:
        >>> one = Measure("accuracy", "Accuracy", "%", "higher", None, "images classified right")
        >>> one.value({"accuracy": 0.75})
        0.75
    """

    name: str
    title: str
    unit: str
    better: str
    formula: Callable[[Predictions], float] | None
    description: str
    one_minus: str = ""
    brief: bool = True
    detailed: bool = False

    def value(self, section: Mapping[str, Any]) -> Any:
        """Look the metric up in a section of metrics.json.

        Args:
            section: Mapping of names to values, such as `classification_summary` returns.

        Returns:
            The value, or None where the section has none.

        Example:
            >>> one = Measure("error", "Error", "%", "lower", None, "", one_minus="accuracy")
            >>> one.value({"accuracy": 0.75})
            0.25
        """
        if self.name in section or not self.one_minus:
            return section.get(self.name)
        other = section.get(self.one_minus)
        return None if other is None else 1.0 - other
