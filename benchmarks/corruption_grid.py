"""Measure time and memory of the whole CIFAR-10 grid, 95 cells of 10,000 images.

    python benchmarks/corruption_grid.py [--data_dir DIR] [--max_images N] [--json FILE]

All cores are used. Counted is everything from the first cell to the last, tracing included; loading
TensorFlow and the dataset is not.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import pathlib
import resource
import sys
import time

import rich.progress

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tf_varmixup import data
from tf_varmixup.corruptions import CorruptionBenchmark, frost_source
from tf_varmixup.corruptions.ahead import corrupted_ahead
from tf_varmixup.files import write_json
from tf_varmixup.run import environment


def main() -> None:
    """Read the command line, corrupt the grid, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data_dir", help="TFDS' data folder")
    parser.add_argument("--max_images", type=int, metavar="N", help="default: all 10,000")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="file to write")
    options = parser.parse_args()
    benchmark = CorruptionBenchmark(
        data.load_data("cifar10", options.data_dir).test, "all", max_images=options.max_images
    )
    frost_source()
    taken = {}
    start = time.perf_counter()
    begun = start
    with rich.progress.Progress(transient=True) as progress:
        task = progress.add_task("corrupting", total=len(benchmark) * len(benchmark.labels))
        for cell, _, images in corrupted_ahead(benchmark):
            taken[cell.corruption] = taken.get(cell.corruption, 0.0) + time.perf_counter() - begun
            begun = time.perf_counter()
            progress.advance(task, len(images))
    total = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    for corruption, seconds in taken.items():
        print(f"{corruption:>18} {seconds:6.2f} s")
    print(
        f"{len(benchmark)} cells of {len(benchmark.labels):,} images: {total:.1f} s, "
        f"at most {memory:.2f} GB of memory"
    )
    if options.json is not None:
        content = {
            "command": "python benchmarks/corruption_grid.py",
            "pictures": len(benchmark.labels),  # the name that the stored files have
            "seconds": total,
            "seconds_by_corruption": taken,
            "memory_in_gigabytes": memory,
            "environment": environment("float32"),
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        write_json(options.json, content)


if __name__ == "__main__":
    main()
