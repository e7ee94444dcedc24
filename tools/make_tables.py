"""Fill the tables of README.md from the JSON of finished runs.

    python tools/make_tables.py            rewrite README.md
    python tools/make_tables.py --check    change nothing; exit status 1 when README.md is stale

A run is a folder `results/<name>/` with the `config.json` and `metrics.json` of its run folder.
Runs of one data set and preset make a group, `<dataset>-<preset>`, whose table goes between these
lines of README.md:

    <!-- results:<group>:begin -->
    <!-- results:<group>:end -->

A benchmark is a file `results/benchmarks/<name>.json` that the program of that name wrote; its
block is called `benchmark-<name>`.
"""

import argparse
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tf_varmixup.report.formatting import duration  # noqa: E402
from tf_varmixup.report.tables import markdown_table, runs_by_method  # noqa: E402

_BLOCK = re.compile(
    r"(<!-- results:(?P<group>[^:\n]+):begin -->\n).*?(<!-- results:(?P=group):end -->)", re.DOTALL
)
_MARKER = re.compile(r"<!-- results:[^:\n]+:(?:begin|end) -->")
_VERSIONS = (("python", "Python"), ("tensorflow", "TensorFlow"), ("keras", "Keras"))


def read_runs(folder):
    """Read every `<folder>/<name>/config.json` with its `metrics.json`, the baseline `erm` first,
    then by method and seed.

    Returns:
        A dictionary of group, `<dataset>-<preset>`, to a list of (config, metrics).

    Raises:
        ValueError: if a config.json has no metrics.json beside it.
    """
    groups = {}
    for path in sorted(folder.glob("*/config.json")):
        if not (path.parent / "metrics.json").exists():
            raise ValueError(f"{path} must have a metrics.json beside it")
        config, metrics = (
            json.loads((path.parent / name).read_text(encoding="utf-8"))
            for name in ("config.json", "metrics.json")
        )
        groups.setdefault(f"{config['dataset']}-{config['preset']}", []).append((config, metrics))
    for runs in groups.values():
        runs.sort(key=lambda run: (run[0]["method"] != "erm", run[0]["method"], run[0]["seed"]))
    return groups


def _hardware(metrics):
    environment = metrics["environment"]
    versions = ", ".join(
        f"{name} {environment[key]}" for key, name in _VERSIONS if key in environment
    )
    return f"{environment['processor']}, {environment['cores']} cores, {environment['precision']}; {versions}"


def block(runs):
    """Write a group's table, with how to read it, its seeds, its hardware and its commands
    underneath."""
    methods = runs_by_method(runs)
    seeds = "; ".join(
        f"{method} {', '.join(str(config['seed']) for config, _ in group)}"
        for method, group in methods.items()
    )
    times = [sum(metrics["timing"].values()) for _, metrics in runs]
    commands = [group[0][0]["command"] for group in methods.values()]
    return "\n".join(
        [
            markdown_table(runs),
            "",
            "Mean ± sample standard deviation over the seeds. Corrupted: the mean over the 15 benchmark corruptions and 5 severities. "
            "Signed gap: confidence less accuracy. After T: after temperature scaling fitted on validation data.",
            "",
            f"Seeds: {seeds}. Time: {duration(sum(times) / len(times))} a run on average.",
            "",
            *(
                f"Hardware: {hardware}.\n"
                for hardware in dict.fromkeys(_hardware(metrics) for _, metrics in runs)
            ),
            "The commands, for the first seed of each method:",
            "",
            "```sh",
            *sorted(
                dict.fromkeys(commands), key=lambda command: "--vae " in command
            ),  # those that train an autoencoder first
            "```",
            "",
        ]
    )


def corruptions_block(content):
    """Write the speed of every corruption beside the libraries'."""
    sizes = list(dict.fromkeys(row["size"] for row in content["rows"]))
    figures = {(row["corruption"], row["size"]): row for row in content["rows"]}
    lines = [
        "| Pictures a second on one core | "
        + " | ".join(f"{size}: ours | libraries | ratio" for size in sizes)
        + " |",
        "|---|" + "--:|" * (3 * len(sizes)),
    ]
    for corruption in dict.fromkeys(row["corruption"] for row in content["rows"]):
        rows = [figures[corruption, size] for size in sizes]
        cells = [
            f"{row['ours']:,.0f} | {row['libraries']:,.0f} | {row['ratio']:.1f}" for row in rows
        ]
        lines.append(f"| {corruption} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", f"`{content['command']}`; {_hardware(content)}.", ""])


