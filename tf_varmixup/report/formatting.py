"""Numbers as people read them."""

import math
from typing import Any

from tf_varmixup.metrics.measures import Measure

MISSING = "\N{EN DASH}"  # what nothing measured


def percent(share: float, decimals: int = 1) -> str:
    """Write a share as a percentage.

    Args:
        share: Number, 1 being all.
        decimals: How many decimals the percentage has.

    Returns:
        A string.

    Example:
        >>> percent(0.9137)
        '91.4 %'
    """
    return f"{100 * share:.{decimals}f} %"


def metric_text(measure: Measure, value: Any, decimals: int = 4) -> str:
    """Write a metric's value in its unit.

    Args:
        measure: The metric's entry in the list.
        value: Its value; None and NaN, which nothing measured, become a dash.
        decimals: How many decimals a number has that is no percentage, which has 2.

    Returns:
        A string.

    Example:
        >>> from tf_varmixup.metrics import measure
        >>> metric_text(measure("ece"), 0.0423), metric_text(measure("nll"), 0.3125, 3)
        ('4.23 %', '0.312')
    """
    if value is None or math.isnan(value):
        return MISSING
    if measure.unit == "%":
        return percent(value, 2)
    return f"{value:,}" if isinstance(value, int) else f"{value:.{decimals}f}"


def duration(seconds: float) -> str:
    """Write a time in the two units that matter.

    Args:
        seconds: Number of at least 0.

    Returns:
        A string.

    Example:
        >>> duration(5400), duration(75), duration(2.34)
        ('1 h 30 min', '1 min 15 s', '2.3 s')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min"
