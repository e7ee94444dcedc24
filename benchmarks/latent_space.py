"""What lies halfway between two images, for autoencoders of several rates and ways of mixing.

    python benchmarks/latent_space.py [--data_dir DIR] [--epochs N] [--scales S ...]
    [--keep FOLDER] [--json FILE]
    python benchmarks/latent_space.py --plot docs/images/latent_space.png --json FILE
    [--tries FILE]

An autoencoder is trained for each likelihood scale; the larger it is, the less the latents hold.
For each way of mixing are printed the gap of its midpoints and their Frechet distance to images, in
the features of a small classifier that neither has seen. All is measured on validation images of
CIFAR-10. With `--plot` nothing is trained: the gap is drawn against the Frechet distance, from a
file that was written before and, beside it, from one of `latent_tries.py`.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import json
import pathlib
import shlex
import sys
import time

import keras
import matplotlib as mpl
import rich
import rich.table
from matplotlib.figure import Figure

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from models import VariationalAutoencoder
from tf_varmixup import VarMixup, data
from tf_varmixup.evaluation import latent_space_summary
from tf_varmixup.files import write_json
from tf_varmixup.report.style import DPI, LIGHT_BLUE, MUTED, STYLE
from tf_varmixup.run import Recipe, environment
from tf_varmixup.training import reference_classifier, training_batches, warmup_and_decay
from tf_varmixup.training.autoencoder_stage import LEARNING_RATE

WAYS = {
    "line": {},
    "line, residuals of both": {"residual": 1.0},
    "line, residual of the larger": {"residual": 1.0, "residual_from": "larger"},
    "norm kept": {"interpolation": "norm_keeping"},
    "norm kept, residuals of both": {"interpolation": "norm_keeping", "residual": 1.0},
    "norm kept, residual of the larger": {
        "interpolation": "norm_keeping",
        "residual": 1.0,
        "residual_from": "larger",
    },
}


def main():
    """Train, measure, print a table, and write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data_dir", help="TFDS' data folder")
    parser.add_argument("--epochs", type=int, default=2, metavar="N", help="default: 2")
    parser.add_argument(
        "--scales", type=float, nargs="+", default=[0.05, 0.1, 0.2, 0.4], metavar="S"
    )
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER", help="for the autoencoders")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    parser.add_argument("--plot", type=pathlib.Path, metavar="FILE", help="draw a written file")
    parser.add_argument("--tries", type=pathlib.Path, metavar="FILE", help="what to draw beside it")
    options = parser.parse_args()
    if options.plot:
        files = [file for file in (options.json, options.tries) if file]
        rows = [json.loads(file.read_text(encoding="utf-8"))["rows"] for file in files]
        with mpl.rc_context(STYLE):
            plot(*rows).savefig(options.plot, dpi=DPI)
        return
    dataset = data.load_data("cifar10", options.data_dir)
    counts = len(dataset.train), len(dataset.test)
    recipe = Recipe("cifar10", batch_size=128).resolved(*counts, dataset.flip, "float32", "none")
    images = dataset.validation.images
    reference = reference_classifier(dataset, recipe)
    steps = data.steps_per_epoch(dataset.train, recipe.batch_size)
    rows = []
    for scale in options.scales:
        keras.utils.set_random_seed(recipe.seed)
        autoencoder = VariationalAutoencoder(dataset.image_shape, likelihood_scale=scale)
        rate = warmup_and_decay(LEARNING_RATE, options.epochs * steps)
        autoencoder.compile(keras.optimizers.Adam(rate))
        start = time.perf_counter()
        autoencoder.fit(
            training_batches(dataset, recipe),
            epochs=options.epochs,
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
        )
        seconds = time.perf_counter() - start
        measured = autoencoder.evaluate(images, batch_size=250, verbose=0, return_dict=True)
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            autoencoder.save(options.keep / f"scale{scale:g}.keras")
        for way, parameters in WAYS.items():
            summary = latent_space_summary(VarMixup(autoencoder, **parameters), reference, images)
            rows.append(
                {
                    "scale": scale,
                    "psnr": float(measured["psnr"]),
                    "kl": float(measured["kl"]),
                    "seconds": seconds,
                    "way": way,
                    **summary,
                }
            )
        print_table(rows[-len(WAYS) :])
    if options.json:
        document = {
            "command": f"python benchmarks/latent_space.py {shlex.join(sys.argv[1:])}",
            "environment": environment(keras.config.dtype_policy().name),
            "rows": rows,
        }
        write_json(options.json, document)


