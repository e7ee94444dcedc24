"""Short trainings that choose VarMixup's parameters, on validation images alone.

    python benchmarks/pilot.py --autoencoders FOLDER [--arms NAME ...] [--data_dir DIR]
    [--epochs N] [--width N] [--seeds N ...] [--precision NAME] [--json FILE]

Every arm trains the same small network on the same images in the same order, and is measured on
validation images, clean and under the four validation corruptions at severities 1, 3 and 5. The
autoencoders, of two epochs, are those in the folder (`benchmarks/latent_space.py --keep FOLDER`
leaves some there), or are trained first. An arm that the JSON file holds already, at as many
epochs, as wide, in that precision and with the same seed, is not trained again.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import functools
import itertools
import json
import pathlib
import sys
import time

import keras
import numpy as np
import rich
import rich.table

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from models import VariationalAutoencoder, compact
from tf_varmixup import VicinalClassifier, data
from tf_varmixup.corruptions import VALIDATION, corrupt
from tf_varmixup.files import write_json
from tf_varmixup.methods import create
from tf_varmixup.metrics import classification_summary
from tf_varmixup.run import Recipe, environment
from tf_varmixup.training import load_autoencoder, training_batches, warmup_and_decay
from tf_varmixup.training.autoencoder_stage import LEARNING_RATE

IMAGES = 1000  # per cell
SEVERITIES = (1, 3, 5)
HALF = {"clean_share": 0.5}
NOISE = {"noise": 0.1, "noise_draw": "uniform"}
COARSE = {"interpolation": "norm_keeping", "residual": 1.0, "residual_from": "larger"}
DRAWN = {"residual": 1.0, "residual_draw": "uniform"}
# Method, autoencoder (its latents if they are not a map, and its likelihood scale), parameters.
ARMS = {
    "erm": ("erm", None, {}),
    "gaussian, half": ("gaussian", None, HALF | NOISE),
    "mixup, half, alpha 0.3": ("mixup", None, HALF | {"alpha": 0.3}),
    "line, half, noise": ("varmixup", 0.05, HALF | NOISE),
    "line of scale 0.2, half, noise": ("varmixup", 0.2, HALF | NOISE),
    "line of scale 0.2, half, noise, alpha 0.3, residual drawn": (
        "varmixup",
        0.2,
        HALF | NOISE | DRAWN | {"alpha": 0.3},
    ),
    "line of scale 0.2, half, noise, half of the others single": (
        "varmixup",
        0.2,
        HALF | NOISE | {"single_share": 0.5},
    ),
    "line of scale 0.4, half, noise, alpha 0.3, residual drawn": (
        "varmixup",
        0.4,
        HALF | NOISE | DRAWN | {"alpha": 0.3},
    ),
    "circles, half, noise, alpha 0.3, residual drawn": (
        "varmixup",
        ("circles", 0.1),
        HALF | NOISE | DRAWN | {"alpha": 0.3},
    ),
    "circles of scale 0.2, half, noise, alpha 0.3, residual drawn": (
        "varmixup",
        ("circles", 0.2),
        HALF | NOISE | DRAWN | {"alpha": 0.3},
    ),
    # A control: all the same, but nothing is mixed.
    "line of scale 0.2, half, noise, single, residual drawn": (
        "varmixup",
        0.2,
        HALF | NOISE | DRAWN | {"single_share": 1.0},
    ),
    "line of scale 0.2, a quarter clean, noise, alpha 0.3, residual drawn": (
        "varmixup",
        0.2,
        {"clean_share": 0.25} | NOISE | DRAWN | {"alpha": 0.3},
    ),
    "coarse, half, noise, labels by latents": ("varmixup", 0.4, HALF | NOISE | COARSE),
    "coarse, half, noise, labels by residual 0.4": (
        "varmixup",
        0.4,
        HALF | NOISE | COARSE | {"residual_label": 0.4},
    ),
    "coarse, half, noise, labels by residual 0.7": (
        "varmixup",
        0.4,
        HALF | NOISE | COARSE | {"residual_label": 0.7},
    ),
    "coarse, half, noise, labels by residual 0.7, residual drawn": (
        "varmixup",
        0.4,
        HALF | NOISE | COARSE | {"residual_label": 0.7, "residual_draw": "uniform"},
    ),
}
# What each part of the recommended parameters gives: one of them changed, with half clean.
RECOMMENDED = HALF | NOISE | DRAWN | {"alpha": 0.3}
CHANGES = {
    "three quarters clean": {"clean_share": 0.75},
    "three quarters clean, single": {"clean_share": 0.75, "single_share": 1.0},
    "three quarters clean, twice the noise": {"clean_share": 0.75, "noise": 0.2},
    "seven eighths clean": {"clean_share": 0.875},
    "no noise": {"noise": 0.0, "noise_draw": "fixed"},
    "no residual": {"residual": 0.0, "residual_draw": "fixed"},
    "the whole residual": {"residual_draw": "fixed"},
    "alpha 1": {"alpha": 1.0},
    "latents drawn": {"latents": "sample"},
    "single": {"single_share": 1.0},
    "half of the others single": {"single_share": 0.5},
    "norm kept": {"interpolation": "norm_keeping"},
    "a weight per position": {"lambda_per": "position"},
    "a weight per channel": {"lambda_per": "channel"},
    "nearest partners": {"partner": "nearest"},
    "partners of another class": {"partner": "other_class"},
}
ARMS |= {
    "gaussian, three quarters clean": ("gaussian", None, {"clean_share": 0.75} | NOISE),
    "line of scale 0.2, all parts, three quarters clean": (
        "varmixup",
        0.2,
        RECOMMENDED | {"clean_share": 0.75},
    ),
}
ARMS |= {
    f"circles of scale 0.2, all parts, {change}": (
        "varmixup",
        ("circles", 0.2),
        RECOMMENDED | parameters,
    )
    for change, parameters in CHANGES.items()
}
PARTS = ("clean", "corrupted")
METRICS = ("accuracy", "nll", "ece")


def main():
    """Train the arms, print a table, and write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--autoencoders", type=pathlib.Path, required=True, metavar="FOLDER")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS), metavar="NAME")
    parser.add_argument("--data_dir", help="TFDS' data folder")
    parser.add_argument("--epochs", type=int, default=5, metavar="N", help="default: 5")
    parser.add_argument("--width", type=int, default=32, metavar="N", help="default: 32")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], metavar="N", help="default: 0")
    parser.add_argument("--precision", choices=["float32", "mixed_bfloat16"], default="float32")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    keras.config.set_dtype_policy(options.precision)
    dataset = data.load_data("cifar10", options.data_dir)
    kept = {"command": "python benchmarks/pilot.py", "rows": []}
    if options.json and options.json.exists():
        kept = json.loads(options.json.read_text(encoding="utf-8"))
    rows = kept["rows"]
    for arm, seed in itertools.product(options.arms, options.seeds):
        own = {name: getattr(options, name) for name in ("epochs", "width", "precision")}
        same = {"arm": arm, **own, "seed": seed}
        if any(same.items() <= row.items() for row in rows):
            continue
        rows.append(same | measured(arm, seed, dataset, options))
        print_table(rows)
        if options.json:
            kept["environment"] = environment(keras.config.dtype_policy().name)
            write_json(options.json, kept | {"rows": rows})


