"""Time a training step of every method beside a step of ERM, as `train.py` has them.

    python benchmarks/method_steps.py [--data_dir DIR] [--methods NAME ...] [--classifier NAME]
    [--steps N] [--rounds N] [--json FILE]

Each method has the parameters that `train.py` gives it, on a batch that is there already. Methods
take turns within one process, ERM among them, and medians are compared. The autoencoder is not
trained: its speed does not depend on it.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import pathlib
import sys

import keras
import rich
import rich.table
import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from benchmarks.main_job import rates, training_steps
from tf_varmixup import data
from tf_varmixup.files import write_json
from tf_varmixup.methods import method_signature, method_signatures
from tf_varmixup.run import Recipe, dtype_policy, environment, resolve_precision
from tf_varmixup.run.presets import with_recommended

# Methods with other parameters than train.py gives them, and methods in sequence.
OTHERS = {
    "varmixup, the paper's": ("varmixup", {}),
    "augmix, no consistency term": ("augmix", {"consistency": 0.0}),
    "varmixup+augmix": ("varmixup+augmix", {}),
    "varmixup+regmixup": ("varmixup+regmixup", {}),
}


def as_train_gives(name):
    """Return the parameters of a method where no flag is given."""
    signature = method_signature(name)
    defaults = {one.name: one.default for one in signature.parameters}
    return with_recommended(name, defaults, {})


def main():
    """Measure, print a table, and write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data_dir", help="TFDS' data folder")
    known = [*method_signatures(), *OTHERS]
    parser.add_argument("--methods", nargs="+", default=known, metavar="NAME", help="default: all")
    parser.add_argument("--classifier", metavar="NAME", help="default: that of train.py")
    parser.add_argument("--steps", type=int, default=3, metavar="N", help="steps of each turn")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="turns of each")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    tf.get_logger().setLevel("ERROR")
    precision = resolve_precision("auto")
    keras.config.set_dtype_policy(dtype_policy(precision))
    dataset = data.load_data("cifar10", options.data_dir)
    counts = len(dataset.train), len(dataset.test)
    recipe = Recipe("cifar10", classifier=options.classifier)
    recipe = recipe.resolved(*counts, dataset.flip, precision, "none")
    methods = {
        title: OTHERS[title] if title in OTHERS else (title, as_train_gives(title))
        for title in ("erm", *options.methods)
    }
    works = training_steps(dataset, recipe, methods, options.steps)
    found = rates(works, options.rounds)
    rows = [
        {"method": name, "rate": rate, "ratio": found["erm"] / rate} for name, rate in found.items()
    ]
    title = f"{recipe.classifier}, batch {recipe.batch_size}"
    table = rich.table.Table("Method", "images per second", "time / ERM's", title=title)
    for row in rows:
        table.add_row(row["method"], f"{row['rate']:,.0f}", f"{row['ratio']:.2f}")
    rich.print(table)
    if options.json is not None:
        command = "python benchmarks/method_steps.py " + " ".join(sys.argv[1:])
        policy = keras.config.dtype_policy().name
        content = {
            "command": command.strip(),
            "environment": environment(policy),
            "classifier": recipe.classifier,
            "batch_size": recipe.batch_size,
            "rows": rows,
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        write_json(options.json, content)


if __name__ == "__main__":
    main()