def plot(rows, tries=()):
    """Draw the gap of midpoints against their Frechet distance, and beside it that of tries."""
    figure = Figure(figsize=(7.2, 8.4 if tries else 4.2), layout="constrained")
    axes = figure.subplots(2 if tries else 1, squeeze=False)[:, 0]
    for axis in axes:
        pixels = rows[0]["frechet_pixel_midpoint"]
        axis.axhline(pixels, linestyle="--", color=MUTED)
        axis.text(0.01, 0.85 * pixels, "averages of pixels", size=7, color=MUTED)
        axis.set_yscale("log")
        axis.set_ylabel("Fréchet distance to images")
        axis.set_xlabel("gap of midpoints (0: mixup in pixel space)")
    plot_ways(axes[0], rows)
    if tries:
        plot_tries(axes[1], tries)
    for axis in axes:
        axis.set_xlim(0.0)
    return figure


def plot_ways(axes, rows):
    """Draw a line for each way of mixing, through autoencoders of several scales."""
    for way in WAYS:
        own = sorted((row for row in rows if row["way"] == way), key=lambda row: row["scale"])
        gaps = [row["midpoint_gap"] for row in own]
        distances = [row["frechet_latent_midpoint"] for row in own]
        residual = ("larger" in way) + 2 * ("both" in way)
        style = {"color": f"C{residual}", "linestyle": ":" if way.startswith("line") else "-"}
        axes.plot(gaps, distances, marker="o", label=way, **style)
        annotate(axes, f"{own[-1]['scale']:g}", (gaps[-1], distances[-1]))
    axes.set_title("Midpoints between two images: ways of mixing")
    axes.legend(title="Way of mixing (number: likelihood scale)", fontsize=7, title_fontsize=7)


def plot_tries(axes, rows):
    """Draw two numbered points for each try, the plainest and the recommended way of mixing."""
    names = list(dict.fromkeys(row["try"] for row in rows))
    pixels = rows[0]["frechet_pixel_midpoint"]
    ways = (
        ("line", "latent_gap", "o", "straight line; the decoder's own gap"),
        ("norm kept, residual of the larger", "midpoint_gap", "s", None),
    )
    for way, gap, marker, label in ways:
        own = [row for row in rows if row["way"] == way]
        places = [(row[gap], row["frechet_latent_midpoint"]) for row in own]
        axes.scatter(*zip(*places, strict=True), marker=marker, label=label or way, clip_on=False)
        for row, place in zip(own, places, strict=True):
            annotate(axes, str(names.index(row["try"]) + 1), place)
    (low, high), (_, right) = axes.get_ylim(), axes.get_xlim()
    goal = {"color": LIGHT_BLUE, "alpha": 0.4, "linewidth": 0, "label": "what was aimed at"}
    axes.fill_between([0.5, right], low, pixels / 2.0, zorder=0, **goal)
    axes.set_ylim(low, high)
    axes.set_title("Midpoints between two images: autoencoders that were tried")
    legend = "\n".join(f"{number} {name}" for number, name in enumerate(names, start=1))
    axes.text(1.02, 1.0, legend, size=7, va="top", transform=axes.transAxes)
    axes.legend(fontsize=7)


def annotate(axes, text, place):
    """Write beside a point."""
    axes.annotate(text, place, (4, 4), textcoords="offset points", size=7, color=MUTED)


def print_table(rows):
    """Print the rows of one autoencoder."""
    first = rows[0]
    table = rich.table.Table(
        "Way of mixing",
        "gap",
        "Fréchet distance",
        "confidence",
        title=f"likelihood scale {first['scale']:g}: PSNR {first['psnr']:.1f} dB, latent gap "
        f"{first['latent_gap']:.3f}, Fréchet distance of reconstructions "
        f"{first['frechet_reconstruction']:.1f}, of pixel midpoints "
        f"{first['frechet_pixel_midpoint']:.1f}, {first['seconds']:.0f} s",
    )
    for row in rows:
        table.add_row(
            row["way"],
            f"{row['midpoint_gap']:.3f}",
            f"{row['frechet_latent_midpoint']:.1f}",
            f"{row['confidence_latent_midpoint']:.1%}",
        )
    rich.print(table)


if __name__ == "__main__":
    main()
