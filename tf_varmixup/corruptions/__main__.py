"""Write a corrupted copy of a data set's test pictures, laid out as CIFAR-10-C is published.

    python -m tf_varmixup.corruptions --dataset cifar10 --output CIFAR-10-C-regenerated

writes one `<corruption>.npy` a corruption with all five severities, `labels.npy`, `origin.json` and
a contact sheet. An interrupted call goes on where it stopped when it is repeated.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import pathlib
import sys

import rich.progress
import tensorflow as tf

from tf_varmixup import data
from tf_varmixup.corruptions import CORRUPTIONS, CorruptionBenchmark, write_benchmark
from tf_varmixup.corruptions.benchmark import GROUPS
from tf_varmixup.report import contact_sheet
from tf_varmixup.report.style import DPI
from tf_varmixup.run.arguments import OneLineParser, whole_number

tf.get_logger().setLevel("ERROR")  # many small graphs look to TensorFlow like needless retracing
PROGRAM = "python -m tf_varmixup.corruptions"


def main(arguments=None):
    """Read the command line and write the benchmark."""
    parser = _parser()
    options = parser.parse_args(arguments)
    corruptions = (
        GROUPS.get(options.corruptions[0], options.corruptions)
        if len(options.corruptions) == 1
        else options.corruptions
    )
    if options.output.exists() and not options.output.is_dir():
        parser.error(f"argument --output: {options.output} is a file; expected a folder")
    first = {}

    def keep_first(cell):
        progress.advance(task)
        if len(first.setdefault(cell.corruption, [])) < 5:
            first[cell.corruption].append(cell.corrupt(cell.pictures[:1], [0])[0].numpy())

    try:
        images = data.load_data(options.dataset, options.data_dir, options.image_size).test
        benchmark = CorruptionBenchmark(
            images, corruptions, max_pictures=options.max_pictures, seed=options.seed
        )
        with rich.progress.Progress() as progress:
            task = progress.add_task("corruptions", total=len(benchmark))
            write_benchmark(benchmark, options.output, keep_first)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print(
            f"{PROGRAM}: interrupted; what is whole is kept in {options.output}, and the same command goes on",
            file=sys.stderr,
        )
        sys.exit(130)
    contact_sheet(benchmark.images[0], first).savefig(options.output / "contact_sheet.png", dpi=DPI)
    print(
        f"{len(benchmark)} cells of {len(benchmark.labels):,} pictures in {options.output}; {_said(benchmark.origin)}"
    )


def _said(origin):
    return "; ".join(f"{name}: {value}" for name, value in origin.items())


def _parser():
    parser = OneLineParser(prog=PROGRAM, allow_abbrev=False, description=__doc__.split("\n")[0])
    add = parser.add_argument
    add(
        "--dataset",
        required=True,
        metavar="NAME",
        help="TFDS image-classification data set, 'digits', or a folder of class folders",
    )
    add(
        "--output",
        required=True,
        type=pathlib.Path,
        metavar="DIR",
        help="a new folder, or the one of an interrupted call",
    )
    add(
        "--data_dir", metavar="DIR", help="TFDS' data folder (default: TFDS_DATA_DIR, or TFDS' own)"
    )
    add(
        "--image_size",
        type=whole_number(8),
        metavar="N",
        help="resize pictures to N x N, needed where their sizes differ",
    )
    known = (*GROUPS, *CORRUPTIONS)
    add(
        "--corruptions",
        nargs="+",
        choices=known,
        default=["all"],
        metavar="NAME",
        help=f"some of {', '.join(known)} (default: all)",
    )
    add(
        "--max_pictures",
        type=whole_number(1),
        metavar="N",
        help="only the first N test pictures (default: all)",
    )
    add(
        "--seed",
        type=whole_number(0),
        default=0,
        metavar="N",
        help="what the corruptions draw from (default: 0)",
    )
    return parser


if __name__ == "__main__":
    main()
