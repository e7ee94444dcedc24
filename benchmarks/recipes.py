"""Recipes of training, compared on validation images.

    python benchmarks/recipes.py [--arms NAME ...] [--autoencoder FILE] [--data_dir DIR]
    [--epochs N] [--seeds N ...] [--precision NAME] [--json FILE]

Every arm trains by the default preset, with the settings that the arm names (those of VarMixup are
beside its recommended parameters, on the autoencoder of the file), and is measured on validation
images, clean and under the four validation corruptions at severities 1, 3 and 5. An arm that the
JSON file holds already, at as many epochs, in that precision and with the same seed, is not trained
again. Seconds are those of the training alone.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import itertools
import json
import pathlib
import shlex
import sys
import time

import keras

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from pilot import print_table, validated

from tf_varmixup import data
from tf_varmixup.files import write_json
from tf_varmixup.methods import method_signature
from tf_varmixup.run import Recipe, environment
from tf_varmixup.run.presets import recommended
from tf_varmixup.training import load_autoencoder, make_classifier, make_method, training_batches

# Settings beside the default preset's.
ARMS = {
    "sgd, batches of 128, shifts of 2 pixels": {
        "optimizer": "sgd",
        "batch_size": 128,
        "shift": 2 / 32,
    },
    "muon, batches of 128": {"batch_size": 128},
    "muon, batches of 256": {"batch_size": 256},
    "muon, batches of 512": {"batch_size": 512},
}
# For the preset `best`: another network, as published, and by what the default preset has.
ARMS |= {
    "resnet18, sgd, batches of 128, shifts of 4 pixels": {
        "classifier": "resnet18",
        "optimizer": "sgd",
        "batch_size": 128,
        "weight_decay": 5e-3,
        "shift": 1 / 8,
    },
    "resnet18, muon, batches of 256": {"classifier": "resnet18"},
}
# Beside the other recommended parameters.
BOTH = {"residual_from": "both", "residual_label": 0.0}
LARGER = {"residual_from": "larger", "residual_label": 0.7}
VARMIXUP = {
    "alpha 0.3, residual of both": BOTH | {"alpha": 0.3},
    "alpha 0.1, residual of both": BOTH | {"alpha": 0.1},
    "alpha 0.3, residual of both, half of the mixed single": BOTH
    | {"alpha": 0.3, "single_share": 0.5},
    "alpha 0.1, residual of the larger, labels by residual 0.7": LARGER | {"alpha": 0.1},
}
ARMS |= {
    f"varmixup, {arm}": {
        "method": "varmixup",
        "method_parameters": recommended("varmixup") | parameters,
    }
    for arm, parameters in VARMIXUP.items()
}


def main():
    """Train the arms, print a table, and write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS), metavar="NAME")
    parser.add_argument(
        "--autoencoder", type=pathlib.Path, metavar="FILE", help="a vae.keras, for VarMixup"
    )
    parser.add_argument("--data_dir", help="TFDS' data folder")
    parser.add_argument("--epochs", type=int, default=10, metavar="N", help="default: 10")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], metavar="N", help="default: 0")
    parser.add_argument(
        "--precision", choices=["float32", "mixed_bfloat16"], default="mixed_bfloat16"
    )
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    if options.autoencoder is None and any("method" in ARMS[arm] for arm in options.arms):
        parser.error("Expected an --autoencoder for the arms of VarMixup. Received: none.")
    keras.config.set_dtype_policy(options.precision)
    dataset = data.load_data("cifar10", options.data_dir)
    kept = {"command": f"python benchmarks/recipes.py {shlex.join(sys.argv[1:])}", "rows": []}
    if options.json and options.json.exists():
        kept = json.loads(options.json.read_text(encoding="utf-8"))
    rows = kept["rows"]
    for arm, seed in itertools.product(options.arms, options.seeds):
        same = {"arm": arm, "epochs": options.epochs, "precision": options.precision, "seed": seed}
        if any(same.items() <= row.items() for row in rows):
            continue
        rows.append(same | measured(ARMS[arm], seed, dataset, options))
        print_table(rows)
        if options.json:
            kept["environment"] = environment(keras.config.dtype_policy().name)
            write_json(options.json, kept | {"rows": rows})


def measured(settings, seed, dataset, options):
    """Train by a recipe and measure on validation images."""
    settings = {"method": "erm", "epochs": options.epochs, "seed": seed} | settings
    recipe = Recipe("cifar10", **settings)
    precision = keras.config.dtype_policy().name.removeprefix("mixed_")
    counts = len(dataset.train), len(dataset.test)
    recipe = recipe.resolved(*counts, dataset.flip, precision, "none")
    keras.utils.set_random_seed(seed)
    autoencoder = None
    if method_signature(recipe.method).needs_autoencoder:
        autoencoder = load_autoencoder(options.autoencoder, dataset.image_shape)
    classifier = make_classifier(make_method(recipe, autoencoder), dataset, recipe)
    start = time.perf_counter()
    classifier.fit(
        training_batches(dataset, recipe),
        epochs=options.epochs,
        steps_per_epoch=data.steps_per_epoch(dataset.train, recipe.batch_size),
        shuffle=False,
        verbose=2,
    )
    return {"seconds": time.perf_counter() - start, **validated(classifier, dataset)}


if __name__ == "__main__":
    main()
