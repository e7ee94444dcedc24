"""Runs of `train.py` in processes of their own."""

import contextlib
import dataclasses
import os
import pathlib
import sys
import time
import traceback
from collections.abc import Callable, Sequence

from tools.trials.small_runs import make_small, make_two_processors


@dataclasses.dataclass
class Child:
    """A run in a process of its own."""

    pid: int
    output: pathlib.Path
    status: int | None = None

    def text(self) -> str:
        """Return what it printed so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def is_over(self) -> bool:
        """Return whether it ended."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status is not None

    def wait(self, until: Callable[[], bool] = lambda: False) -> int | None:
        """Wait for its end, or until something is so."""
        while not self.is_over() and not until():
            time.sleep(0.1)
        return self.status


def start(arguments: Sequence[str], output: pathlib.Path) -> Child:
    """Begin a run in a fork of this process."""
    sys.stdout.flush()
    sys.stderr.flush()
    output.write_bytes(b"")  # what the run before printed is not this one's
    pid = os.fork()
    if pid:
        return Child(pid, output)
    status = 70
    try:
        with open(output, "wb", buffering=0) as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        make_small()
        if "mirrored" in arguments:
            make_two_processors()
        import train

        train.main(list(arguments))
        status = 0
    except SystemExit as stopped:
        status = stopped.code if isinstance(stopped.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
