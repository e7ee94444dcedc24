"""Compare the speed of every corruption with that of the usual libraries.

    pip install -r requirements-test.txt
    python benchmarks/corruptions.py                     all corruptions at 32, 64 and 224 pixels
    python benchmarks/corruptions.py --sizes 32 --corruptions fog snow

The libraries are SciPy, scikit-image, OpenCV and Pillow. Both run in turn in one process that is
bound to one core, on the same images and constants, at all five severities; the fastest of several
rounds counts. Loading the frost photographs and tracing the graphs is left out of both. The table
goes to the terminal and, with `--json`, to a file.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import argparse
import pathlib
import sys
import time
from collections.abc import Callable

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
from tf_varmixup.files import write_json  # noqa: E402
from tf_varmixup.run import environment  # noqa: E402

cv2.setNumThreads(1)
PIXELS_AT_ONCE = {"ours": 500 * 32 * 32, "libraries": 20 * 32 * 32}  # of one severity in one round


def photographed(size: int, count: int) -> np.ndarray:
    """Cut pieces `uint8 (count, size, size, 3)` out of the photographs of scikit-learn."""
    photographs, generator = datasets.load_sample_images().images, np.random.default_rng(0)
    corners = generator.integers(0, [427 - size, 640 - size], (count, 2))
    pieces = [
        photographs[number % 2][top : top + size, left : left + size]
        for number, (top, left) in enumerate(corners)
    ]
    return np.stack(pieces)


def seconds(work: Callable[..., object], *arguments: object) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def measure(corruption: str, size: int, rounds: int) -> tuple[float, float]:
    """Return images per second of ours and of the libraries', over all severities."""
    ours, theirs = (
        photographed(size, max(2, pixels // size**2)) for pixels in PIXELS_AT_ONCE.values()
    )
    generator = np.random.RandomState(0)

    def by_us(severity: int) -> None:
        corrupt(ours, corruption, severity, 0).numpy()

    def by_libraries(severity: int) -> None:
        values = constants(corruption, severity, size, size)
        for image in theirs:
            libraries.corrupt(image, corruption, values, generator)

    fastest = np.full((len(SEVERITIES), 2), np.inf)
    for number in range(rounds + 1):  # the first traces, and does not count
        for row, severity in enumerate(SEVERITIES):
            taken = seconds(by_us, severity), seconds(by_libraries, severity)
            if number:
                fastest[row] = np.minimum(fastest[row], taken)
    ours_taken, theirs_taken = fastest.sum(axis=0)
    return len(SEVERITIES) * len(ours) / ours_taken, len(SEVERITIES) * len(theirs) / theirs_taken


def main() -> None:
    """Read the command line, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        default=[32, 64, 224],
        metavar="N",
        help="sides of the images",
    )
    parser.add_argument(
        "--corruptions", nargs="+", choices=CORRUPTIONS, default=CORRUPTIONS, metavar="NAME"
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="the fastest counts")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    table = rich.table.Table(
        "Corruption", title="Images per second on one core: ours, the libraries', and the ratio"
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
        write_json(options.json, content)


if __name__ == "__main__":
    main()
