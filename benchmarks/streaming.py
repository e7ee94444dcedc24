"""Time and memory of streamed images beside those in memory, and beside decoding alone.

    python benchmarks/streaming.py [--data_dir DIR] [--images N] [--json FILE]

- training on CIFAR-10 by ERM, whose step is the shortest, with images in memory and streamed: the
  default classifier and the smallest one;
- the input pipeline alone, of CIFAR-10 in memory and streamed;
- the input pipeline of a folder of JPEG files that is streamed and resized to 224 x 224, beside the
  bare decoding and resizing of these files in as many threads as there are cores;
- the highest memory of an epoch over a tenth and over all of N files of 224 x 224, streamed and in
  memory, each in a process of its own.

What is compared takes turns within one process, each with a pipeline that works in its own turn
alone, and medians are compared. The JPEG files are parts
of scikit-learn's two photographs, in a temporary folder.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import concurrent.futures
import pathlib
import resource
import subprocess
import sys
import tempfile

import keras
import numpy as np
import rich
import rich.table
import tensorflow as tf
from main_job import rates
from PIL import Image
from sklearn import datasets

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tf_varmixup import data, training
from tf_varmixup.data.decode import decode_image
from tf_varmixup.data.limits import resize
from tf_varmixup.files import write_json
from tf_varmixup.run import Recipe, dtype_policy, environment, resolve_precision

SIDE, LARGER = 224, 256
BATCH = 32


def write_photographs(folder, count, side):
    """Write JPEG files of this side, parts of two photographs, to two class folders."""
    random = np.random.RandomState(0)
    photographs = datasets.load_sample_images().images
    for number in range(count):
        of = photographs[number % 2]
        top, left = (random.randint(size - side) for size in of.shape[:2])
        file = pathlib.Path(folder, "ab"[number % 2], f"{number:06}.jpg")
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(of[top : top + side, left : left + side]).save(file, quality=90)


def fits(splits, recipe, steps):
    """Return functions that train on each dataset, batches and steps as in a run."""
    works = {}
    for name, dataset in splits.items():
        model = training.make_classifier(training.make_method(recipe, None), dataset, recipe)
        batches = training.training_batches(dataset, recipe).take(steps)
        model.make_train_function()

        def work(model=model, batches=batches):
            turn = iter(batches)
            for _ in range(steps):
                model.train_function(turn)
            return steps * recipe.batch_size

        works[name] = work
    return works


def pipeline(batches):
    """Return a function that draws a finite number of batches, and works at no other time."""
    return lambda: sum(len(images) for images, _ in batches)


def folder_pipelines(folder, rounds):
    """Return the rates of a streamed folder of JPEG files, and of decoding them alone."""
    split = data.load_data(folder, image_size=SIDE, stream=True).train
    files = [split.images.source.files[row] for row in split.images.rows]
    batches = data.training_batches(split, BATCH, 2, seed=0).take(len(split) // BATCH)
    resized = tf.function(
        lambda image: resize(image, SIDE), input_signature=[tf.TensorSpec((None,) * 3, tf.uint8)]
    )

    def decode():
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as threads:
            return sum(1 for _ in threads.map(lambda file: resized(decode_image(file)), files))

    return rates({"streamed": pipeline(batches), "decoding alone": decode}, rounds)


def highest_memory(folder, stream):
    """Return by how many MiB an epoch raises the highest memory of this process."""
    warm = data.Split(np.zeros((BATCH, SIDE, SIDE, 3), np.uint8), np.zeros(BATCH, np.int64))
    next(iter(data.training_batches(warm, BATCH, 2, seed=0)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    split = data.load_data(folder, stream=stream).train
    batches = iter(data.training_batches(split, BATCH, 2, seed=0))
    for _ in range(len(split) // BATCH):
        next(batches)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def memories(count):
    """Return a row for each number of images and each way, measured in processes of their own."""
    rows = []
    for number in (count // 10, count):
        with tempfile.TemporaryDirectory() as folder:
            write_photographs(folder, number, SIDE)
            for way in ("stream", "memory"):
                command = [sys.executable, __file__, "--measure", way, folder]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                mebibytes = float(done.stdout.splitlines()[-1])
                rows.append({"images": number, "way": way, "mebibytes": mebibytes})
    return rows


def main():
    """Measure, print tables, and write them as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data_dir", help="TFDS' data folder")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="turns of each")
    parser.add_argument("--images", type=int, default=5000, metavar="N", help="of 224 pixels")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    tf.get_logger().setLevel("ERROR")
    if options.measure:
        print(highest_memory(options.measure[1], options.measure[0] == "stream"))
        return
    load_before = os.getloadavg()[0]
    kept = memories(options.images)
    precision = resolve_precision("auto")
    keras.config.set_dtype_policy(dtype_policy(precision))
    ways = {"memory": None, "streamed": True}
    both = {
        name: data.load_data("cifar10", options.data_dir, stream=way) for name, way in ways.items()
    }
    some = both["memory"]
    counts, measured = (len(some.train), len(some.test)), {}
    for classifier, steps in ((None, 5), ("compact", 20)):
        recipe = Recipe("cifar10", method="erm", classifier=classifier)
        recipe = recipe.resolved(*counts, some.flip, precision, "none")
        found = rates(fits(both, recipe, steps), options.rounds)
        measured[f"training on CIFAR-10, {recipe.classifier}"] = found
    measured |= {
        "pipeline of CIFAR-10 alone": rates(
            {
                name: pipeline(training.training_batches(one, recipe).take(40))
                for name, one in both.items()
            },
            options.rounds,
        ),
    }
    with tempfile.TemporaryDirectory() as folder:
        write_photographs(folder, 1600, LARGER)  # many batches, so that none is the last
        title = f"pipeline of JPEG, {LARGER} to {SIDE} pixels"
        measured[title] = folder_pipelines(folder, options.rounds)
    rows = []
    for part, found in measured.items():
        [(beside, other)] = [item for item in found.items() if item[0] != "streamed"]
        rate = found["streamed"]
        rows.append(
            {"part": part, "rate": rate, "beside": beside, "other": other, "ratio": rate / other}
        )
    table = rich.table.Table("Part", "streamed, images/s", "beside", "images/s", "ratio")
    for row in rows:
        numbers = f"{row['rate']:,.0f}", row["beside"], f"{row['other']:,.0f}"
        table.add_row(row["part"], *numbers, f"{row['ratio']:.2f}")
    rich.print(table)
    table = rich.table.Table("Images of 224 pixels", "way", "MiB above what was there before")
    for row in kept:
        table.add_row(f"{row['images']:,}", row["way"], f"{row['mebibytes']:,.0f}")
    rich.print(table)
    if options.json is not None:
        command = "python benchmarks/streaming.py " + " ".join(sys.argv[1:])
        policy = keras.config.dtype_policy().name
        content = {
            "command": command.strip(),
            "environment": environment(policy),
            "load_before": load_before,  # processes that wanted a core; 0 where none did
            "rows": rows,
            "memory": kept,
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        write_json(options.json, content)


if __name__ == "__main__":
    main()
