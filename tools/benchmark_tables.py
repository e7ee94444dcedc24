"""The tables of benchmarks, written from the JSON of their programs."""

import itertools
import json
import pathlib
import re
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

_TRIALS = "kill_runs"  # its program writes a file for each kind
_KINDS_OF_TRIALS = ("kills", "damage", "processes", "disk", "inputs")
# Parts and metrics of pilots, with what a value is multiplied by and its digits.
_PILOT_PARTS = ("clean", "corrupted")
_PILOT_METRICS = (("accuracy", 100, 1), ("ece", 100, 1), ("nll", 1, 3))
_VERSIONS = (("python", "Python"), ("tensorflow", "TensorFlow"), ("keras", "Keras"))


def hardware(content: Mapping[str, Any]) -> str:
    """Say what a result was measured on, and by which versions."""
    environment = content["environment"]
    versions = ", ".join(
        f"{name} {environment[key]}" for key, name in _VERSIONS if key in environment
    )
    cores = f"{environment['cores']} core{'s' if environment['cores'] != 1 else ''}"
    machine = f"{environment['processor']}, {cores}"
    return f"{machine}, {environment['precision']}; {versions}"


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
    return "\n".join([*lines, "", f"`{content['command']}`; {hardware(content)}.", ""])


def grid_block(content: Mapping[str, Any]) -> str:
    """Write the time and memory of the whole grid."""
    return (
        f"All 95 cells of {content['pictures']:,} images take {content['seconds']:.0f} s and at "
        f"most {content['memory_in_gigabytes']:.2f} GB "
        f"(`{content['command']}`; {hardware(content)}).\n"
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
    versions = f"{hardware(content)}, PyTorch {content['pytorch']}"
    return "\n".join([*lines, "", f"`{content['command'].strip()}`; {versions}.", ""])


def main_job_block(content: Mapping[str, Any]) -> str:
    """Write what the parts of the main job cost beside each other."""
    lines = ["| Part | Images per second | time beside | ratio |", "|---|--:|---|--:|"]
    for row in content["rows"]:
        lines.append(
            f"| {row['part']} | {row['rate']:,.0f} | {row['beside']} | {row['ratio']:.3f} |"
        )
    return "\n".join([*lines, "", f"`{content['command']}`; {hardware(content)}.", ""])


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
    return "\n".join([*lines, "", f"`{content['command']}`; {hardware(content)}.", ""])


def serving_block(content: Mapping[str, Any]) -> str:
    """Write what a call of every way of serving takes, a row for each network and batch."""
    ways = list(dict.fromkeys(row["way"] for row in content["rows"]))
    lines = [
        "| Network | batch | " + " | ".join(f"{way}: ms | images/s" for way in ways) + " |",
        "|---|--:|" + "--:|" * (2 * len(ways)),
    ]
    found = {(row["network"], row["batch"], row["way"]): row for row in content["rows"]}
    for network, batch in dict.fromkeys((network, batch) for network, batch, _ in found):
        cells = []
        for way in ways:
            if (network, batch, way) not in found:
                cells.append(" | ")
                continue
            row = found[network, batch, way]
            low, high = map(_milliseconds, row["quartiles"])
            cells.append(f"{_milliseconds(row['seconds'])} ({low} to {high}) | {row['rate']:,.0f}")
        lines.append(f"| {network} | {batch} | {' | '.join(cells)} |")
    same = min(row["same_labels"] for row in content["rows"])
    versions = [f"{name} {version}" for name, version in content["runtimes"].items()]
    facts = [
        "Medians of a call, in parentheses the quartiles over the rounds",
        "the labels are the same"
        if same == 1.0
        else f"of the labels of each at least {same:.1%} are those of TensorFlow in float32",
        f"`{content['command']}`",
        f"{content['threads']} threads each",
        f"{hardware(content)}, {', '.join(versions)}",
    ]
    if content["load_before"] >= 1.0:
        facts.append(
            "measured beside other work, and to be measured again: "
            f"{content['load_before']:.1f} processes wanted a core when it began"
        )
    return "\n".join([*lines, "", f"{'; '.join(facts)}.", ""])


def _milliseconds(seconds: float) -> str:
    value = 1e3 * seconds
    return f"{value:,.{2 if value < 10.0 else 1 if value < 100.0 else 0}f}"


def image_sizes_block(content: Mapping[str, Any]) -> str:
    """Write what the autoencoder and VarMixup's step cost for larger images."""
    every = (one["classifier"] for row in content["rows"] for one in row["classifiers"])
    names = list(dict.fromkeys(every))
    lines = [
        "| Images | latents | million multiplications | training, images/s | forward, images/s | "
        + " | ".join(f"{name}: millions | erm | varmixup | time / ERM's" for name in names)
        + " |",
        "|---|---|" + "--:|" * (3 + 4 * len(names)),
    ]
    for row in content["rows"]:
        cells = [f"{row['side']} x {row['side']}", row["latents"]]
        cells += [_millions(row), _rate(row["training"]), _rate(row["passes"])]
        found = {one["classifier"]: one for one in row["classifiers"]}
        for name in names:
            if name not in found:
                cells += [""] * 4
                continue
            one = found[name]
            cells += [_millions(one), _rate(one["erm"]), _rate(one["varmixup"])]
            cells += [f"{one['ratio']:.2f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"`{content['command']}`; {hardware(content)}.", ""])


def _millions(row: Mapping[str, Any]) -> str:
    return f"{row['multiplications'] / 1e6:,.0f}"


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}"


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
    return "\n".join([*lines, "", f"`{content['command']}`; {hardware(content)}.", ""])


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
    return "\n".join([*lines, "", f"`{content['command']}`; {hardware(content)}.", ""])


def pilot_block(content: Mapping[str, Any]) -> str:
    """Write the short trainings that parameters were chosen by, of each arm the seeds' mean."""
    return _validated_block(content, ("width", "epochs"))


def recipes_block(content: Mapping[str, Any]) -> str:
    """Write what classifiers reach by several recipes."""
    return _validated_block(content, ("epochs",))


def _validated_block(content: Mapping[str, Any], columns: Sequence[str]) -> str:
    """Write what trainings reached on validation images, of each arm the seeds' mean."""
    names = ["Arm", *columns, "seeds", "clean, %", "ECE, %", "NLL", "corrupted, %", "ECE, %", "NLL"]
    lines = [
        f"| {' | '.join(names)} |",
        f"|---|{'--:|' * len(columns)}---|{'--:|' * 6}",
    ]
    arms: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in content["rows"]:
        # What trainings must have in common to be one row.
        same = (row["arm"], *(row[name] for name in columns), row["precision"])
        arms.setdefault(same, []).append(row)
    for (*settings, _), rows in arms.items():
        seeds = ", ".join(str(row["seed"]) for row in rows)
        cells = [*map(str, settings), seeds]
        for part, (name, factor, digits) in itertools.product(_PILOT_PARTS, _PILOT_METRICS):
            values = [factor * row[f"{part}_{name}"] for row in rows]
            spread = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
            cells.append(f"{statistics.mean(values):.{digits}f}{spread}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"`{content['command']}`; {hardware(content)}.", ""])


def method_steps_block(content: Mapping[str, Any]) -> str:
    """Write what a training step of each method costs."""
    lines = ["| Method | images per second | time of a step, ERM's being 1 |", "|---|--:|--:|"]
    lines += [
        f"| {row['method']} | {row['rate']:,.0f} | {row['ratio']:.2f} |" for row in content["rows"]
    ]
    network = f"{content['classifier']}, batch {content['batch_size']}"
    return "\n".join([*lines, "", f"`{content['command']}`; {network}; {hardware(content)}.", ""])


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
    return "\n".join([*lines, "", f"`{content['command']}`; {hardware(content)}.", ""])


def trials_block(contents: Sequence[Mapping[str, Any]]) -> str:
    """Write how many trials of runs there were, of how many kinds, and how many of them failed."""
    lines = ["| Program | kinds | trials | failures |", "|---|--:|--:|--:|"]
    for content in contents:
        command = re.sub(r" --json \S+", "", content["command"])
        numbers = f"{len(content['rows'])} | {content['trials']} | {content['failures']}"
        lines.append(f"| `{command}` | {numbers} |")
    machines = dict.fromkeys(map(hardware, contents))
    return "\n".join([*lines, "", f"{'; '.join(machines)}.", ""])


BENCHMARKS = {
    "corruptions": corruptions_block,
    "corruption_grid": grid_block,
    "training_step": training_step_block,
    "main_job": main_job_block,
    "streaming": streaming_block,
    "serving": serving_block,
    "image_sizes": image_sizes_block,
    "method_steps": method_steps_block,
    "metrics": metrics_block,
    "latent_space": latent_space_block,
    "latent_tries": latent_tries_block,
    "pilot": pilot_block,
    "pilot_seeds": pilot_block,
    "recipes": recipes_block,
    "recipes_varmixup": recipes_block,
    "recipes_best": recipes_block,
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
