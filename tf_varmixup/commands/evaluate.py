"""Measure any classifier: `python -m tf_varmixup.evaluate MODEL --dataset NAME --output DIR`.

What takes seconds to import, TensorFlow above all, is imported once the arguments are known to be
good.
"""

import os
from collections.abc import Sequence

from tf_varmixup.commands.console import in_flags, stop, terminated_as_interrupted
from tf_varmixup.commands.evaluate_flags import FLAGS, parse_evaluation

PROGRAM = "python -m tf_varmixup.evaluate"


def main(arguments: Sequence[str] | None = None, program: str = PROGRAM) -> None:
    """Read the command line, refuse what is wrong with it, and measure.

    Args:
        arguments: The command line's arguments; None for those of the process.
        program: What the messages call the program.

    Raises:
        SystemExit: With status 2 and one line for anything wrong with the input, 1 for a file that
            cannot be written or a classifier that fails, 130 where it is interrupted.

    Example:
        >>> main(["my_run"])  # "error: the following arguments are required: --output"
        Traceback (most recent call last):
            ...
        SystemExit: 2
    """
    options = parse_evaluation(program, arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from tf_varmixup.commands.evaluate_carry_out import carry_out
    from tf_varmixup.commands.evaluate_set_up import set_up

    with terminated_as_interrupted():
        try:
            parts = set_up(options)
        except (ValueError, OSError) as error:
            stop(program, f"error: {_in_flags(error)}", status=2)
        except KeyboardInterrupt:
            stop(program, "interrupted; nothing was measured", status=130)
        with parts["run"]:
            try:
                carry_out(options, **parts)
            except (ValueError, OSError) as error:
                stop(program, f"error: {_in_flags(error)}", status=1)
            except KeyboardInterrupt:
                kept = f"interrupted; what is done is kept in {options.output}, and the same "
                stop(program, kept + "command goes on", status=130)


def _in_flags(error: Exception) -> str:
    """Put an error into the words of the command line; a run's folder is the output here."""
    return in_flags(str(error).replace("run_dir", "--output"), FLAGS)
