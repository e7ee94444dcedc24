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


def with_corruption_errors(row: ComparedRow, baseline: ComparedRow | None) -> ComparedRow:
    """Return a row whose runs have the mean corruption error (mCE) relative to a baseline.

    What they were measured relative to by themselves may be another one of each.

    Args:
        row: The row.
        baseline: The row whose mean errors over seeds count as 1; None for no such errors.

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
    for run in () if baseline is None else baseline.runs:
        for cell in run.cells:
            if cell["corruption"] in BENCHMARK:
                errors.setdefault((cell["corruption"], cell["severity"]), []).append(cell["error"])
    others = [
        {"corruption": corruption, "severity": severity, "error": float(np.mean(found))}
        for (corruption, severity), found in errors.items()
    ]
    cleans = {} if baseline is None else baseline.values("clean", measure("error"))
    clean = np.mean(list(cleans.values())) if cleans else math.nan
    runs = []
    for run in row.runs:
        own = {k: v for k, v in (run.metrics.get("corrupted") or {}).items() if k not in _NAMES}
        counted = [cell for cell in run.cells if cell["corruption"] in BENCHMARK]
        if counted and all((cell["corruption"], cell["severity"]) in errors for cell in counted):
            own_clean = measure("error").value(run.metrics.get("clean") or {})
            pair = (None, None) if own_clean is None or math.isnan(clean) else (own_clean, clean)
            own |= corruption_errors(counted, others, *pair)
        metrics: dict[str, Any] = {**run.metrics, "corrupted": own}
        had = "corrupted" in run.metrics
        runs.append(dataclasses.replace(run, metrics=metrics if own or had else run.metrics))
    return dataclasses.replace(row, runs=tuple(runs))
