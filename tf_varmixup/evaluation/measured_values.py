"""What metrics are the means of, image by image, and with what they were measured."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class MeasuredValues:
    """Metrics by image, or by pair of images, whose means are reported.

    Attributes:
        values: Arrays `(N,)` by the name of the metric; intervals resample their rows together.
        settings: Numbers that say how it was measured, such as the radius and steps of an attack.

    Example:
        >>> MeasuredValues({"accuracy": np.array([1.0, 0.0])}, {"radius": 0.5}).summary()
        {'accuracy': 0.5, 'radius': 0.5}
    """

    values: dict[str, np.ndarray]
    settings: dict[str, float]

    def summary(self) -> dict[str, float]:
        """Return the means and the settings: a section of metrics.json."""
        means = {name: float(np.mean(rows)) for name, rows in self.values.items()}
        return {**means, **self.settings}
