"""The errors of a classifier under corruptions, from a run or from a CSV file of any origin."""

import csv
import json
import os
import pathlib
from collections.abc import Sequence
from typing import Any

from tf_varmixup.checks import suggestion
from tf_varmixup.corruptions import CORRUPTIONS, SEVERITIES

CLEAN = "clean"


def read_rows(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    r"""Read the errors of a classifier under corruptions, of a run or from any CSV file.

    Args:
        path: A run's folder, whose corruptions.csv is read, or a CSV file with the columns
            `corruption`, `severity` (1 to 5) and `error` or `accuracy`, shares in [0, 1]. Other
            columns of numbers are read as well. A row whose corruption is "clean" is the error on
            clean images, see `read_clean_error`.

    Returns:
        A list of dicts with `corruption`, `severity`, `accuracy`, `error` and what else there is, a
        row per cell in the order of the file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a column or a cell is missing, there is a cell twice, or a value is not a
            share, such as a percentage or NaN.

    Example:
        >>> text = "corruption,severity,error\nfog,1,0.25\nfog,2,0.5\n"
        >>> size = pathlib.Path("other.csv").write_text(text)
        >>> read_rows("other.csv")[1]["accuracy"]
        0.5
    """
    file = _csv_file(path)
    rows = [row for row in _read(file) if row["corruption"] != CLEAN]
    if not rows:
        raise ValueError(
            f"Expected {file} to have a row per corruption and severity. Received: none."
        )
    cells = [(row["corruption"], row["severity"]) for row in rows]
    seen: set[tuple[str, int]] = set()
    for name, severity in cells:
        if (name, severity) in seen:
            raise ValueError(
                f"Expected {file} to have each cell once. Received: {name} {severity} twice."
            )
        seen.add((name, severity))
    severities = sorted({severity for _, severity in cells})
    missing = [
        f"{name} {severity}"
        for name in dict.fromkeys(name for name, _ in cells)
        for severity in severities
        if (name, severity) not in seen
    ]
    if missing:
        raise ValueError(
            f"Expected {file} to have every corruption at the same severities, "
            f"{', '.join(map(str, severities))}. Received: no {few(missing)}."
        )
    return rows


def read_clean_error(path: str | os.PathLike[str]) -> float | None:
    r"""Read the error on clean images that belongs to `read_rows`, or None if it is not there.

    Args:
        path: A run's folder, whose metrics.json is read, or a CSV file with a row whose corruption
            is "clean".

    Returns:
        A share, or None.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As of `read_rows`, or if metrics.json cannot be read.

    Example:
        >>> text = "corruption,severity,error\nclean,,0.125\nfog,1,0.25\n"
        >>> size = pathlib.Path("other.csv").write_text(text)
        >>> read_clean_error("other.csv")
        0.125
    """
    metrics = pathlib.Path(path) / "metrics.json"
    if metrics.is_file():
        try:
            accuracy = json.loads(metrics.read_text(encoding="utf-8"))["clean"]["accuracy"]
            return 1.0 - accuracy
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"Expected {metrics} to have a clean accuracy. Received: {error}."
            ) from error
    clean = [row["error"] for row in _read(_csv_file(path)) if row["corruption"] == CLEAN]
    return clean[0] if clean else None


def few(words: Sequence[str]) -> str:
    """Return the first three words of a list and how many more there are, for an error message."""
    more = f" and {len(words) - 3} more" if len(words) > 3 else ""
    return ", ".join(words[:3]) + more


def _csv_file(path: str | os.PathLike[str]) -> pathlib.Path:
    file = pathlib.Path(path)
    if not file.exists():
        raise FileNotFoundError(
            f"Expected a run or a CSV file. Received: {path}, which does not exist."
        )
    if not file.is_dir():
        return file
    if not (file / "corruptions.csv").is_file():
        raise FileNotFoundError(
            f"Expected a run with corruptions.csv. Received: {path}, which was not measured under "
            "corruptions."
        )
    return file / "corruptions.csv"


def _read(file: pathlib.Path) -> list[dict[str, Any]]:
    """Return the rows of a file, each by itself as it should be."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Expected {file} to be text in UTF-8. Received: {error.reason}."
        ) from error
    lines = csv.reader(text.splitlines())
    header = [name.strip().lower() for name in next(lines, [])]
    if not {"corruption", "severity"} <= {*header} or not {"error", "accuracy"} & {*header}:
        raise ValueError(
            f"Expected {file} to have the columns corruption, severity, and error or accuracy. "
            f"Received: {', '.join(header) or 'none'}."
        )
    if len(set(header)) < len(header):
        raise ValueError(
            f"Expected {file} to have each column once. Received: {', '.join(header)}."
        )
    rows = []
    for number, line in enumerate(lines, start=2):
        if any(value.strip() for value in line):
            where = f"line {number} of {file}"
            if len(line) != len(header):
                raise ValueError(
                    f"Expected {where} to have {len(header)} values. Received: {len(line)}."
                )
            rows.append(_row(dict(zip(header, map(str.strip, line), strict=True)), where))
    return rows


def _row(values: dict[str, str], where: str) -> dict[str, Any]:
    name = values["corruption"].lower().replace(" ", "_").replace("-", "_")
    if name not in (*CORRUPTIONS, CLEAN):
        raise ValueError(
            f"Expected {where} to be of a corruption of the benchmark, or clean. "
            f"Received: {values['corruption']!r}.{suggestion(name, CORRUPTIONS)}"
        )
    severity: int | None = 0
    if name != CLEAN:
        severity = _whole(values["severity"])
        if severity not in SEVERITIES:
            raise ValueError(
                f"Expected {where} to be of severity {SEVERITIES[0]} to {SEVERITIES[-1]}. "
                f"Received: {values['severity']!r}."
            )
    row: dict[str, Any] = {"corruption": name, "severity": severity}
    for column in ("accuracy", "error"):
        if column in values:
            row[column] = _share(values[column], column, where)
    row.setdefault("accuracy", 1.0 - row.get("error", 0.0))
    row.setdefault("error", 1.0 - row["accuracy"])
    if abs(row["accuracy"] + row["error"] - 1.0) > 1e-3:
        raise ValueError(
            f"Expected accuracy and error in {where} to sum to 1. "
            f"Received: {row['accuracy']:g} and {row['error']:g}."
        )
    for column, value in values.items():
        if column not in row and (found := _number(value)) is not None:
            row[column] = found
    return row


def _share(text: str, column: str, where: str) -> float:
    value = _number(text)
    if value is None or not 0.0 <= value <= 1.0:
        percent = value is not None and 1.0 < value <= 100.0
        hint = " It looks like percent: divide by 100." if percent else ""
        raise ValueError(
            f"Expected {column} in {where} to be a share in [0, 1]. Received: {text!r}.{hint}"
        )
    return value


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _whole(text: str) -> int | None:
    value = _number(text)
    return int(value) if value is not None and value.is_integer() else None
