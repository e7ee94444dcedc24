"""Ways to an autoencoder whose interpolations leave pixel space and stay natural, each tried once.

    python benchmarks/latent_tries.py --json FILE [--tries NAME ...] [--data_dir DIR]
    [--keep FOLDER] [--images FOLDER]

Every try trains an autoencoder on CIFAR-10 for as many epochs and measures, on validation images,
the points halfway between pairs of them, for several ways of mixing; see `docs/latent_space.md`. A
try that the JSON file has, with the same parameters, is not trained again. `--keep` names a folder
for weights, `--images` one for a PNG of a few pairs per try.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import functools
import json
import pathlib
import sys
import time

import keras
import numpy as np
import rich
import rich.table
import tensorflow as tf
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from latent_critics import Acai, Critic, Criticized, PerceptualResynthesis, Resynthesis
from latent_measures import midpoints, span_gap
from latent_models import (
    Blocks,
    CarriedLocals,
    Circles,
    Classes,
    Flow,
    FreeBits,
    Hierarchy,
    Perceptual,
)

from models import VariationalAutoencoder, compact
from tf_varmixup import VarMixup, data
from tf_varmixup.evaluation import latent_space_summary
from tf_varmixup.files import write_json
from tf_varmixup.run import Recipe, environment
from tf_varmixup.training import reference_classifier, training_batches, warmup_and_decay
from tf_varmixup.training.autoencoder_stage import LEARNING_RATE

COMMAND = (
    "python benchmarks/latent_tries.py --data_dir ../shared/tfds "
    "--json results/benchmarks/latent_tries.json"
)
EPOCHS = 2
SCALE = 0.4
WAYS = {
    "line": {},
    "norm kept": {"interpolation": "norm_keeping"},
    "norm kept, residual of the larger": {
        "interpolation": "norm_keeping",
        "residual": 1.0,
        "residual_from": "larger",
    },
}
# Class and parameters; "epochs" is the training's.
TRIES = {
    "pixels": (Blocks, {"block": 1}),
    "averages of 4 x 4 pixels": (Blocks, {"block": 4}),
    "plain": (VariationalAutoencoder, {}),
    "free bits": (FreeBits, {"nats": 0.25}),
    "classes": (Classes, {"weight": 30.0}),
    "flow": (Flow, {"couplings": 6}),
    "circles": (Circles, {"latent_size": 16}),
    "circles 0.2": (Circles, {"latent_size": 16, "likelihood_scale": 0.2}),
    "circles 0.1": (Circles, {"latent_size": 16, "likelihood_scale": 0.1}),
    "harder circles 0.2": (
        Circles,
        {"latent_size": 16, "likelihood_scale": 0.2, "softness": 0.01},
    ),
    "harder circles 0.2, 6 epochs": (
        Circles,
        {"latent_size": 16, "likelihood_scale": 0.2, "softness": 0.01, "epochs": 6},
    ),
    "harder circles 0.3": (
        Circles,
        {"latent_size": 16, "likelihood_scale": 0.3, "softness": 0.01},
    ),
    "harder circles 0.1": (
        Circles,
        {"latent_size": 16, "likelihood_scale": 0.1, "softness": 0.01},
    ),
    "best": (
        Circles,
        {"latent_size": 16, "likelihood_scale": 0.2, "softness": 0.01, "epochs": 30},
    ),
    "hierarchy": (Hierarchy, {"size": 64}),
    "features": (Perceptual, {"feature_scale": 4.0}),
    "critic of distances": (Acai, {"weight": 0.5}),
    "critic of images": (Resynthesis, {"strength": 1.0}),
    "features and critic of images": (
        PerceptualResynthesis,
        {"feature_scale": 4.0, "strength": 1.0},
    ),
}
PAIRS = 8


def main():
    """Train and measure what is not in the file, print tables, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", type=pathlib.Path, required=True, metavar="FILE")
    parser.add_argument("--tries", nargs="+", choices=TRIES, default=list(TRIES), metavar="NAME")
    parser.add_argument("--data_dir", help="TFDS' data folder")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER", help="for weights")
    parser.add_argument("--images", type=pathlib.Path, metavar="FOLDER", help="for PNG files")
    options = parser.parse_args()
    for folder in (options.keep, options.images):
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(options.data_dir, options.keep)
    document = {"command": COMMAND, "rows": []}
    if options.json.exists():
        document = json.loads(options.json.read_text(encoding="utf-8"))
    for name in options.tries:
        same = {"try": name, "parameters": TRIES[name][1]}
        if any(same.items() <= row.items() for row in document["rows"]):
            continue
        autoencoder, trained = bench.train(name)
        rows = [
            same | trained | {"way": way} | bench.measure(method)
            for way, method in ways(autoencoder).items()
        ]
        print_table(rows)
        kept = [row for row in document["rows"] if row["try"] in TRIES and row["try"] != name]
        document["rows"] = sorted(kept + rows, key=lambda row: list(TRIES).index(row["try"]))
        document["environment"] = environment(keras.config.dtype_policy().name)
        write_json(options.json, document)
        if options.images:
            bench.draw(autoencoder, options.images / f"{name.replace(' ', '_')}.png")


