"""Fill the tables of README.md and of docs/ from the JSON of finished runs.

    python tools/make_tables.py            rewrite the pages
    python tools/make_tables.py --check    change nothing; exit status 1 when a page is stale

A run is a folder `results/<name>/` with the `config.json` and `metrics.json` of its run folder.
Runs of one dataset and preset make a group, `<dataset>-<preset>`, and those of a study,
`results/<study>/<name>/`, one that is called as the study, with rows that are called as the runs'
folders. What a study measured of its runs besides is the group `<study>-<measured>`, in
`results/<study>/<name>/evaluations/<measured>/`. A group's table goes between these lines of any
page:

    <!-- results:<group>:begin -->
    <!-- results:<group>:end -->

`<group>-summary` is a block of the few numbers that matter most, for a page that has no room for
all of them; `<study>-differences` has any row minus any other, paired by seed. `:begin rows: a; b
-->` keeps the rows of these names alone, such as `mixup` or `mixup minus erm`. A benchmark is a
file `results/benchmarks/<name>.json` that the program of that name wrote; its block is called
`benchmark-<name>`.
"""

import argparse
import math
import pathlib
import sys
from collections.abc import Sequence

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tf_varmixup.files import write_text  # noqa: E402
from tf_varmixup.metrics.sections import metric_sections  # noqa: E402
from tf_varmixup.report.comparison_columns import (  # noqa: E402
    default_columns,
    named_columns,
)
from tf_varmixup.report.comparison_tables import comparison_tables  # noqa: E402
from tf_varmixup.report.formatting import duration  # noqa: E402
from tf_varmixup.report.table_markdown import to_markdown  # noqa: E402
from tf_varmixup.run.compared_runs import Comparison, compare_runs  # noqa: E402
from tf_varmixup.run.finished_run import FinishedRun, read_run  # noqa: E402
from tools.benchmark_tables import benchmark_blocks, hardware  # noqa: E402
from tools.current_command import current_command  # noqa: E402
from tools.difference_tables import differences_block  # noqa: E402
from tools.page_blocks import block_names, fill  # noqa: E402