def grid_block(content):
    """Write the time and memory of the whole grid."""
    return (
        f"All 95 cells of {content['pictures']:,} pictures take {content['seconds']:.0f} s and at most "
        f"{content['memory_in_gigabytes']:.2f} GB (`{content['command']}`; {_hardware(content)}).\n"
    )


def training_step_block(content):
    """Write the speed of a training step beside PyTorch's."""
    kinds = ("keras", "pytorch eager", "pytorch compiled")
    lines = [
        "| Pictures a second | this library | PyTorch, eager | PyTorch, compiled | ratio to the faster |",
        "|---|--:|--:|--:|--:|",
    ]
    for row in content["rows"]:
        rates = " | ".join(f"{row[kind]:,.0f}" if kind in row else "-" for kind in kinds)
        lines.append(f"| {row['network']} | {rates} | {row['ratio']:.2f} |")
    return "\n".join(
        [
            *lines,
            "",
            f"`{content['command'].strip()}`; {_hardware(content)}, PyTorch {content['pytorch']}.",
            "",
        ]
    )


def main_job_block(content):
    """Write what the parts of the main job cost beside each other."""
    lines = ["| Part | pictures a second | time beside | ratio |", "|---|--:|---|--:|"]
    for row in content["rows"]:
        lines.append(
            f"| {row['part']} | {row['rate']:,.0f} | {row['beside']} | {row['ratio']:.3f} |"
        )
    return "\n".join([*lines, "", f"`{content['command']}`; {_hardware(content)}.", ""])


BENCHMARKS = {
    "corruptions": corruptions_block,
    "corruption_grid": grid_block,
    "training_step": training_step_block,
    "main_job": main_job_block,
}


def benchmark_blocks(folder):
    """Write the block of every `<folder>/<name>.json` there is; returns a dictionary of
    `benchmark-<name>` to text."""
    files = {name: folder / f"{name}.json" for name in BENCHMARKS}
    return {
        f"benchmark-{name}": BENCHMARKS[name](json.loads(path.read_text(encoding="utf-8")))
        for name, path in files.items()
        if path.exists()
    }


def fill(text, blocks):
    """Replace what stands between the markers of each block.

    Args:
        text: README.md as it is.
        blocks: dictionary of a block's name to what it should say.

    Returns:
        README.md as it should be.

    Raises:
        ValueError: if a block has no figures, or a marker has no partner.
    """
    found = [match["group"] for match in _BLOCK.finditer(text)]
    if len(_MARKER.findall(text)) != 2 * len(found):
        raise ValueError(
            f"each results marker must be a pair of begin and end, got {_MARKER.findall(text)}"
        )
    missing = [name for name in found if name not in blocks]
    if missing:
        raise ValueError(
            f"README.md has blocks for {missing}, but there are figures for {sorted(blocks)}"
        )
    return _BLOCK.sub(lambda match: match[1] + blocks[match["group"]] + match[3], text)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description="Fill the tables of README.md from results/*/config.json and metrics.json."
    )
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit status 1 when README.md is stale"
    )
    parser.add_argument(
        "--root", type=pathlib.Path, default=ROOT, help="folder that has README.md and results/"
    )
    options = parser.parse_args(arguments)
    readme = options.root / "README.md"
    old = readme.read_text(encoding="utf-8")
    try:
        blocks = {group: block(runs) for group, runs in read_runs(options.root / "results").items()}
        blocks |= benchmark_blocks(options.root / "results" / "benchmarks")
        new = fill(old, blocks)
    except ValueError as error:
        parser.error(str(error))
    for name in blocks:
        if f"<!-- results:{name}:begin -->" not in old:
            print(f"no block for {name} in README.md", file=sys.stderr)
    if options.check:
        if new != old:
            print("README.md is stale: run python tools/make_tables.py", file=sys.stderr)
        return int(new != old)
    if new != old:
        readme.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
