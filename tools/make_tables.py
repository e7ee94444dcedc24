"""Fill the tables of README.md and of docs/ from the JSON of finished runs.

    python tools/make_tables.py            rewrite the pages
    python tools/make_tables.py --check    change nothing; exit status 1 when a page is stale

A run is a folder `results/<name>/` with the `config.json` and `metrics.json` of its run folder.
Runs of one dataset and preset make a group, `<dataset>-<preset>`, and those of a study,
`results/<study>/<name>/`, one that is called as the study. Its table goes between these lines of
any page:

    <!-- results:<group>:begin -->
    <!-- results:<group>:end -->

A benchmark is a file `results/benchmarks/<name>.json` that the program of that name wrote; its
block is called `benchmark-<name>`.
"""

import argparse
import json
import math
import pathlib
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tf_varmixup.files import write_text  # noqa: E402
from tf_varmixup.metrics.sections import metric_sections  # noqa: E402
from tf_varmixup.report.comparison_columns import default_columns  # noqa: E402
from tf_varmixup.report.comparison_tables import comparison_tables  # noqa: E402
from tf_varmixup.report.formatting import duration  # noqa: E402
from tf_varmixup.report.table_markdown import to_markdown  # noqa: E402
from tf_varmixup.run.compared_runs import compare_runs  # noqa: E402
from tf_varmixup.run.finished_run import FinishedRun, read_run  # noqa: E402

_BLOCK = re.compile(
    r"(<!-- results:(?P<name>[^:\n]+):begin -->\n).*?(<!-- results:(?P=name):end -->)", re.DOTALL
)
_MARKER = re.compile(r"<!-- results:[^:\n]+:(?:begin|end) -->")
_TRIALS = "kill_runs"  # its program writes a file for each kind
_KINDS_OF_TRIALS = ("kills", "damage", "processes", "disk", "inputs")
_VERSIONS = (("python", "Python"), ("tensorflow", "TensorFlow"), ("keras", "Keras"))


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
    for name in blocks:
        if not any(f"<!-- results:{name}:begin -->" in text for text in old.values()):
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
        try:
            blocks[name] = runs_block(runs)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return blocks | benchmark_blocks(results / "benchmarks")


def read_runs(folder: pathlib.Path) -> dict[str, list[FinishedRun]]:
    """Read every run `<folder>/<name>/` and `<folder>/<study>/<name>/`.

    Returns:
        A dict of group, `<dataset>-<preset>` or `<study>`, to a list of runs, the baseline `erm`
        first, then by method and seed.

    Raises:
        ValueError: If a folder with a config.json is not that of a finished run.
    """
    groups: dict[str, list[FinishedRun]] = {}
    for path in sorted(folder.glob("*/config.json")):
        run = read_run(path.parent)
        groups.setdefault(f"{run.config['dataset']}-{run.config['preset']}", []).append(run)
    for path in sorted(folder.glob("*/*/config.json")):
        groups.setdefault(path.parent.parent.name, []).append(read_run(path.parent))
    for runs in groups.values():
        runs.sort(key=lambda run: (run.config["method"] != "erm", run.config["method"], run.seed))
    return groups