def measured(arm, seed, dataset, options):
    """Train one arm and measure it on validation images."""
    recipe = recipe_of(dataset, seed)
    name, kind, parameters = ARMS[arm]
    if kind is not None:
        latent, scale = kind if isinstance(kind, tuple) else ("spatial", kind)
        found = autoencoder(options.autoencoders, latent, scale, dataset)
        parameters = parameters | {"autoencoder": found}
    keras.utils.set_random_seed(seed)
    network = compact(dataset.image_shape, dataset.num_classes, width=options.width)
    classifier = VicinalClassifier(network, create(name, **parameters), seed=seed)
    steps = data.steps_per_epoch(dataset.train, recipe.batch_size)
    optimizer = keras.optimizers.SGD(
        warmup_and_decay(0.2, options.epochs * steps),
        momentum=0.9,
        nesterov=True,
        weight_decay=5e-3,
    )
    classifier.compile(optimizer, keras.losses.CategoricalCrossentropy(from_logits=True))
    start = time.perf_counter()
    classifier.fit(
        training_batches(dataset, recipe),
        epochs=options.epochs,
        steps_per_epoch=steps,
        shuffle=False,
        verbose=2,
    )
    return {"seconds": time.perf_counter() - start, **validated(classifier, dataset)}


def validated(classifier, dataset):
    """Measure a classifier on validation images, clean and corrupted."""

    def logits(images):
        parts = [images[start : start + 500] for start in range(0, len(images), 500)]
        return np.concatenate([np.asarray(classifier(part, training=False)) for part in parts])

    images, labels = dataset.validation.images, dataset.validation.labels
    clean = classification_summary(logits(images), labels)
    cells = [
        classification_summary(logits(corrupted), labels[:IMAGES])
        for corrupted in corrupted_images(images[:IMAGES].tobytes(), images.shape[1:])
    ]
    return {
        **{f"clean_{name}": float(clean[name]) for name in METRICS},
        **{f"corrupted_{name}": float(np.mean([one[name] for one in cells])) for name in METRICS},
    }


def recipe_of(dataset, seed):
    """Return the recipe of the trainings' batches."""
    counts = len(dataset.train), len(dataset.test)
    recipe = Recipe("cifar10", preset="quick", seed=seed)
    return recipe.resolved(*counts, dataset.flip, "float32", "none")


def autoencoder(folder, latent, scale, dataset, epochs=2):
    """Load an autoencoder, or train and keep it: the same one for all seeds."""
    recipe = recipe_of(dataset, seed=0)
    name = "scale" if latent == "spatial" else latent
    file = folder / f"{name}{scale:g}.keras"
    if not file.exists():
        keras.utils.set_random_seed(recipe.seed)
        model = VariationalAutoencoder(dataset.image_shape, latent, likelihood_scale=scale)
        steps = data.steps_per_epoch(dataset.train, recipe.batch_size)
        rate = warmup_and_decay(LEARNING_RATE, epochs * steps)
        model.compile(keras.optimizers.Adam(rate))
        model.fit(
            training_batches(dataset, recipe),
            epochs=epochs,
            steps_per_epoch=steps,
            shuffle=False,
            verbose=2,
        )
        folder.mkdir(parents=True, exist_ok=True)
        model.save(file)
    return load_autoencoder(file, dataset.image_shape)


@functools.cache
def corrupted_images(content, shape):
    """Return the validation images of each cell."""
    images = np.frombuffer(content, "uint8").reshape(-1, *shape)
    return [
        np.asarray(corrupt(images, name, severity, seed=5, indices=np.arange(len(images))))
        for name in VALIDATION
        for severity in SEVERITIES
    ]


def print_table(rows):
    """Print the arms so far."""
    table = rich.table.Table(
        "Arm", "seed", *(f"{part}, {name}" for part in PARTS for name in METRICS)
    )
    for row in rows:
        figures = [f"{row[f'{part}_{name}']:.4f}" for part in PARTS for name in METRICS]
        table.add_row(row["arm"], str(row["seed"]), *figures)
    rich.print(table)


if __name__ == "__main__":
    main()
