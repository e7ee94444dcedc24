"""Run a command of the library in a process of its own, which an interruption ends in order."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence

ROOT = pathlib.Path(__file__).resolve().parents[2]


def launch(module: str, arguments: Sequence[str], log: pathlib.Path | None = None) -> int:
    """Run `main` of a module in a new Python process, and wait for it.

    A process of its own makes a run what it is by itself, bit for bit, gives its memory back, and
    takes no other run with it where it dies.

    Args:
        module: Dotted name of a module of the library.
        arguments: The command line's arguments.
        log: A file that what it prints is added to; None shows it.

    Returns:
        Its exit status; minus the signal's number where a signal ended it.

    Raises:
        KeyboardInterrupt: Once the process has ended after an interruption, which it was told of.
    """
    program = ""
    if module.endswith(".train"):  # what config.json says that the run was made by
        name = "train.py" if pathlib.Path("train.py").is_file() else "varmixup-train"
        program = f"program={name!r}"
    # Last on the path: the library that is running here, where Python would find none.
    code = f"import sys; sys.path.append({str(ROOT)!r}); "
    code += f"from {module} import main; main({program})"
    command = [sys.executable, "-c", code, *arguments]
    environment = {"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ, "PYTHONUNBUFFERED": "1"}
    with contextlib.ExitStack() as files:
        output = None if log is None else files.enter_context(log.open("ab"))
        sys.stdout.flush()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            env=environment,
            preexec_fn=_in_a_group_of_its_own,
        )
        try:
            return process.wait()
        except KeyboardInterrupt:
            _end(process)
            raise


def last_line(log: pathlib.Path, status: int) -> str:
    """Say in one line why a process failed: the last that it printed, or the signal."""
    if status < 0:
        return f"ended by {signal.Signals(-status).name}"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), f"status {status}")


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Take the signals that ask to end for Ctrl-C, also in a process in the background.

    A hang-up that is ignored, as `nohup` has it, stays so.
    """
    asking = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        asking.append(signal.SIGHUP)
    before = {one: signal.signal(one, signal.default_int_handler) for one in asking}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _in_a_group_of_its_own() -> None:
    # Ctrl-C reaches a whole group of processes; this one is told once, by its parent.
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.send_signal(signal.SIGINT)
        process.wait()
    except KeyboardInterrupt:  # asked twice, or more
        process.kill()
        process.wait()
