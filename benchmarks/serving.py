"""Latency and throughput of exported classifiers: TensorFlow, LiteRT and ONNX Runtime.

    python benchmarks/serving.py [SAVED_MODEL ...] [--classifiers NAME ...] [--batches B ...]
    [--threads N] [--rounds N] [--json FILE]

A SavedModel is served by TensorFlow, by each signature it has for images, and converted to LiteRT
and ONNX. Without one, networks of random weights for 32 x 32 images are exported, in the precision
that `train.py` takes on this processor. All get the same images, parts of scikit-learn's two
photographs, and may use the same number of threads.

In each round every way of serving has a turn, whose first call is not timed: threads of the way
before may still be awake. Printed are the median milliseconds of a call over the rounds with the
quartiles, and images per second by the median. All that compute in `float32` must give the same
labels, but where classes are as probable as each other; the table has the share of labels that are
the same as those of TensorFlow in `float32`.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import importlib.metadata
import pathlib
import statistics
import sys
import tempfile
import time

import keras
import numpy as np
import rich
import rich.table
import tensorflow as tf
from sklearn import datasets

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from models import classifier_builder
from tf_varmixup import VicinalClassifier, export_saved_model
from tf_varmixup.export import export_litert, export_onnx, read_metadata
from tf_varmixup.export.conversion import TOLERANCE
from tf_varmixup.files import write_json
from tf_varmixup.run import dtype_policy, environment, resolve_precision

PACKAGES = {"LiteRT": "ai-edge-litert", "ONNX Runtime": "onnxruntime"}  # beside TensorFlow
TIMED = 64  # images of a turn at least, so that calls of a few are timed more than once


def exported(name, folder):
    """Export a network of random weights and return its SavedModel."""
    keras.utils.set_random_seed(0)
    classifier = VicinalClassifier(classifier_builder(name)((32, 32, 3), 10))
    return export_saved_model(folder / name, classifier, (32, 32, 3))


def by_tensorflow(saved_model):
    """Return functions of `uint8` images to outputs, by the name of the signature."""
    model = tf.saved_model.load(saved_model)

    def of(name):
        def serve(images):
            # Named here, since a signature does not keep its model.
            answer = model.signatures[name](images=tf.constant(images))
            return {output: value.numpy() for output, value in answer.items()}

        return serve

    names = dict.fromkeys(["serving_default", read_metadata(saved_model)["float32_signature"]])
    return {name: of(name) for name in names}


def by_litert(saved_model, folder, threads):
    """Convert a SavedModel and return a function of `uint8` images to outputs."""
    from ai_edge_litert.interpreter import Interpreter

    file = export_litert(folder / "classifier.tflite", saved_model)
    run = Interpreter(os.fspath(file), num_threads=threads).get_signature_runner()
    return lambda images: run(images=images)


def by_onnx(saved_model, folder, threads):
    """Convert a SavedModel and return a function of `uint8` images to outputs."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        export_onnx(folder / "classifier.onnx", saved_model),
        options,
        providers=["CPUExecutionProvider"],
    )
    names = [output.name for output in session.get_outputs()]
    return lambda images: dict(zip(names, session.run(names, {"images": images}), strict=True))


def ways(saved_model, folder, threads):
    """Return a function of `uint8` images to outputs for each way of serving."""
    found = {f"TensorFlow, {name}": way for name, way in by_tensorflow(saved_model).items()}
    found["LiteRT"] = by_litert(saved_model, folder, threads)
    found["ONNX Runtime"] = by_onnx(saved_model, folder, threads)
    return found


def photographs(count, image_shape):
    """Return parts of two photographs, `uint8 (count, *image_shape)`."""
    height, width, channels = image_shape
    random = np.random.RandomState(0)
    of = datasets.load_sample_images().images
    parts = []
    for number in range(count):
        whole = of[number % 2]
        top, left = random.randint(len(whole) - height), random.randint(whole.shape[1] - width)
        parts.append(whole[top : top + height, left : left + width, :channels])
    return np.stack(parts)


