"""Write a corrupted copy of a dataset's test images, laid out as CIFAR-10-C is published.

    python -m tf_varmixup.corrupt --dataset cifar10 --output CIFAR-10-C-regenerated

writes one `<corruption>.npy` per corruption with all five severities, `labels.npy`, `origin.json`
and a contact sheet. Repeat an interrupted command to resume it.

What takes seconds to import, TensorFlow above all, is imported once the arguments are known to be
good.
"""

import argparse
import os
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tf_varmixup.commands.arguments import OneLineParser, whole_number
from tf_varmixup.corruptions.names import CORRUPTIONS, GROUPS

if TYPE_CHECKING:
    import numpy as np

    from tf_varmixup.corruptions import CorruptionBenchmark, CorruptionCell

PROGRAM = "python -m tf_varmixup.corrupt"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and write the benchmark.

    Args:
        arguments: The command line's arguments; None for those of the process.

    Raises:
        SystemExit: With status 2 and one line for anything wrong with the input, with status 130
            where it is interrupted.

    Example:
        >>> main(["--dataset", "digits"])  # "error: the following arguments are required: --output"
        Traceback (most recent call last):
            ...
        SystemExit: 2
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.output.exists() and not options.output.is_dir():
        parser.error(f"argument --output: {options.output} is a file; expected a folder")
    try:
        benchmark = _write(options)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        parser.exit(
            130,
            f"{PROGRAM}: interrupted; what is whole is kept in {options.output}, and the same "
            "command goes on\n",
        )
    facts = "; ".join(f"{name}: {value}" for name, value in benchmark.origin.items())
    print(
        f"{len(benchmark)} cells of {len(benchmark.labels):,} images in {options.output}; {facts}"
    )


def _write(options: argparse.Namespace) -> "CorruptionBenchmark":
    """Write the benchmark and its contact sheet."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import rich.console
    import rich.progress
    import tensorflow as tf

    from tf_varmixup import data
    from tf_varmixup.corruptions import CorruptionBenchmark, write_benchmark
    from tf_varmixup.files import whole
    from tf_varmixup.report import contact_sheet

    tf.get_logger().setLevel(
        "ERROR"
    )  # many small graphs look to TensorFlow like needless retracing
    names = options.corruptions
    images = data.load_data(options.dataset, options.data_dir, options.image_size).test
    benchmark = CorruptionBenchmark(
        images,
        names[0] if len(names) == 1 else names,
        max_images=options.max_images,
        seed=options.seed,
    )
    first: dict[str, list[np.ndarray]] = {name: [] for name in benchmark.corruptions}
    console = rich.console.Console(stderr=True)
    bar = rich.progress.Progress(console=console, transient=True, disable=not console.is_terminal)
    with bar as progress:
        task = progress.add_task("corruptions", total=len(benchmark))

        def keep_first(cell: "CorruptionCell") -> None:
            progress.advance(task)
            first[cell.corruption].append(cell.corrupt(cell.source[:1], [0])[0].numpy())

        write_benchmark(benchmark, options.output, keep_first)
    with whole(options.output / "contact_sheet.png") as path:
        contact_sheet(benchmark.images[0], first).savefig(path, dpi="figure")
    return benchmark


def _parser() -> OneLineParser:
    parser = OneLineParser(prog=PROGRAM, allow_abbrev=False, description=__doc__.split("\n")[0])
    add = parser.add_argument
    add(
        "--dataset",
        required=True,
        metavar="NAME",
        help="TFDS image-classification dataset, 'digits', or a folder of class folders",
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
        help="resize images to N x N, needed where their sizes differ",
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
        "--max_images",
        type=whole_number(1),
        metavar="N",
        help="only the first N test images (default: all)",
    )
    add(  # its former name
        "--max_pictures",
        dest="max_images",
        type=whole_number(1),
        metavar="N",
        help=argparse.SUPPRESS,
    )
    add(
        "--seed",
        type=whole_number(0),
        default=0,
        metavar="N",
        help="what the corruptions draw from (default: 0)",
    )
    return parser
