"""Compare finished runs: means over seeds, differences to a baseline, and who cannot be compared.

    python -m tf_varmixup.compare runs/digits-* --output comparison

writes `comparison.md` with all tables, each table as CSV and for LaTeX, `report.html` and
`comparison.json`, which says what was compared with what and why the others were not.
"""

import argparse
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tf_varmixup.commands.arguments import OneLineParser, fraction

if TYPE_CHECKING:
    from tf_varmixup.report.table import Table
    from tf_varmixup.run.compared_row import ComparedRow
    from tf_varmixup.run.compared_runs import Comparison

PROGRAM = "python -m tf_varmixup.compare"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and write the comparison.

    Args:
        arguments: The command line's arguments; None for those of the process.

    Raises:
        SystemExit: With status 2 and one line for anything wrong with the input, with status 130
            where it is interrupted.

    Example:
        >>> main(["runs/digits-erm-seed0"])  # "... arguments are required: --output"
        Traceback (most recent call last):
            ...
        SystemExit: 2
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        _compare(options)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        parser.exit(130, f"{PROGRAM}: interrupted; the same command may be repeated\n")


def _compare(options: argparse.Namespace) -> None:
    from tf_varmixup.files import write_text
    from tf_varmixup.metrics.sections import metric_sections
    from tf_varmixup.report.comparison_columns import default_columns, named_columns
    from tf_varmixup.report.comparison_files import (
        check_folder,
        comparison_files,
        not_compared_notes,
        remove_former,
    )
    from tf_varmixup.report.comparison_page import write_comparison
    from tf_varmixup.report.comparison_tables import comparison_tables
    from tf_varmixup.report.table_html import to_html
    from tf_varmixup.run.compared_runs import compare_runs
    from tf_varmixup.run.finished_run import read_run

    paths = list(options.runs)
    if options.baseline is not None and (folder := pathlib.Path(options.baseline)).is_dir():
        paths += [] if folder.resolve() in {one.resolve() for one in paths} else [folder]
    asked = {
        "runs": [str(path.resolve()) for path in paths],
        "baseline": options.baseline,
        "columns": options.columns,
        "external": [f"{name}={file.resolve()}" for name, file in options.external],
        "level": options.level,
    }
    if options.labels != "recipe":
        asked["labels"] = options.labels
    check_folder(options.output, asked)
    elsewhere = [_from_elsewhere(name, file) for name, file in options.external]
    runs = [read_run(path) for path in paths]
    comparison = compare_runs(runs, options.baseline, elsewhere, options.level, options.labels)
    sections = [metric_sections(run.metrics) for row in comparison.rows for run in row.runs]
    columns = (
        named_columns(options.columns, sections)
        if options.columns
        else default_columns(sections, corruption_errors=bool(elsewhere))
    )
    tables = comparison_tables(comparison, columns)
    files = comparison_files(comparison, tables, asked)
    options.output.mkdir(parents=True, exist_ok=True)
    remove_former(options.output)
    for name, text in files.items():
        write_text(options.output / name, text)
    write_comparison(
        options.output,
        _title(comparison),
        "\n".join(f'<div class="scroll">{to_html(table)}</div>' for table in tables.values()),
        {row.label: [run.cells for run in row.runs] for row in comparison.rows},
        None if comparison.baseline is None else comparison.baseline.label,
        [
            *dict.fromkeys(note for table in tables.values() for note in table.notes),
            *not_compared_notes(comparison),
        ],
        tables.get("differences"),
    )
    _print(comparison, tables["results"], options.output)


def _from_elsewhere(name: str, file: pathlib.Path) -> "ComparedRow":
    from tf_varmixup.evaluation.corruption_rows import read_rows
    from tf_varmixup.run.compared_row import ComparedRow
    from tf_varmixup.run.finished_run import FinishedRun

    return ComparedRow(name, (FinishedRun(file, {}, {}, read_rows(file)),))


def _title(comparison: "Comparison") -> str:
    datasets = dict.fromkeys(
        run.config["dataset"]
        for row in comparison.rows
        for run in row.runs
        if "dataset" in run.config
    )
    return "Comparison on " + ", ".join(datasets) if datasets else "Comparison"


def _print(comparison: "Comparison", table: "Table", output: pathlib.Path) -> None:
    """Print the numbers, what could not be compared, and where the files are."""
    import rich

    from tf_varmixup.commands.console import say
    from tf_varmixup.report.table_terminal import to_terminal

    rich.print(to_terminal(table))
    for note in table.notes:
        say("note", note)
    for name, reason in comparison.not_compared:
        say("left out", f"{name} is not compared: {reason}")
    say(
        "written",
        f"{output / 'report.html'}, {output / 'comparison.md'}, and each table, whole, as .csv and "
        ".tex",
    )


def _external(text: str) -> tuple[str, pathlib.Path]:
    """Argument type: a name and a file."""
    name, _, file = text.partition("=")
    if not name or not file:
        raise argparse.ArgumentTypeError(f"expected NAME=FILE.csv, received {text!r}")
    return name, pathlib.Path(file)


def _columns(text: str) -> list[str]:
    """Argument type: names with commas between them."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError(
            f"expected names such as clean.accuracy, received {text!r}"
        )
    return names


def _level(text: str) -> float:
    """Argument type: a number between 0 and 1."""
    value = fraction(text)
    if value in (0.0, 1.0):
        raise argparse.ArgumentTypeError(f"expected a number between 0 and 1, received {text!r}")
    return value


def _parser() -> OneLineParser:
    parser = OneLineParser(prog=PROGRAM, allow_abbrev=False, description=__doc__.split("\n")[0])
    add = parser.add_argument
    add(
        "runs",
        nargs="+",
        type=pathlib.Path,
        metavar="RUN",
        help="folder of a finished run, or of an evaluation",
    )
    add(
        "--output",
        required=True,
        type=pathlib.Path,
        metavar="DIR",
        help="a new folder, or that of the same comparison",
    )
    add(
        "--baseline",
        metavar="NAME_OR_RUN",
        help="what differences are to: a method, the label of a row, or a run's folder (default: "
        "erm where there is one)",
    )
    add(
        "--columns",
        type=_columns,
        metavar="NAMES",
        help="sections and metrics of metrics.json with commas between them, such as "
        "clean.accuracy,corrupted.ece (default: accuracy, ECE, signed gap and NLL, and whatever "
        "else was measured)",
    )
    add(
        "--external",
        action="append",
        default=[],
        type=_external,
        metavar="NAME=FILE.csv",
        help="results from elsewhere: a file with the columns corruption, severity, and error or "
        "accuracy; may be repeated",
    )
    add(
        "--level",
        type=_level,
        default=0.95,
        metavar="P",
        help="level of the intervals of differences (default: 0.95)",
    )
    add(
        "--labels",
        choices=("recipe", "folder"),
        default="recipe",
        help="what rows are called by: the method and the settings in which rows of one method "
        "differ, or the names of the runs' folders, without dataset and seed (default: recipe)",
    )
    return parser
