"""The learning curves in `history.csv`, as Keras' CSVLogger writes them."""

import csv
import math
import os
import pathlib

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


def truncate(path: str | os.PathLike[str], epochs: int) -> None:
    """Drop the rows of later epochs, which a run that is resumed there will write again.

    Args:
        path: Of `history.csv`; nothing happens where there is no file.
        epochs: Number of epochs to keep.
    """
    path = pathlib.Path(path)
    if not path.exists():
        return
    header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True) or [""]
    write_text(path, "".join([header, *rows[:epochs]]) if epochs else "")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
