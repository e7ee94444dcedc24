"""What the parts of the main job cost beside each other, with the settings that `train.py --dataset
cifar10` has.

    python benchmarks/main_job.py [--data_dir DIR] [--classifier NAME] [--json FILE]

- a training step of each method beside a step of ERM (pixel mixup included, which costs next to
  nothing);
- the input pipeline alone, shuffling and augmentation included, beside the training step that it
  feeds;
- the evaluation of corrupted pictures beside the forward passes alone.

What is compared takes turns within one process, and medians are compared. The autoencoder is not
    trained: its speed does not depend on it.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import functools
import json
import pathlib
import statistics
import sys
import time

import keras
import rich
import rich.table
import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from models import VariationalAutoencoder, classifier_builder  # noqa: E402
from tf_varmixup import VicinalClassifier, data, methods  # noqa: E402
from tf_varmixup.corruptions import SEVERITIES, CorruptionBenchmark  # noqa: E402
from tf_varmixup.evaluation import evaluate_grid, predict_logits  # noqa: E402
from tf_varmixup.run import dtype_policy, environment, parse_settings, resolve  # noqa: E402

METHODS = ("erm", "mixup", "varmixup")
GRID_PICTURES = 2000


def rates(works, rounds):
    """Let functions take turns; each returns how many pictures it worked through. The medians of
    pictures a second, by name."""
    measured = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            start = time.perf_counter()
            count = work()
            if number:  # the first round traces
                measured[name].append(count / (time.perf_counter() - start))
    return {name: statistics.median(values) for name, values in measured.items()}


def training_steps(images, settings, steps=20):
    """Return functions that take some training steps of each method on batches that are there
    already."""
    batch = next(
        iter(data.training_batches(images.train, settings.batch_size, images.num_classes, seed=0))
    )
    autoencoder = VariationalAutoencoder(images.image_shape)
    works = {}
    for method in METHODS:
        backbone = classifier_builder(settings.classifier)(images.image_shape, images.num_classes)
        model = VicinalClassifier(
            backbone, methods.create(method, autoencoder=autoencoder, alpha=settings.alpha)
        )
        optimizer = keras.optimizers.SGD(
            settings.learning_rate, momentum=0.9, nesterov=True, weight_decay=settings.weight_decay
        )
        model.compile(
            optimizer, keras.losses.CategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
        )
        batches = iter(tf.data.Dataset.from_tensors(batch).cache().repeat())
        model.make_train_function()

        def work(model=model, batches=batches):
            for _ in range(steps):
                model.train_function(batches)
            return steps * settings.batch_size

        works[method] = work
    return works


def input_pipeline(images, settings, steps=200):
    """Return a function that draws training batches."""
    augmentation = functools.partial(
        data.augment, flip=images.flip, padding=int(settings.shift * images.image_shape[0])
    )
    batches = iter(
        data.training_batches(
            images.train, settings.batch_size, images.num_classes, 0, augmentation
        )
    )

    def work():
        for _ in range(steps):
            next(batches)
        return steps * settings.batch_size

    return work


def evaluation(images, settings):
    """Return functions that run a classifier over corrupted pictures, and over as many clean
    ones."""
    backbone = classifier_builder(settings.classifier)(images.image_shape, images.num_classes)
    classifier = VicinalClassifier(backbone)
    predict = tf.function(lambda pictures: classifier(pictures, training=False))
    benchmark = CorruptionBenchmark(images.test, "all", SEVERITIES, max_pictures=GRID_PICTURES)
    pictures = data.Split(benchmark.images, benchmark.labels)
    count = len(benchmark) * GRID_PICTURES

    def forward():
        for _ in range(len(benchmark)):
            predict_logits(predict, pictures)
        return count

    def grid():
        evaluate_grid(predict, benchmark)
        return count

    return {"forward passes": forward, "corruption grid": grid}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data_dir", help="TFDS' data folder")
    parser.add_argument("--classifier", metavar="NAME", help="default: that of train.py")
    parser.add_argument(
        "--rounds", type=int, default=5, metavar="N", help="turns of each (default: 5)"
    )
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    tf.get_logger().setLevel("ERROR")
    keras.config.set_dtype_policy(dtype_policy("auto"))
    images = data.load_data("cifar10", options.data_dir)
    settings = parse_settings(
        [
            "--dataset",
            "cifar10",
            *(["--classifier", options.classifier] if options.classifier else []),
        ]
    )
    resolve(settings, len(images.train), len(images.test))

    found = rates(training_steps(images, settings), options.rounds)
    found["input pipeline"] = rates({"": input_pipeline(images, settings)}, options.rounds)[""]
    found |= rates(evaluation(images, settings), 2)
    rows = [
        {
            "part": f"training step, {name}",
            "rate": found[name],
            "beside": "erm",
            "ratio": found["erm"] / found[name],
        }
        for name in METHODS
    ]
    rows.append(
        {
            "part": "input pipeline",
            "rate": found["input pipeline"],
            "beside": "erm",
            "ratio": found["erm"] / found["input pipeline"],
        }
    )
    passes = found["forward passes"]
    rows.append(
        {"part": "forward passes", "rate": passes, "beside": "forward passes", "ratio": 1.0}
    )
    rows.append(
        {
            "part": "corruption grid",
            "rate": found["corruption grid"],
            "beside": "forward passes",
            "ratio": passes / found["corruption grid"],
        }
    )

    table = rich.table.Table(
        "Part",
        "pictures a second",
        "time beside",
        "ratio",
        title=f"{settings.classifier}, batch {settings.batch_size}",
    )
    for row in rows:
        table.add_row(row["part"], f"{row['rate']:,.0f}", row["beside"], f"{row['ratio']:.2f}")
    rich.print(table)
    if options.json is not None:
        command = "python benchmarks/main_job.py " + " ".join(sys.argv[1:])
        content = {
            "command": command.strip(),
            "environment": environment(keras.config.dtype_policy().name),
            "rows": rows,
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