_SUMMARY = (
    "clean.accuracy",
    "corrupted.accuracy",
    "corrupted.ece",
    "corrupted.nll",
    "local_linearity.clean.linearity_error",
    "local_linearity.clean_after_temperature.linearity_error",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill the blocks of all pages, or say which page is stale; returns the exit status."""
    parser = argparse.ArgumentParser(
        description="Fill the tables of README.md and docs/ from results/*/config.json and "
        "metrics.json."
    )
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit status 1 when a page is stale"
    )
    parser.add_argument(
        "--root",
        type=pathlib.Path,
        default=ROOT,
        help="folder that has README.md, docs/ and results/",
    )
    options = parser.parse_args(arguments)
    old = {path: path.read_text(encoding="utf-8") for path in pages(options.root)}
    try:
        blocks = all_blocks(options.root / "results")
        new = {
            path: fill(text, blocks, path.relative_to(options.root)) for path, text in old.items()
        }
    except ValueError as error:
        parser.error(str(error))
    on_pages = {name for text in old.values() for name in block_names(text)}
    for name in blocks:
        is_on_a_page = on_pages & {name, f"{name}-summary"}
        if not name.endswith(("-summary", "-differences")) and not is_on_a_page:
            print(f"no page has a block for {name}", file=sys.stderr)
    stale = [path for path in old if new[path] != old[path]]
    for path in stale:
        if options.check:
            page = path.relative_to(options.root)
            print(f"{page} is stale: run python tools/make_tables.py", file=sys.stderr)
        else:
            write_text(path, new[path])
    return int(options.check and bool(stale))


def pages(root: pathlib.Path) -> list[pathlib.Path]:
    """Return the Markdown pages that may have blocks: README.md and those of docs/."""
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]


def all_blocks(results: pathlib.Path) -> dict[str, str]:
    """Write the block of every group of runs and of every benchmark; returns a dict by name."""
    blocks = {}
    for name, runs in read_runs(results).items():
        of_a_study = runs[0].path.parent != results
        try:
            comparison = compare_runs(runs, labels="folder" if of_a_study else "recipe")
            blocks[name] = runs_block(runs, comparison)
            blocks[f"{name}-summary"] = summary_block(runs, comparison)
            if of_a_study:
                blocks[f"{name}-differences"] = differences_block(runs, comparison)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return blocks | benchmark_blocks(results / "benchmarks")


def read_runs(folder: pathlib.Path) -> dict[str, list[FinishedRun]]:
    """Read every run `<folder>/<name>/` and `<folder>/<study>/<name>/`, and evaluations in these.

    Returns:
        A dict of group, `<dataset>-<preset>`, `<study>` or `<study>-<evaluation>`, to a list of
        runs, the baseline `erm` first, then by method and seed.

    Raises:
        ValueError: If a folder with a config.json is not that of a finished run.
    """
    groups: dict[str, list[FinishedRun]] = {}
    for path in sorted(folder.glob("*/config.json")):
        run = read_run(path.parent)
        groups.setdefault(f"{run.config['dataset']}-{run.config['preset']}", []).append(run)
    for path in sorted(folder.glob("*/*/config.json")):
        groups.setdefault(path.parent.parent.name, []).append(read_run(path.parent))
    for path in sorted(folder.glob("*/*/evaluations/*/config.json")):
        name = f"{path.parents[3].name}-{path.parent.name}"
        run = read_run(path.parent)
        if "method" not in run.config:
            raise ValueError(
                f"Expected {path.parent} to be in the folder of the run that it measures. "
                f"Received: an evaluation of {run.config.get('model')}."
            )
        groups.setdefault(name, []).append(run)
    for runs in groups.values():
        runs.sort(key=lambda run: (run.config["method"] != "erm", run.config["method"], run.seed))
    return groups


def runs_block(runs: Sequence[FinishedRun], comparison: Comparison) -> str:
    """Write a group's table, and under it how to read it, its seeds, hardware and commands.

    Differences to the baseline have a table of their own where several seeds give them intervals.

    Raises:
        ValueError: If the runs cannot stand in one table.
    """
    for path, reason in comparison.not_compared:
        raise ValueError(f"Expected runs that can be compared. Received: {path}, with {reason}.")
    columns = default_columns(metric_sections(run.metrics) for run in runs)
    tables = comparison_tables(comparison, columns)
    lines = [to_markdown(tables["results"]), "", " ".join(tables["results"].notes), ""]
    differences = tables.get("differences")
    if differences and any(
        math.isfinite(one.low) for _, cells in differences.rows for one in cells
    ):
        lines += [f"{differences.title}:", "", to_markdown(differences), ""]
        lines += [" ".join(differences.notes), ""]
    seeds = "; ".join(f"{row.label} {', '.join(map(str, row.seeds))}" for row in comparison.rows)
    times = [sum(run.metrics["timing"].values()) for run in runs]
    commands = dict.fromkeys(current_command(row.runs[0].config) for row in comparison.rows)
    return "\n".join(
        [
            *lines,
            f"Seeds: {seeds}. Time: {duration(sum(times) / len(times))} per run on average.",
            "",
            *(
                f"Hardware: {machine}.\n"
                for machine in dict.fromkeys(hardware(run.metrics) for run in runs)
            ),
            "The commands, for the first seed of each method:",
            "",
            "```sh",
            # Those that train an autoencoder come first.
            *sorted(commands, key=lambda command: "--vae " in command),
            "```",
            "",
        ]
    )


def summary_block(runs: Sequence[FinishedRun], comparison: Comparison) -> str:
    """Write a group's table of a few numbers, those of its runs that have them."""
    sections = [metric_sections(run.metrics) for run in runs]
    found = {
        f"{section}.{metric}" for one in sections for section in one for metric in one[section]
    }
    columns = named_columns([name for name in _SUMMARY if name in found], sections)
    table = comparison_tables(comparison, columns)["results"]
    machines = dict.fromkeys(hardware(run.metrics) for run in runs)
    return "\n".join([to_markdown(table), "", " ".join(table.notes), "", *machines, ""])


if __name__ == "__main__":
    sys.exit(main())