def ways(autoencoder):
    """Return the methods whose midpoints are measured, by name."""
    found = {way: VarMixup(autoencoder, **parameters) for way, parameters in WAYS.items()}
    if isinstance(autoencoder, Hierarchy):
        for way, parameters in WAYS.items():
            found[f"{way}, local latents of the larger"] = CarriedLocals(autoencoder, **parameters)
    return found


class Bench:
    """Data, the classifier that judges, and what trains and measures."""

    def __init__(self, data_dir, keep):
        self.dataset = data.load_data("cifar10", data_dir)
        counts = len(self.dataset.train), len(self.dataset.test)
        self.recipe = Recipe("cifar10", batch_size=128).resolved(
            *counts, self.dataset.flip, "float32", "none"
        )
        self.steps = data.steps_per_epoch(self.dataset.train, self.recipe.batch_size)
        self.images = self.dataset.validation.images
        self.keep = keep
        self.reference = self.kept(
            "reference", lambda: reference_classifier(self.dataset, self.recipe)
        )

    def kept(self, name, make):
        """Return a model from the folder that is kept, or make it and keep it."""
        file = self.keep and self.keep / f"{name}.keras"
        if file and file.exists():
            return keras.saving.load_model(file, compile=False)
        model = make()
        if file:
            model.save(file)
        return model

    @functools.cached_property
    def features(self):
        """A classifier's feature maps, of images in [0, 1]; not those of the one that judges."""
        network = self.kept("features", self.train_features)
        stages = [network.get_layer(f"stage{number}").output for number in (1, 2, 3)]
        inputs = keras.Input(self.dataset.image_shape)
        scaled = keras.layers.Rescaling(255.0)(inputs)
        maps = keras.Model(network.input, stages)(scaled, training=False)
        found = keras.Model(inputs, maps)
        found.trainable = False
        return found

    def train_features(self):
        """Train a small classifier for an epoch."""
        keras.utils.set_random_seed(1)
        network = compact(self.dataset.image_shape, self.dataset.num_classes, width=24)
        network.compile(
            keras.optimizers.SGD(warmup_and_decay(0.1, self.steps), momentum=0.9, nesterov=True),
            keras.losses.CategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        self.fit(network, 1)
        return network

    def fit(self, model, epochs):
        """Fit a model to batches as a run has them; returns the seconds."""
        start = time.perf_counter()
        model.fit(
            training_batches(self.dataset, self.recipe),
            epochs=epochs,
            steps_per_epoch=self.steps,
            shuffle=False,
            verbose=2,
        )
        return time.perf_counter() - start

    def train(self, name):
        """Return the autoencoder of a try, trained, and a dict of what its training says."""
        kind, parameters = TRIES[name]
        print(f"{name}: {parameters}", flush=True)
        parameters = dict(parameters)
        epochs = parameters.pop("epochs", EPOCHS)
        shape = self.dataset.image_shape
        keras.utils.set_random_seed(self.recipe.seed)
        if kind is Blocks:
            return Blocks(shape, **parameters), {}
        if issubclass(kind, Perceptual):
            parameters["features"] = self.features
        if issubclass(kind, Criticized):
            parameters["critic"] = Critic(shape, parameters.get("features"))
        autoencoder = kind(image_shape=shape, **{"likelihood_scale": SCALE} | parameters)
        rate = warmup_and_decay(LEARNING_RATE, epochs * self.steps)
        autoencoder.compile(keras.optimizers.Adam(rate))
        seconds = self.fit(autoencoder, epochs)
        if self.keep:
            autoencoder.save_weights(self.keep / f"{name.replace(' ', '_')}.weights.h5")
        return autoencoder, {"epochs": epochs, "seconds": seconds}

    def measure(self, method):
        """Return what `latent_space_summary` says of a method, and more of its midpoints.

        `psnr` is that of reconstructions; `span_gap` the distance of midpoints to the nearest
        combination a x_i + b x_j + c of their ends, in units of half the distance of these;
        `partner_share` the partner's part in the probabilities of both ends' likeliest classes,
        where they differ, of which pixel mixup has a half.
        """
        first = self.images[: len(self.images) // 2]
        second = first[np.roll(np.arange(len(first)), 1)]
        own, shown = midpoints(method, first, second)
        ends = [np.argmax(self.judged(images), -1) for images in (first, second)]
        differ = ends[0] != ends[1]
        theirs = [np.take_along_axis(self.judged(own), end[:, None], 1)[:, 0] for end in ends]
        share = theirs[1] / (theirs[0] + theirs[1])
        errors = np.mean((shown - first) ** 2, (1, 2, 3)) / 255.0**2
        return {
            "psnr": float(np.mean(-10.0 * np.log10(errors))),
            **latent_space_summary(method, self.reference, self.images),
            "span_gap": span_gap(first, second, own),
            "partner_share": float(np.mean(share[differ])),
        }

    def judged(self, images):
        """Return the reference classifier's probabilities."""
        return tf.nn.softmax(self.reference.predict(images, batch_size=250, verbose=0)[1]).numpy()

    def draw(self, autoencoder, file):
        """Write a few pairs: the ends, one reconstructed, midpoints of each way and of pixels."""
        first, second = self.images[:PAIRS], self.images[PAIRS : 2 * PAIRS]
        columns = [first, second, midpoints(VarMixup(autoencoder), first, second)[1]]
        columns += [midpoints(one, first, second)[0] for one in ways(autoencoder).values()]
        columns.append((first.astype("float32") + second) / 2.0)
        grid = np.concatenate([np.concatenate(list(column), 0) for column in columns], 1)
        pixels = np.clip(np.round(grid), 0, 255).astype("uint8")
        image = Image.fromarray(pixels)
        image.resize((3 * image.width, 3 * image.height), Image.Resampling.NEAREST).save(file)


def print_table(rows):
    """Print the rows of one try."""
    first = rows[0]
    table = rich.table.Table(
        *("Way of mixing", "gap", "span gap", "Fréchet distance", "confidence", "partner"),
        title=f"{first['try']}: PSNR {first['psnr']:.1f} dB, latent gap {first['latent_gap']:.3f}, "
        f"Fréchet distance of reconstructions {first['frechet_reconstruction']:.2f}, "
        f"{first.get('seconds', 0.0):.0f} s",
    )
    for row in rows:
        table.add_row(
            row["way"],
            f"{row['midpoint_gap']:.3f}",
            f"{row['span_gap']:.3f}",
            f"{row['frechet_latent_midpoint']:.2f}",
            f"{row['confidence_latent_midpoint']:.1%}",
            f"{row['partner_share']:.2f}",
        )
    rich.print(table)


if __name__ == "__main__":
    main()
