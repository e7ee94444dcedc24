"""Corruption errors relative to a baseline's."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tf_varmixup.corruptions import BENCHMARK
from tf_varmixup.evaluation.corruption_rows import few

Row = Mapping[str, Any]


def corruption_errors(
    rows: Sequence[Row],
    baseline: Sequence[Row],
    clean_error: float | None = None,
    baseline_clean_error: float | None = None,
) -> dict[str, float]:
    """Compute the mean corruption error (mCE) and the relative mCE against a baseline.

    A corruption's error is the sum of the errors over severities, divided by the baseline's sum;
    the relative one subtracts the clean error from each first. Both are means over the benchmark's
    corruptions: 1 is as the baseline, less is better.

    Args:
        rows: Rows with `corruption`, `severity` and `error`, a share, as `read_rows` and
            `Evaluation.rows` give them. Only the benchmark's 15 corruptions count.
        baseline: Rows of the baseline; it may have more cells.
        clean_error: Error on clean images, a share, or None for no relative mCE.
        baseline_clean_error: The baseline's.

    Returns:
        A dict with `mce`, and `relative_mce` if both clean errors are given. NaN where the baseline
        makes no error under a corruption (or, for the relative one, no more than on clean images).

    Raises:
        ValueError: If there is no cell of the benchmark, or the baseline lacks one.

    Example:
        >>> rows = [{"corruption": "fog", "severity": s, "error": 0.1 * s} for s in (1, 2)]
        >>> baseline = [{"corruption": "fog", "severity": s, "error": 0.2 * s} for s in (1, 2)]
        >>> found = corruption_errors(rows, baseline, 0.05, 0.1)
        >>> round(found["mce"], 6), round(found["relative_mce"], 6)
        (0.5, 0.5)

    Source: Hendrycks and Dietterich, arXiv 1903.12261, section 3.2.
    """
    errors, others = _cells(rows), _cells(baseline)
    if not errors:
        raise ValueError("Expected rows of the benchmark's corruptions. Received: none.")
    missing = [f"{name} {severity}" for name, severity in errors if (name, severity) not in others]
    if missing:
        raise ValueError(
            "Expected a baseline with every corruption and severity that is compared. "
            f"Received: one without {few(missing)}."
        )
    found = {"mce": _mean_ratio(errors, others, 0.0, 0.0)}
    if clean_error is not None and baseline_clean_error is not None:
        found["relative_mce"] = _mean_ratio(errors, others, clean_error, baseline_clean_error)
    return found


def _cells(rows: Sequence[Row]) -> dict[tuple[str, int], float]:
    return {
        (row["corruption"], row["severity"]): row["error"]
        for row in rows
        if row["corruption"] in BENCHMARK
    }


def _mean_ratio(
    errors: dict[tuple[str, int], float],
    others: dict[tuple[str, int], float],
    clean: float,
    other_clean: float,
) -> float:
    ratios = []
    for name in dict.fromkeys(name for name, _ in errors):
        cells = [cell for cell in errors if cell[0] == name]
        above = sum(errors[cell] - clean for cell in cells)
        below = sum(others[cell] - other_clean for cell in cells)
        ratios.append(above / below if below > 0.0 else math.nan)
    return float(np.mean(ratios))
