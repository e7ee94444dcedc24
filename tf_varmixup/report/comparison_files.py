"""The files of a comparison, and the folder they may be written to."""

import json
import os
import pathlib
from collections.abc import Mapping
from typing import Any

from tf_varmixup.report.table import Table
from tf_varmixup.report.table_csv import to_csv
from tf_varmixup.report.table_latex import to_latex
from tf_varmixup.report.table_markdown import to_markdown
from tf_varmixup.run.compared_runs import Comparison

FACTS_FILE = "comparison.json"
_TABLES_AND_PLOTS = (
    *(
        f"{table}.{end}"
        for table in ("results", "differences", "by_corruption")
        for end in ("csv", "tex")
    ),
    *(f"figures/{plot}.png" for plot in ("severity", "differences", "*_minus_*")),
)


def check_folder(folder: str | os.PathLike[str], asked: Mapping[str, Any]) -> None:
    """Raise unless a comparison may be written to a folder; nothing is written.

    Args:
        folder: A new or empty folder, or that of the same comparison.
        asked: What was asked for, JSON values.

    Raises:
        ValueError: If it is a file, or holds other files or another comparison.

    Example:
        >>> check_folder("my_comparison", {"runs": ["a", "b"]})
    """
    folder = pathlib.Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"Expected output to be a folder. Received: {folder}, which is a file.")
    if not folder.exists() or not any(folder.iterdir()):
        return
    try:
        before = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))["asked"]
    except FileNotFoundError:
        raise ValueError(
            f"Expected output to be new, empty or a comparison's. Received: {folder}, which holds "
            "other files."
        ) from None
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"Expected {folder / FACTS_FILE} to say what was compared. Received: {error!r}."
        ) from error
    if before != asked:
        names = sorted(name for name in {*before, *asked} if before.get(name) != asked.get(name))
        raise ValueError(
            f"Expected output to be new, empty or the same comparison's. Received: {folder}, which "
            f"holds one with other {', '.join(names)}."
        )


def comparison_files(
    comparison: Comparison, tables: Mapping[str, Table], asked: Mapping[str, Any]
) -> dict[str, str]:
    """Write the files of a comparison as text.

    Args:
        comparison: A `Comparison`.
        tables: Its tables by the name of their files.
        asked: What was asked for, JSON values.

    Returns:
        A dict of file name to contents: `comparison.json`, which marks the folder and comes first,
        `comparison.md` with all tables, and a `.csv` and a `.tex` file of each.

    Example:
        >>> list(comparison_files(Comparison((), None), {}, {}))
        ['comparison.json', 'comparison.md']
    """
    facts = {
        "asked": dict(asked),
        "baseline": None if comparison.baseline is None else comparison.baseline.label,
        "level": comparison.level,
        "rows": [
            {"label": row.label, "runs": [str(run.path) for run in row.runs]}
            for row in comparison.rows
        ],
        "not_compared": [
            {"run": name, "reason": reason} for name, reason in comparison.not_compared
        ],
    }
    files = {
        FACTS_FILE: json.dumps(facts, indent=2) + "\n",
        "comparison.md": "\n".join(_document(comparison, tables)),
    }
    for name, table in tables.items():
        files[f"{name}.csv"] = to_csv(table)
        files[f"{name}.tex"] = to_latex(table) + "\n"
    return files


def remove_former(folder: str | os.PathLike[str]) -> None:
    """Remove the tables and plots of a comparison, of which the next may have fewer.

    Args:
        folder: The comparison's folder; files of other names are left.

    Example:
        >>> remove_former("my_comparison")
    """
    for pattern in _TABLES_AND_PLOTS:
        for file in pathlib.Path(folder).glob(pattern):
            file.unlink()


def not_compared_notes(comparison: Comparison) -> list[str]:
    """Return a sentence for each run that could not be compared.

    Example:
        >>> not_compared_notes(Comparison((), None, (("runs/a", "epochs 2 instead of 3"),)))
        ['Not compared: runs/a (epochs 2 instead of 3).']
    """
    return [f"Not compared: {name} ({reason})." for name, reason in comparison.not_compared]


def _document(comparison: Comparison, tables: Mapping[str, Table]) -> list[str]:
    lines = ["# Comparison", ""]
    for table in tables.values():
        lines += [f"## {table.title}", "", to_markdown(table), ""]
        for note in table.notes:
            lines += [note, ""]
    if comparison.not_compared:
        lines += ["## Not compared", ""]
        lines += [f"- `{name}`: {reason}" for name, reason in comparison.not_compared]
        lines.append("")
    lines += ["## Runs", ""]
    for row in comparison.rows:
        lines.append(f"- {row.label}: {', '.join(f'`{run.path}`' for run in row.runs)}")
    return [*lines, ""]
