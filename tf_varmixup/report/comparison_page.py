"""One self-contained HTML page about several runs."""

import os
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# The rows of one run's corruption grid, as corruptions.csv has them.
Cells = Sequence[Mapping[str, Any]]


def write_comparison(
    folder: str | os.PathLike[str],
    title: str,
    table_html: str,
    runs: Mapping[str, Sequence[Cells]],
    baseline: str | None = None,
    notes: Iterable[str] = (),
) -> pathlib.Path:
    """Write `report.html`, a page that compares runs, and its plots as `figures/<name>.png`.

    Args:
        folder: Folder to write to; made where there is none.
        title: The page's heading.
        table_html: The table, a `<table>` element that goes into the page as it is; whoever makes
            it escapes what users wrote.
        runs: Mapping of a row's label to its runs, one for each seed; a run is the rows of its
            corruption grid, which may be empty.
        baseline: The label that the others are compared with, or None.
        notes: What the reader should know besides, strings.

    Returns:
        The path of the page.
    """
    raise NotImplementedError
