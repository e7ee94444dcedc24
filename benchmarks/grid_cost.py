"""Time a classifier over the corruption grid beside its forward passes alone.

    python benchmarks/grid_cost.py [--data_dir DIR] [--classifier NAME] [--images N] [--rounds N]
    [--json FILE]

The first N test images of CIFAR-10 are gone through for each of the 19 corruptions at severity 3,
once under it and once as they are, which costs the forward passes alone. They take turns within one
process, and medians are compared. Memory is the most that the process had after each turn; where
it stays, the grid leaves nothing behind. The classifier is not trained: its speed does not depend
on it.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import pathlib
import resource
import statistics
import sys
import time

import keras

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import models
from tf_varmixup import VicinalClassifier, data
from tf_varmixup.corruptions import CorruptionBenchmark, frost_source
from tf_varmixup.evaluation import evaluate_grid, model_predictor, predict_logits
from tf_varmixup.files import write_json
from tf_varmixup.run import Recipe, dtype_policy, environment, resolve_precision

BATCH_SIZE = 500


def main():
    """Measure, print the ratio, and write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data_dir", help="TFDS' data folder")
    parser.add_argument("--classifier", metavar="NAME", help="default: that of train.py")
    parser.add_argument("--images", type=int, default=2000, metavar="N", help="default: 2000")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="default: 3")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    precision = resolve_precision("auto")
    keras.config.set_dtype_policy(dtype_policy(precision))
    dataset = data.load_data("cifar10", options.data_dir)
    recipe = Recipe("cifar10", classifier=options.classifier)
    recipe = recipe.resolved(len(dataset.train), len(dataset.test), dataset.flip, precision, "none")
    network = models.classifier_builder(recipe.classifier)(dataset.image_shape, 10)
    predict = model_predictor(VicinalClassifier(network))
    test = dataset.test.take(options.images)
    benchmark = CorruptionBenchmark(test, "all", severities=[3])
    frost_source()

    def forward():
        for _ in range(len(benchmark)):
            predict_logits(predict, test, BATCH_SIZE)

    def grid():
        evaluate_grid(predict, benchmark, BATCH_SIZE)

    works = {"forward passes": forward, "grid": grid}
    seconds, memory = {name: [] for name in works}, []
    for turn in range(1 + options.rounds):  # the first one traces
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if turn > 0:
                seconds[name].append(time.perf_counter() - start)
        memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9)
        print(f"turn {turn}: at most {memory[-1]:.2f} GB", flush=True)
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    ratio = medians["grid"] / medians["forward passes"]
    cells = f"{len(benchmark)} cells of {len(test):,} images, {recipe.classifier}"
    print(f"{cells}: {medians['grid']:.1f} s, {ratio:.3f} times the forward passes alone")
    if options.json is not None:
        command = "python benchmarks/grid_cost.py " + " ".join(sys.argv[1:])
        content = {
            "command": command.strip(),
            "environment": environment(keras.config.dtype_policy().name),
            "classifier": recipe.classifier,
            "images": len(test),
            "seconds": seconds,
            "ratio": ratio,
            "memory_in_gigabytes": memory,
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        write_json(options.json, content)


if __name__ == "__main__":
    main()
