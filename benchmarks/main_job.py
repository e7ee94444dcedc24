"""Time the parts of the main job beside each other, as `train.py --dataset cifar10` has them.

    python benchmarks/main_job.py [--data_dir DIR] [--classifier NAME] [--json FILE]

- a training step of each method beside a step of ERM (pixel mixup included, which costs next to
  nothing);
- the input pipeline alone, shuffling and augmentation included, beside the training step that it
  feeds;
- the evaluation of corrupted images beside the forward passes alone.

The stages are the library's own, so that what is timed is what a run does. What is compared takes
turns within one process, and medians are compared. The autoencoder is not trained: its speed does
not depend on it.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import dataclasses
import pathlib
import statistics
import sys
import time

import keras
import rich
import rich.table
import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from models import VariationalAutoencoder
from tf_varmixup import data, evaluation, training
from tf_varmixup.files import write_json
from tf_varmixup.run import (
    Recipe,
    dtype_policy,
    environment,
    resolve_precision,
)
from tf_varmixup.training.fitted_blur import with_fitted

METHODS = ("erm", "mixup", "varmixup")
GRID_IMAGES = 2000


def rates(works, rounds):
    """Let functions take turns, and return the median of their images per second by name.

    Each returns how many images it worked through; the first round, which traces, is left out.
    """
    measured = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            start = time.perf_counter()
            count = work()
            if number:
                measured[name].append(count / (time.perf_counter() - start))
    return {name: statistics.median(values) for name, values in measured.items()}


def training_steps(dataset, recipe, methods, steps=20):
    """Return functions that take training steps of each method on a batch that is there already.

    `methods` is a dict of what they are called to a method's name and its parameters.
    """
    batch = next(iter(training.training_batches(dataset, recipe)))
    autoencoder = VariationalAutoencoder(dataset.image_shape)
    works = {}
    for title, (name, parameters) in methods.items():
        of_method = dataclasses.replace(recipe, method=name, method_parameters=parameters)
        of_method = with_fitted(of_method, sigma=1.0)  # a step takes as long with any
        method = training.make_method(of_method, autoencoder)
        model = training.make_classifier(method, dataset, of_method)
        batches = iter(tf.data.Dataset.from_tensors(batch).cache().repeat())
        model.make_train_function()

        def work(model=model, batches=batches):
            for _ in range(steps):
                model.train_function(batches)
            return steps * recipe.batch_size

        works[title] = work
    return works


def input_pipeline(dataset, recipe, steps=200):
    """Return a function that draws training batches."""
    batches = iter(training.training_batches(dataset, recipe))

    def work():
        for _ in range(steps):
            next(batches)
        return steps * recipe.batch_size

    return work


def evaluations(dataset, recipe):
    """Return functions that run a classifier over corrupted images, and over as many clean ones."""
    erm = dataclasses.replace(recipe, method="erm", method_parameters={})
    classifier = training.make_classifier(training.make_method(erm, None), dataset, erm)
    predict = evaluation.model_predictor(classifier)
    fewer = dataclasses.replace(recipe, corruption_pictures=GRID_IMAGES)
    benchmark = training.corruption_benchmark(dataset, fewer)
    clean = data.Split(benchmark.images, benchmark.labels)
    count = len(benchmark) * GRID_IMAGES

    def forward():
        for _ in range(len(benchmark)):
            evaluation.predict_logits(predict, clean)
        return count

    def grid():
        evaluation.evaluate_grid(predict, benchmark)
        return count

    return {"forward passes": forward, "corruption grid": grid}


def main():
    """Measure, print a table, and write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data_dir", help="TFDS' data folder")
    parser.add_argument("--classifier", metavar="NAME", help="default: that of train.py")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="turns of each")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    tf.get_logger().setLevel("ERROR")
    precision = resolve_precision("auto")
    keras.config.set_dtype_policy(dtype_policy(precision))
    dataset = data.load_data("cifar10", options.data_dir)
    counts = len(dataset.train), len(dataset.test)
    recipe = Recipe("cifar10", classifier=options.classifier)
    recipe = recipe.resolved(*counts, dataset.flip, precision, "none")

    methods = {name: (name, {}) for name in METHODS}
    found = rates(training_steps(dataset, recipe, methods), options.rounds)
    found |= rates({"input pipeline": input_pipeline(dataset, recipe)}, options.rounds)
    found |= rates(evaluations(dataset, recipe), 2)
    parts = [(f"training step, {name}", name, "erm") for name in METHODS]
    parts += [
        ("input pipeline", "input pipeline", "erm"),
        ("forward passes", "forward passes", "forward passes"),
        ("corruption grid", "corruption grid", "forward passes"),
    ]
    rows = [
        {"part": part, "rate": found[name], "beside": beside, "ratio": found[beside] / found[name]}
        for part, name, beside in parts
    ]
    title = f"{recipe.classifier}, batch {recipe.batch_size}"
    table = rich.table.Table("Part", "images per second", "time beside", "ratio", title=title)
    for row in rows:
        table.add_row(row["part"], f"{row['rate']:,.0f}", row["beside"], f"{row['ratio']:.2f}")
    rich.print(table)
    if options.json is not None:
        command = "python benchmarks/main_job.py " + " ".join(sys.argv[1:])
        policy = keras.config.dtype_policy().name
        content = {"command": command.strip(), "environment": environment(policy), "rows": rows}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        write_json(options.json, content)


if __name__ == "__main__":
    main()