def same_labels(answers, reference):
    """Return by way the share of labels that are those of `reference`.

    Raises:
        ValueError: If a way that computes in `float32` chose a class that is less probable.
    """
    probabilities, labels = answers[reference]["probabilities"], answers[reference]["label"]
    shares = {}
    for way, answer in answers.items():
        chosen = np.take_along_axis(probabilities, np.asarray(answer["label"])[:, None], 1)[:, 0]
        behind = float((probabilities.max(1) - chosen).max())
        if behind > TOLERANCE and way != "TensorFlow, serving_default":
            raise ValueError(
                f"Expected the labels of {reference} by {way}. "
                f"Received: one that is {behind:.2g} less probable."
            )
        shares[way] = float(np.mean(answer["label"] == labels))
    return shares


def turn(serve, images):
    """Return the median seconds of a call."""
    serve(images)
    taken = []
    for _ in range(-(-TIMED // len(images))):
        start = time.perf_counter()
        serve(images)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def measured(served, reference, images, rounds):
    """Let the ways of serving take turns, and return a row for each."""
    shares = same_labels({way: serve(images) for way, serve in served.items()}, reference)
    taken = {way: [] for way in served}
    for _ in range(rounds):
        for way, serve in served.items():
            taken[way].append(turn(serve, images))
    rows = []
    for way, seconds in taken.items():
        low, middle, high = np.quantile(seconds, [0.25, 0.5, 0.75]).tolist()
        row = {"batch": len(images), "way": way, "seconds": middle, "quartiles": [low, high]}
        rows.append(row | {"rate": len(images) / middle, "same_labels": shares[way]})
    return rows


def main():
    """Measure, print a table, and write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("saved_models", nargs="*", type=pathlib.Path, metavar="SAVED_MODEL")
    add("--classifiers", nargs="+", default=["airbench", "compact"], metavar="NAME")
    add("--batches", type=int, nargs="+", default=[1, 32, 256], metavar="B", help="images a call")
    add("--threads", type=int, metavar="N", help="default: as many as there are cores")
    add("--rounds", type=int, default=15, metavar="N", help="turns of each")
    add("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    tf.get_logger().setLevel("ERROR")
    load_before = os.getloadavg()[0]
    precision = resolve_precision("auto")
    keras.config.set_dtype_policy(dtype_policy(precision))
    machine = environment(keras.config.dtype_policy().name)
    threads = options.threads or machine["cores"]
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        saved_models = {os.fspath(path): path for path in options.saved_models} or {
            name: exported(name, folder) for name in options.classifiers
        }
        for network, saved_model in saved_models.items():
            served = ways(saved_model, folder, threads)
            metadata = read_metadata(saved_model)
            reference = f"TensorFlow, {metadata['float32_signature']}"
            for batch in options.batches:
                images = photographs(batch, metadata["image_shape"])
                of_batch = measured(served, reference, images, options.rounds)
                rows += [{"network": network} | row for row in of_batch]
    table = rich.table.Table(
        "Network", "batch", "served by", "ms a call", "quartiles", "images/s", "same labels"
    )
    for row in rows:
        low, high = row["quartiles"]
        spread = f"{1e3 * low:,.2f} to {1e3 * high:,.2f}"
        numbers = f"{1e3 * row['seconds']:,.2f}", spread, f"{row['rate']:,.0f}"
        share = f"{row['same_labels']:.1%}"
        table.add_row(row["network"], str(row["batch"]), row["way"], *numbers, share)
    rich.print(table)
    if options.json is not None:
        command = "python benchmarks/serving.py " + " ".join(sys.argv[1:])
        content = {
            "command": command.strip(),
            "environment": machine,
            "runtimes": {name: importlib.metadata.version(one) for name, one in PACKAGES.items()},
            "threads": threads,
            "load_before": load_before,  # processes that wanted a core; 0 where none did
            "rows": rows,
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        write_json(options.json, content)


if __name__ == "__main__":
    main()
