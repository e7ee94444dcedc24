"""Which finished runs stand in one table, and which cannot and why."""

import dataclasses
import pathlib
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from tf_varmixup.checks import check_choice, suggestion
from tf_varmixup.corruptions.names import BENCHMARK, SEVERITIES
from tf_varmixup.run.comparable import (
    folder_label,
    have_other_autoencoders,
    obstacles,
    row_label,
)
from tf_varmixup.run.compared_row import ComparedRow
from tf_varmixup.run.comparison import differences
from tf_varmixup.run.corruption_ratios import (
    with_corruption_errors,
    without_corruption_errors,
)
from tf_varmixup.run.finished_run import FinishedRun

_BASELINE = "erm"
_ALL_CELLS = {(corruption, severity) for corruption in BENCHMARK for severity in SEVERITIES}


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Runs that can be compared, a row per recipe.

    Attributes:
        rows: The rows, the baseline first.
        baseline: The row that differences are to, or None.
        not_compared: Name and reason of every run that is left out.
        level: Level of the intervals.
    """

    rows: tuple[ComparedRow, ...]
    baseline: ComparedRow | None
    not_compared: tuple[tuple[str, str], ...] = ()
    level: float = 0.95


def compare_runs(
    runs: Sequence[FinishedRun],
    baseline: str | None = None,
    elsewhere: Sequence[ComparedRow] = (),
    level: float = 0.95,
    labels: Literal["recipe", "folder"] = "recipe",
) -> Comparison:
    """Find the largest set of runs that can be compared, and group it by recipe over seeds.

    Runs can be compared if they agree in all settings but seed, method and what belongs to the
    method: its parameters, its autoencoder and `mix_in`. An evaluation of a classifier that was not
    trained here must agree in the dataset and in the corrupted images.

    Args:
        runs: The runs.
        baseline: Label, method, folder or folder's name of the row that differences are to, which
            is then among the runs that are compared; `"erm"` where there is one by default.
        elsewhere: Results from elsewhere: rows of one run, which has cells and nothing else.
        level: Level of the intervals, between 0 and 1.
        labels: What rows are called by: the method and the settings in which rows of one method
            differ, or the names of the runs' folders, without dataset and seed.

    Returns:
        A `Comparison`.

    Raises:
        ValueError: If there is no run, no row is the baseline, or folders do not tell rows apart.

    Example:
        >>> configs = [{"method": "erm", "seed": 0}, {"method": "mixup", "seed": 0}]
        >>> runs = [FinishedRun(pathlib.Path(one["method"]), one, {}) for one in configs]
        >>> comparison = compare_runs(runs)
        >>> [row.label for row in comparison.rows], comparison.baseline.label
        (['erm', 'mixup'], 'erm')
    """
    if not runs:
        raise ValueError("Expected at least one run. Received: none.")
    check_choice("labels", labels, ("recipe", "folder"))
    sets = sorted(_comparable_sets(runs), key=len, reverse=True)
    known = []
    for chosen in sets:
        rows, twice = _rows(chosen, labels)
        ours = len(rows)
        others, unfit = _rows_from_elsewhere(elsewhere, chosen)
        rows += others
        known += [row.label for row in rows]
        found = _find(rows, _BASELINE if baseline is None else baseline)
        if found is not None or baseline is None:
            break
    else:
        raise ValueError(
            f"Expected baseline to be one of {', '.join(map(repr, dict.fromkeys(known)))}, or a "
            f"run. Received: {baseline!r}." + suggestion(baseline, known)
        )
    if labels == "folder":
        place = None if found is None else rows.index(found)
        rows = [*_called_by_folders(rows[:ours]), *rows[ours:]]
        found = None if place is None else rows[place]
    if twice_called := {row.label for row in rows[:ours]} & {row.label for row in rows[ours:]}:
        raise ValueError(
            "Expected other names of results from elsewhere than the rows' own. "
            f"Received: {', '.join(sorted(twice_called))}."
        )
    left_out = [(run, _reason(run, chosen)) for run in runs if run not in chosen]
    order = {id(run): index for index, run in enumerate(runs)}
    left_out = sorted([*left_out, *twice], key=lambda one: order[id(one[0])])
    not_compared = [(str(run.path), reason) for run, reason in [*left_out, *unfit]]
    rows.sort(key=lambda row: row is not found)
    if found is None:
        rows = [without_corruption_errors(row) for row in rows]
    else:
        rows = [with_corruption_errors(row, found) for row in rows]
        found = rows[0]
    return Comparison(tuple(rows), found, tuple(not_compared), level)


def _comparable_sets(runs: Sequence[FinishedRun]) -> list[list[FinishedRun]]:
    """Put every run into the sets in which it can be compared with all."""
    sets: list[list[FinishedRun]] = []
    for run in runs:
        for others in sets:
            if not any(obstacles(run, other) for other in others):
                others.append(run)
                break
        else:
            sets.append([run])
    # One that fits several sets, such as an evaluation of a model from elsewhere, is in all.
    for one in sets:
        for run in runs:
            if run not in one and not any(obstacles(run, other) for other in one):
                one.append(run)
    return [[run for run in runs if run in one] for one in sets]


def _rows(
    runs: Iterable[FinishedRun], labels: str
) -> tuple[list[ComparedRow], list[tuple[FinishedRun, str]]]:
    """Group runs by recipe, and by name where rows are called by it; a seed counts once."""
    groups: list[list[FinishedRun]] = []
    twice = []
    for run in runs:
        group = next((one for one in groups if _same_row(one[0], run, labels)), None)
        if group is None:
            groups.append([run])
        elif same := [one for one in group if one.seed == run.seed]:
            if same[0].path.resolve() == run.path.resolve():
                reason = "it is given twice"
            else:
                reason = f"seed {run.seed} of this recipe is compared as {same[0].path}"
                if have_other_autoencoders([run, same[0]]):
                    reason += ", with another autoencoder"
            twice.append((run, reason))
        else:
            group.append(run)
    firsts = [group[0] for group in groups]
    rows = [
        ComparedRow(
            row_label(group[0], firsts), tuple(sorted(group, key=lambda run: run.seed or 0))
        )
        for group in groups
    ]
    return rows, twice


def _called_by_folders(rows: Iterable[ComparedRow]) -> list[ComparedRow]:
    """Call rows as the folders of their runs are called."""
    called: dict[str, ComparedRow] = {}
    for row in rows:
        name = folder_label(row.runs[0])
        if name in called:
            raise ValueError(
                "Expected folders, without dataset and seed, that tell recipes apart. "
                f"Received: {name} for {row.label} and for another; labels 'recipe' say how they "
                "differ."
            )
        called[name] = row
    return [dataclasses.replace(row, label=name) for name, row in called.items()]


def _same_row(one: FinishedRun, other: FinishedRun, labels: str) -> bool:
    if labels == "folder" and folder_label(one) != folder_label(other):
        return False
    if "method" not in one.config or "method" not in other.config:
        return one.path.resolve() == other.path.resolve()
    return not differences((one.config, one.metrics), (other.config, other.metrics))


def _rows_from_elsewhere(
    elsewhere: Iterable[ComparedRow], runs: Iterable[FinishedRun]
) -> tuple[list[ComparedRow], list[tuple[FinishedRun, str]]]:
    """Keep the results that have all cells of the runs, with their mean over these."""
    rows, unfit = [], []
    expected = next((found for run in runs if (found := _cells(run))), None)
    for row in elsewhere:
        [run] = row.runs
        missing = sorted((expected or _ALL_CELLS) - _cells(run))
        if missing:
            named = ", ".join(f"{corruption} {severity}" for corruption, severity in missing[:3])
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            unfit.append((run, f"it lacks cells that count: {named}{more}"))
            continue
        accuracies = [
            cell["accuracy"]
            for cell in run.cells
            if (cell["corruption"], cell["severity"]) in (expected or _ALL_CELLS)
        ]
        metrics = {"corrupted": {"accuracy": float(np.mean(accuracies))}}
        rows.append(ComparedRow(row.label, (dataclasses.replace(run, metrics=metrics),)))
    return rows, unfit


def _cells(run: FinishedRun) -> set[tuple[str, int]]:
    """Return the cells that count for the mean under corruptions."""
    cells = ((cell["corruption"], cell["severity"]) for cell in run.cells)
    return {cell for cell in cells if cell[0] in BENCHMARK}


def _find(rows: Sequence[ComparedRow], name: str) -> ComparedRow | None:
    """Find the row of a label, of a run's folder or its name, or of a method that has one row.

    What folders call a recipe counts as well where one row has it.
    """
    path = pathlib.Path(name).resolve()
    for row in rows:
        if row.label == name or any(path == run.path.resolve() for run in row.runs):
            return row
    by_name = [row for row in rows if any(run.name == name for run in row.runs)]
    by_method = [row for row in rows if row.runs[0].config.get("method") == name]
    by_folder = [row for row in rows if any(folder_label(run) == name for run in row.runs)]
    for found in (by_name, by_method, by_folder):
        if len(found) == 1:
            return found[0]
    return None


def _reason(run: FinishedRun, compared: Iterable[FinishedRun]) -> str:
    """Say in which settings a run differs from those that are compared."""
    found = next(found for other in compared if (found := obstacles(run, other)))
    return "; ".join(f"{name} {own!r} instead of {other!r}" for name, (own, other) in found.items())
