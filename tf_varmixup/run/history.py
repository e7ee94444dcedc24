"""The learning curves in `history.csv`, as Keras' CSVLogger writes them."""

import csv
import math
import os
import pathlib


def read(path):
    """Read the file.

    Args:
        path: of `history.csv`.

    Returns:
        A dict from column to a list of floats, one an epoch; NaN where a value was not measured.

    Example:
        >>> read("runs/digits-varmixup-seed0/history.csv")["val_accuracy"][-1]
    """
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {column: [_number(row[column]) for row in rows] for column in (rows[0] if rows else ())}


def truncate(path, epochs):
    """Drop the rows of later epochs, which a run that is resumed there will write again.

    Args:
        path: of `history.csv`; nothing happens where there is no file.
        epochs: number of epochs to keep.
    """
    path = pathlib.Path(path)
    if not path.exists():
        return
    header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True) or [""]
    partial = path.with_suffix(".partial")
    partial.write_text("".join([header, *rows[:epochs]]) if epochs else "", encoding="utf-8")
    os.replace(partial, path)


def _number(text):
    try:
        return float(text)
    except ValueError:
        return math.nan
