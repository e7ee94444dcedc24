"""What a run is compared with."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any


@dataclasses.dataclass(frozen=True, eq=False)
class Baseline:
    """A run that another one is compared with, as its files have it.

    Attributes:
        name: What tables and plots call it.
        metrics: Contents of its metrics.json.
        cells: Rows of its corruption grid, as corruptions.csv has them; may be empty.
        intervals: Intervals of the differences to it, `{section: {metric: [low, high]}}`, where
            they were computed.

    Example:
        >>> Baseline("erm", {"clean": {"accuracy": 0.9}}).name
        'erm'
    """

    name: str
    metrics: Mapping[str, Any]
    cells: Sequence[Mapping[str, Any]] = ()
    intervals: Mapping[str, Mapping[str, Sequence[float]]] = dataclasses.field(default_factory=dict)
