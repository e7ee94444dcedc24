"""The learning curves in `history.csv`: a row per epoch, a column per metric."""

import csv
import io
import math
import os
from collections.abc import Mapping, Sequence

from tf_varmixup.files import write_text


def read(path: str | os.PathLike[str]) -> dict[str, list[float]]:
    r"""Read the file.

    Args:
        path: Of `history.csv`.

    Returns:
        A dict from column to a list of floats, one per epoch; NaN where a value was not measured.

    Example:
        >>> with open("history.csv", "w") as file:
        ...     _ = file.write("epoch,val_ece\n0,0.25\n1,NA\n")
        >>> read("history.csv")
        {'epoch': [0.0, 1.0], 'val_ece': [0.25, nan]}
    """
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {column: [_number(row[column]) for row in rows] for column in (rows[0] if rows else ())}


def write(path: str | os.PathLike[str], rows: Sequence[Mapping[str, float]]) -> None:
    """Write the file, whole or not at all.

    Args:
        path: Of `history.csv`.
        rows: The metrics of each epoch, from the first on.

    Example:
        >>> write("history.csv", [{"loss": 2.0, "val_ece": 0.25}, {"loss": 1.0}])
        >>> read("history.csv")
        {'epoch': [0.0, 1.0], 'loss': [2.0, 1.0], 'val_ece': [0.25, nan]}
    """
    columns = ["epoch", *sorted({name for row in rows for name in row})]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="NA", lineterminator="\n")
    writer.writeheader()
    writer.writerows({"epoch": epoch, **row} for epoch, row in enumerate(rows))
    write_text(path, text.getvalue())


def _number(text: str) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):  # a row that is cut has None in its last columns
        return math.nan
