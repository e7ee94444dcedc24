"""Latency and throughput of an exported classifier: TensorFlow, LiteRT and ONNX Runtime.

    python benchmarks/serving.py [SAVED_MODEL] [--classifier NAME] [--batches B ...] [--rounds N]
    [--json FILE]

Without a SavedModel, that of a run, a network with random weights for 32 x 32 images is exported in
the precision that `train.py` takes on this processor. Each way of serving gets the same images, by
turns, on as many threads as there are processors. Printed are the median seconds of a call and the
images per second that follow.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import json
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.fspath(pathlib.Path(__file__).resolve().parent.parent))

import keras
import numpy as np
import rich
import rich.table
import tensorflow as tf

from models import classifier_builder
from tf_varmixup import VicinalClassifier, export_saved_model
from tf_varmixup import run as runs
from tf_varmixup.export import export_formats, read_metadata


def fresh(name, folder):
    """Export a network with random weights."""
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(runs.dtype_policy(runs.resolve_precision("auto")))
    classifier = VicinalClassifier(classifier_builder(name)((32, 32, 3), 10))
    return export_saved_model(folder / "saved_model", classifier, (32, 32, 3), dataset="cifar10")


def of_signature(model, name):
    """Return a function of `uint8` images; it keeps the model, as its signature does not."""
    return lambda images: model.signatures[name](images=tf.constant(images))["label"].numpy()


def ways(saved_model, folder):
    """Return a function of `uint8` images for each way of serving."""
    import onnxruntime
    from ai_edge_litert.interpreter import Interpreter

    (folder / "saved_model").symlink_to(saved_model.resolve(), target_is_directory=True)
    _, litert, onnx = export_formats(folder / "saved_model", ["litert", "onnx"])
    model = tf.saved_model.load(saved_model)
    found = {
        f"TensorFlow, {name}": of_signature(model, name)
        for name in ("serving_default", "serving_float32")
        if name in model.signatures
    }
    run = Interpreter(os.fspath(litert), num_threads=os.cpu_count()).get_signature_runner()
    found["LiteRT"] = lambda images: run(images=images)["label"]
    session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    found["ONNX Runtime"] = lambda images: session.run(["label"], {"images": images})[0]
    return found


def seconds(serve, images):
    """Return the seconds of a call."""
    start = time.perf_counter()
    serve(images)
    return time.perf_counter() - start


def main():
    """Measure, print a table, and write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("saved_model", nargs="?", type=pathlib.Path, metavar="SAVED_MODEL")
    parser.add_argument(
        "--classifier", default="airbench", metavar="NAME", help="default: airbench"
    )
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 32, 256], metavar="B")
    parser.add_argument("--rounds", type=int, default=30, metavar="N", help="default: 30")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "fresh").mkdir()
        saved_model = options.saved_model or fresh(options.classifier, folder / "fresh")
        (folder / "other").mkdir()
        served = ways(saved_model, folder / "other")
        shape = read_metadata(saved_model)["image_shape"]
    random = np.random.default_rng(0)
    table = rich.table.Table("Batch", "served by", "ms a call", "images/s")
    rows = []
    for batch in options.batches:
        images = random.integers(0, 256, (batch, *shape), dtype="uint8")
        for serve in served.values():  # the first call of a shape is slower than all others
            seconds(serve, images)
        taken = {way: [] for way in served}
        for _ in range(options.rounds):
            for way, serve in served.items():
                taken[way].append(seconds(serve, images))
        for way, times in taken.items():
            median = statistics.median(times)
            rows.append(
                {"batch": batch, "way": way, "seconds": median, "per_second": batch / median}
            )
            table.add_row(str(batch), way, f"{1e3 * median:.2f}", f"{batch / median:,.0f}")
    rich.print(table)
    if options.json is not None:
        command = "python benchmarks/serving.py " + " ".join(sys.argv[1:])
        environment = runs.environment(keras.config.dtype_policy().name)
        content = {"command": command.strip(), "environment": environment, "rows": rows}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
