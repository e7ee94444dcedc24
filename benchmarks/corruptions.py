"""Speed of every corruption beside the same one made with SciPy, scikit-image, OpenCV and Pillow,
on one core.

    pip install -r requirements-test.txt
    python benchmarks/corruptions.py                     all corruptions at 32, 64 and 224 pixels
    python benchmarks/corruptions.py --sizes 32 --corruptions fog snow

Both run in turn in one process that is bound to one core, on the same pictures and constants, all
five severities; the fastest of several rounds counts. Loading the frost photographs and tracing the
graphs is left out of both. The table goes to the terminal and, with `--json`, to a file.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import argparse
import json
import pathlib
import sys
import time

import numpy as np
import rich
import rich.progress
import rich.table
import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

import cv2  # noqa: E402
from sklearn import datasets  # noqa: E402

from benchmarks import library_corruptions as libraries  # noqa: E402
from tf_varmixup.corruptions import CORRUPTIONS, SEVERITIES, corrupt  # noqa: E402
from tf_varmixup.corruptions.catalogue import constants  # noqa: E402
from tf_varmixup.run import environment  # noqa: E402

cv2.setNumThreads(1)
PIXELS_AT_ONCE = {"ours": 500 * 32 * 32, "libraries": 20 * 32 * 32}  # of one severity in one round


def pictures(size, count):
    """Cut pieces out of the photographs that ship with scikit-learn."""
    photographs, generator = datasets.load_sample_images().images, np.random.default_rng(0)
    corners = generator.integers(0, [427 - size, 640 - size], (count, 2))
    pieces = [
        photographs[number % 2][top : top + size, left : left + size]
        for number, (top, left) in enumerate(corners)
    ]
    return np.stack(pieces)


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(corruption, size, rounds):
    """Return pictures a second of ours and of the libraries', over all severities."""
    ours, theirs = (pictures(size, max(2, pixels // size**2)) for pixels in PIXELS_AT_ONCE.values())
    generator = np.random.RandomState(0)

    def by_libraries(severity):
        for image in theirs:
            libraries.corrupt(
                image, corruption, constants(corruption, severity, size, size), generator
            )

    fastest = np.full((len(SEVERITIES), 2), np.inf)
    for number in range(rounds + 1):  # the first traces, and does not count
        for row, severity in enumerate(SEVERITIES):
            taken = (
                seconds(lambda: corrupt(ours, corruption, severity, 0).numpy()),
                seconds(lambda: by_libraries(severity)),
            )  # noqa: B023
            if number:
                fastest[row] = np.minimum(fastest[row], taken)
    return tuple(len(SEVERITIES) * np.array([len(ours), len(theirs)]) / fastest.sum(axis=0))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        default=[32, 64, 224],
        metavar="N",
        help="sides of the pictures",
    )
    parser.add_argument(
        "--corruptions", nargs="+", choices=CORRUPTIONS, default=CORRUPTIONS, metavar="NAME"
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="the fastest counts")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    table = rich.table.Table(
        "Corruption", title="Pictures a second on one core: ours, the libraries', and the ratio"
    )
    for size in options.sizes:
        for column in (f"{size}: ours", "libraries", "ratio"):
            table.add_column(column, justify="right")
    rows = []
    for corruption in rich.progress.track(options.corruptions, "measuring", transient=True):
        cells = [corruption]
        for size in options.sizes:
            ours, theirs = measure(corruption, size, options.rounds)
            rows.append(
                {
                    "corruption": corruption,
                    "size": size,
                    "ours": ours,
                    "libraries": theirs,
                    "ratio": ours / theirs,
                }
            )
            cells += [f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.1f}"]
        table.add_row(*cells)
    rich.print(table)
    if options.json is not None:
        command = "python benchmarks/corruptions.py " + " ".join(sys.argv[1:])
        content = {"command": command.strip(), "environment": environment("float32"), "rows": rows}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
