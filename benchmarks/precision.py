"""Accuracy of the same short trainings in float32 and in bfloat16.

    python benchmarks/precision.py [--data_dir DIR] [--classifier NAME] [--epochs N] [--seeds N]
    [--json FILE]

Both precisions train on the same images in the same order from the same initial weights, by ERM
with the quick preset of `train.py`, which it runs. Printed are the test accuracies of each seed and
the mean of the differences with its standard error.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import rich
import rich.table

ROOT = pathlib.Path(__file__).resolve().parent.parent
PRECISIONS = ("float32", "bfloat16")


def accuracy(options, precision, seed):
    """Run `train.py` once.

    Returns the accuracy on clean test images, the seconds that the classifier trained, and the
    environment.
    """
    with tempfile.TemporaryDirectory() as folder:
        run = pathlib.Path(folder) / "run"
        command = [
            sys.executable,
            ROOT / "train.py",
            "--dataset",
            "cifar10",
            "--preset",
            "quick",
            "--method",
            "erm",
            "--classifier",
            options.classifier,
            "--epochs",
            str(options.epochs),
            "--corruption_pictures",
            "1",
            "--precision",
            precision,
            "--seed",
            str(seed),
            "--run_dir",
            run,
            *(["--data_dir", options.data_dir] if options.data_dir else []),
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    return metrics["clean"]["accuracy"], metrics["timing"]["classifier"], metrics["environment"]


def main():
    """Train, print a table, and write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data_dir", help="TFDS' data folder")
    parser.add_argument("--classifier", default="compact", metavar="NAME", help="default: compact")
    parser.add_argument("--epochs", type=int, default=4, metavar="N", help="default: 4")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="default: 3")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    table = rich.table.Table(
        "Seed", "float32, %", "bfloat16, %", "difference", "time, bfloat16 / float32"
    )
    rows = []
    for seed in range(options.seeds):
        (wide, wide_time, _), (narrow, narrow_time, environment) = (
            accuracy(options, precision, seed) for precision in PRECISIONS
        )
        rows.append(
            {
                "seed": seed,
                "float32": wide,
                "bfloat16": narrow,
                "time_ratio": narrow_time / wide_time,
            }
        )
        table.add_row(
            str(seed),
            f"{100 * wide:.2f}",
            f"{100 * narrow:.2f}",
            f"{100 * (narrow - wide):+.2f}",
            f"{narrow_time / wide_time:.2f}",
        )
    rich.print(table)
    differences = 100 * np.array([row["bfloat16"] - row["float32"] for row in rows])
    error = differences.std(ddof=1) / np.sqrt(len(rows)) if len(rows) > 1 else float("nan")
    print(f"bfloat16 less float32: {differences.mean():+.2f} points, standard error {error:.2f}")
    if options.json is not None:
        command = "python benchmarks/precision.py " + " ".join(sys.argv[1:])
        content = {"command": command.strip(), "environment": environment, "rows": rows}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