def runs_block(runs: Sequence[FinishedRun]) -> str:
    """Write a group's table, and under it how to read it, its seeds, hardware and commands.

    Differences to the baseline have a table of their own where several seeds give them intervals.

    Raises:
        ValueError: If the runs cannot stand in one table.
    """
    comparison = compare_runs(runs)
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
    commands = dict.fromkeys(row.runs[0].config["command"] for row in comparison.rows)
    return "\n".join(
        [
            *lines,
            f"Seeds: {seeds}. Time: {duration(sum(times) / len(times))} per run on average.",
            "",
            *(
                f"Hardware: {hardware}.\n"
                for hardware in dict.fromkeys(_hardware(run.metrics) for run in runs)
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


def corruptions_block(content: Mapping[str, Any]) -> str:
    """Write the speed of every corruption beside the libraries'."""
    sizes = list(dict.fromkeys(row["size"] for row in content["rows"]))
    found = {(row["corruption"], row["size"]): row for row in content["rows"]}
    lines = [
        "| Images per second on one core | "
        + " | ".join(f"{size}: ours | libraries | ratio" for size in sizes)
        + " |",
        "|---|" + "--:|" * (3 * len(sizes)),
    ]
    for corruption in dict.fromkeys(row["corruption"] for row in content["rows"]):
        rows = [found[corruption, size] for size in sizes]
        cells = [
            f"{row['ours']:,.0f} | {row['libraries']:,.0f} | {row['ratio']:.1f}" for row in rows
        ]
        lines.append(f"| {corruption} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", f"`{content['command']}`; {_hardware(content)}.", ""])


def grid_block(content: Mapping[str, Any]) -> str:
    """Write the time and memory of the whole grid."""
    return (
        f"All 95 cells of {content['pictures']:,} images take {content['seconds']:.0f} s and at "
        f"most {content['memory_in_gigabytes']:.2f} GB "
        f"(`{content['command']}`; {_hardware(content)}).\n"
    )


def training_step_block(content: Mapping[str, Any]) -> str:
    """Write the speed of a training step beside PyTorch's."""
    kinds = ("keras", "pytorch eager", "pytorch compiled")
    lines = [
        "| Images per second | this library | PyTorch, eager | PyTorch, compiled "
        "| ratio to the faster |",
        "|---|--:|--:|--:|--:|",
    ]
    for row in content["rows"]:
        rates = " | ".join(f"{row[kind]:,.0f}" if kind in row else "-" for kind in kinds)
        lines.append(f"| {row['network']} | {rates} | {row['ratio']:.2f} |")
    versions = f"{_hardware(content)}, PyTorch {content['pytorch']}"
    return "\n".join([*lines, "", f"`{content['command'].strip()}`; {versions}.", ""])


def main_job_block(content: Mapping[str, Any]) -> str:
    """Write what the parts of the main job cost beside each other."""
    lines = ["| Part | Images per second | time beside | ratio |", "|---|--:|---|--:|"]
    for row in content["rows"]:
        lines.append(
            f"| {row['part']} | {row['rate']:,.0f} | {row['beside']} | {row['ratio']:.3f} |"
        )
    return "\n".join([*lines, "", f"`{content['command']}`; {_hardware(content)}.", ""])


def streaming_block(content: Mapping[str, Any]) -> str:
    """Write what streamed images cost beside those in memory."""
    lines = ["| Part | streamed, images per second | beside | ratio |", "|---|--:|--:|--:|"]
    for row in content["rows"]:
        other = f"{row['beside']}: {row['other']:,.0f}"
        lines.append(f"| {row['part']} | {row['rate']:,.0f} | {other} | {row['ratio']:.2f} |")
    lines += ["", "| Images of 224 pixels | streamed, MiB | in memory, MiB |", "|--:|--:|--:|"]
    kept = {(row["images"], row["way"]): row["mebibytes"] for row in content["memory"]}
    for count in sorted({count for count, _ in kept}):
        numbers = " | ".join(f"{kept[count, way]:,.0f}" for way in ("stream", "memory"))
        lines.append(f"| {count:,} | {numbers} |")
    return "\n".join([*lines, "", f"`{content['command']}`; {_hardware(content)}.", ""])


def latent_space_block(content: Mapping[str, Any]) -> str:
    """Write what lies between two images, for each autoencoder and way of mixing."""
    lines = [
        "| Likelihood scale | PSNR, dB | latent gap | way of mixing | gap of midpoints "
        "| Fréchet distance | confidence |",
        "|--:|--:|--:|---|--:|--:|--:|",
    ]
    for row in sorted(content["rows"], key=lambda row: row["scale"]):
        lines.append(
            f"| {row['scale']:g} | {row['psnr']:.1f} | {row['latent_gap']:.3f} | {row['way']} "
            f"| {row['midpoint_gap']:.3f} | {row['frechet_latent_midpoint']:.2f} "
            f"| {row['confidence_latent_midpoint']:.1%} |"
        )
    pixels = content["rows"][0]
    lines.append(
        f"| | | | averages of pixels | 0 | {pixels['frechet_pixel_midpoint']:.2f} "
        f"| {pixels['confidence_pixel_midpoint']:.1%} |"
    )
    lines.append(f"| | | | images themselves | | 0 | {pixels['confidence_image']:.1%} |")
    return "\n".join([*lines, "", f"`{content['command']}`; {_hardware(content)}.", ""])


def latent_tries_block(content: Mapping[str, Any]) -> str:
    """Write what each try at another autoencoder gave, a row for all its ways of mixing."""
    lines = [
        "| Try | minutes | PSNR, dB | Fréchet distance of reconstructions | latent gap | line: "
        "Fréchet distance | norm kept: gap | Fréchet distance | with the larger's residual: gap | "
        "span gap | Fréchet distance | partner |",
        "|---|" + "--:|" * 11,
    ]
    found = {(row["try"], row["way"]): row for row in content["rows"]}
    kept = "norm kept, residual of the larger"
    carried = ", local latents of the larger"
    for name in dict.fromkeys(row["try"] for row in content["rows"]):
        for more in ("", carried) if (name, f"line{carried}") in found else ("",):
            line, norm, residual = (
                found[name, f"{way}{more}"] for way in ("line", "norm kept", kept)
            )
            minutes = f"{line['seconds'] / 60.0:.1f}" if "seconds" in line else ""
            lines.append(
                f"| {name}{more} | {minutes} | {line['psnr']:.1f} "
                f"| {line['frechet_reconstruction']:.2f} | {line['latent_gap']:.3f} "
                f"| {line['frechet_latent_midpoint']:.2f} | {norm['midpoint_gap']:.3f} "
                f"| {norm['frechet_latent_midpoint']:.2f} | {residual['midpoint_gap']:.3f} "
                f"| {residual['span_gap']:.3f} | {residual['frechet_latent_midpoint']:.2f} "
                f"| {residual['partner_share']:.0%} |"
            )
    return "\n".join([*lines, "", f"`{content['command']}`; {_hardware(content)}.", ""])


def pilot_block(content: Mapping[str, Any]) -> str:
    """Write the short trainings that parameters were chosen by."""
    lines = [
        "| Arm | epochs | clean, % | ECE, % | NLL | corrupted, % | ECE, % | NLL |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in content["rows"]:
        numbers = [
            f"{100 * row[f'{part}_accuracy']:.1f} | {100 * row[f'{part}_ece']:.1f} "
            f"| {row[f'{part}_nll']:.3f}"
            for part in ("clean", "corrupted")
        ]
        lines.append(f"| {row['arm']} | {row['epochs']} | {' | '.join(numbers)} |")
    return "\n".join(
        [
            *lines,
            "",
            f"`{content['command']}`; seed {content['rows'][0]['seed']}; {_hardware(content)}.",
            "",
        ]
    )


def method_steps_block(content: Mapping[str, Any]) -> str:
    """Write what a training step of each method costs."""
    lines = ["| Method | images per second | time of a step, ERM's being 1 |", "|---|--:|--:|"]
    lines += [
        f"| {row['method']} | {row['rate']:,.0f} | {row['ratio']:.2f} |" for row in content["rows"]
    ]
    network = f"{content['classifier']}, batch {content['batch_size']}"
    return "\n".join([*lines, "", f"`{content['command']}`; {network}; {_hardware(content)}.", ""])


def metrics_block(content: Mapping[str, Any]) -> str:
    """Write what the streaming metrics take beside torchmetrics'."""
    lines = [
        "| Metric | ours, s | ours, a call for each batch, s | ours, MB | torchmetrics, s "
        "| torchmetrics, MB |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for row in content["rows"]:
        ours, called, other = (row[key] for key in ("ours", "ours, called", "torchmetrics"))
        cells = [f"{ours['seconds']:.2f}", f"{called['seconds']:.2f}" if called else ""]
        cells += [f"{ours['megabytes']:.0f}"]
        cells += [f"{other['seconds']:.2f}", f"{other['megabytes']:.0f}"] if other else ["", ""]
        lines.append(f"| {row['metric']} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"`{content['command']}`; {_hardware(content)}.", ""])


def trials_block(contents: Sequence[Mapping[str, Any]]) -> str:
    """Write how many trials of runs there were, of how many kinds, and how many of them failed."""
    lines = ["| Program | kinds | trials | failures |", "|---|--:|--:|--:|"]
    for content in contents:
        command = re.sub(r" --json \S+", "", content["command"])
        numbers = f"{len(content['rows'])} | {content['trials']} | {content['failures']}"
        lines.append(f"| `{command}` | {numbers} |")
    hardware = dict.fromkeys(map(_hardware, contents))
    return "\n".join([*lines, "", f"{'; '.join(hardware)}.", ""])


BENCHMARKS = {
    "corruptions": corruptions_block,
    "corruption_grid": grid_block,
    "training_step": training_step_block,
    "main_job": main_job_block,
    "streaming": streaming_block,
    "method_steps": method_steps_block,
    "metrics": metrics_block,
    "latent_space": latent_space_block,
    "latent_tries": latent_tries_block,
    "pilot": pilot_block,
}


def benchmark_blocks(folder: pathlib.Path) -> dict[str, str]:
    """Write the block of every `<folder>/<name>.json` there is, by `benchmark-<name>`."""
    files = {name: folder / f"{name}.json" for name in BENCHMARKS}
    blocks = {
        f"benchmark-{name}": BENCHMARKS[name](json.loads(path.read_text(encoding="utf-8")))
        for name, path in files.items()
        if path.exists()
    }
    trials = [folder / f"{_TRIALS}_{kind}.json" for kind in _KINDS_OF_TRIALS]
    found = [json.loads(path.read_text(encoding="utf-8")) for path in trials if path.exists()]
    return blocks | ({f"benchmark-{_TRIALS}": trials_block(found)} if found else {})


def fill(text: str, blocks: Mapping[str, str], page: pathlib.PurePath) -> str:
    """Replace what stands between the markers of each block of a page.

    Args:
        text: The page as it is.
        blocks: Dict of a block's name to what it should say.
        page: What error messages call the page.

    Returns:
        The page as it should be.

    Raises:
        ValueError: If there are no results for a block, or a marker has no partner.
    """
    found = [match["name"] for match in _BLOCK.finditer(text)]
    markers = _MARKER.findall(text)
    if len(markers) != 2 * len(found):
        raise ValueError(
            f"Expected results markers of {page} in pairs of begin and end. "
            f"Received: {', '.join(markers)}."
        )
    missing = [name for name in found if name not in blocks]
    if missing:
        raise ValueError(
            f"Expected blocks of {page} to be among {', '.join(sorted(blocks))}. "
            f"Received: {', '.join(missing)}."
        )
    return _BLOCK.sub(lambda match: match[1] + blocks[match["name"]] + match[3], text)


def _hardware(content: Mapping[str, Any]) -> str:
    environment = content["environment"]
    versions = ", ".join(
        f"{name} {environment[key]}" for key, name in _VERSIONS if key in environment
    )
    machine = f"{environment['processor']}, {environment['cores']} cores"
    return f"{machine}, {environment['precision']}; {versions}"


if __name__ == "__main__":
    sys.exit(main())
