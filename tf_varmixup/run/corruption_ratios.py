"""Corruption errors of compared runs, relative to those of their baseline."""

import dataclasses
import math
from typing import Any

import numpy as np

from tf_varmixup.corruptions.names import BENCHMARK
from tf_varmixup.evaluation.corruption_error import corruption_errors
from tf_varmixup.metrics.measures import measure
from tf_varmixup.run.compared_row import ComparedRow

_NAMES = ("mce", "relative_mce")


def with_corruption_errors(row: ComparedRow, baseline: ComparedRow) -> ComparedRow:
    """Return a row whose runs have the mean corruption error (mCE) relative to a baseline.

    Args:
        row: The row.
        baseline: The row whose mean errors over seeds count as 1.

    Returns:
        A `ComparedRow`. The section `corrupted` of its runs has `mce` and, where both have clean
        errors, `relative_mce`; neither where a corruption grid or a cell of the baseline's is
        missing.

    Example:
        >>> import pathlib
        >>> from tf_varmixup.run.finished_run import FinishedRun
        >>> cells = [{"corruption": "fog", "severity": 1, "error": 0.5}]
        >>> row = ComparedRow("mine", (FinishedRun(pathlib.Path("a"), {}, {}, cells),))
        >>> with_corruption_errors(row, row).runs[0].metrics
        {'corrupted': {'mce': 1.0}}
    """
    errors: dict[tuple[str, int], list[float]] = {}
    for run in baseline.runs:
        for cell in run.cells:
            if cell["corruption"] in BENCHMARK:
                errors.setdefault((cell["corruption"], cell["severity"]), []).append(cell["error"])
    others = [
        {"corruption": corruption, "severity": severity, "error": float(np.mean(found))}
        for (corruption, severity), found in errors.items()
    ]
    clean = np.mean(list(baseline.values("clean", measure("error")).values()))
    runs = []
    for run in without_corruption_errors(row).runs:
        own = dict(run.metrics.get("corrupted") or {})
        counted = [cell for cell in run.cells if cell["corruption"] in BENCHMARK]
        if counted and all((cell["corruption"], cell["severity"]) in errors for cell in counted):
            own_clean = measure("error").value(run.metrics.get("clean") or {})
            pair = (None, None) if own_clean is None or math.isnan(clean) else (own_clean, clean)
            own |= corruption_errors(counted, others, *pair)
        metrics: dict[str, Any] = {**run.metrics, "corrupted": own}
        runs.append(dataclasses.replace(run, metrics=metrics if own else run.metrics))
    return dataclasses.replace(row, runs=tuple(runs))


def without_corruption_errors(row: ComparedRow) -> ComparedRow:
    """Return a row whose runs do not have the corruption errors that they were measured with.

    They are relative to a baseline each, which may be another one.

    Args:
        row: The row.

    Returns:
        A `ComparedRow`.

    Example:
        >>> import pathlib
        >>> from tf_varmixup.run.finished_run import FinishedRun
        >>> metrics = {"corrupted": {"accuracy": 0.5, "mce": 0.8}}
        >>> row = ComparedRow("mine", (FinishedRun(pathlib.Path("a"), {}, metrics),))
        >>> without_corruption_errors(row).runs[0].metrics
        {'corrupted': {'accuracy': 0.5}}
    """
    runs = []
    for run in row.runs:
        metrics = dict(run.metrics)
        if metrics.get("corrupted"):
            kept = {k: v for k, v in metrics["corrupted"].items() if k not in _NAMES}
            metrics["corrupted"] = kept
        runs.append(dataclasses.replace(run, metrics=metrics))
    return dataclasses.replace(row, runs=tuple(runs))
