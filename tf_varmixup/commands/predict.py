"""Classify image files: `python -m tf_varmixup.predict MODEL IMAGE...`.

What takes seconds to import, TensorFlow above all, is imported once the arguments are known to be
good.
"""

import argparse
import os
import pathlib
import sys
from collections.abc import Sequence

import rich

from tf_varmixup.commands.arguments import whole_number
from tf_varmixup.commands.console import in_flags, stop, terminated_as_interrupted
from tf_varmixup.commands.evaluate_flags import RangeParser, value_range

PROGRAM = "python -m tf_varmixup.predict"


def main(arguments: Sequence[str] | None = None, program: str = PROGRAM) -> None:
    """Read the command line, refuse what is wrong with it, and classify.

    Args:
        arguments: The command line's arguments; None for those of the process.
        program: What the messages call the program.

    Raises:
        SystemExit: With status 2 and one line for anything wrong with the input, 130 where it is
            interrupted, 1 without a line where nobody reads what it prints.

    Example:
        >>> main(["my_run"])  # "error: the following arguments are required: IMAGE"
        Traceback (most recent call last):
            ...
        SystemExit: 2
    """
    parser = _parser(program)
    options = parser.parse_args(sys.argv[1:] if arguments is None else list(arguments))
    for image in options.images:
        if not image.is_file():
            what = "a folder" if image.is_dir() else "no such file"
            parser.error(f"argument IMAGE: expected an image file; received {image}, {what}")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with terminated_as_interrupted():
        try:
            from tf_varmixup.commands.predict_carry_out import carry_out

            carry_out(options)
            if sys.stdout is not None:  # as where it is closed
                sys.stdout.flush()
        except BrokenPipeError:  # of `| head`, which has seen enough
            rich.get_console().on_broken_pipe()
        except (ValueError, OSError) as error:
            stop(program, f"error: {in_flags(str(error), ['from_logits', 'value_range'])}", 2)
        except KeyboardInterrupt:
            stop(program, "interrupted", status=130)


def _parser(program: str) -> RangeParser:
    parser = RangeParser(
        prog=program,
        allow_abbrev=False,
        description="Classify image files, with probabilities that are calibrated where the model "
        "comes with a temperature.",
    )
    add = parser.add_argument
    add("model", metavar="MODEL", help="a run, a .keras file, a SavedModel, or module:function")
    add("images", metavar="IMAGE", nargs="+", type=pathlib.Path, help="image files of any format")
    add(
        "--top",
        type=whole_number(1),
        default=3,
        metavar="K",
        help="show the K most probable classes (default: 3)",
    )
    add("--json", action="store_true", help="print JSON instead of a table")
    add(
        "--from_logits",
        action=argparse.BooleanOptionalAction,
        help="whether the model returns logits, or else probabilities (default: found out)",
    )
    add(
        "--value_range",
        type=value_range,
        metavar="LOW,HIGH",
        help="images that the model takes: 0,255 or 0,1 or -1,1 (default: found out)",
    )
    return parser
