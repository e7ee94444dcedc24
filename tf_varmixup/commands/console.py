"""What a command prints: a line per stage, a bar over cells, one line where it stops."""

import _thread
import contextlib
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import rich
import rich.console
import rich.markup
import rich.progress


def say(stage: str, outcome: str) -> None:
    """Print what came out of a stage, on a line of its own."""
    text = f"[bold]{stage:>10}[/bold]  {rich.markup.escape(outcome)}"
    rich.get_console().print(text, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def progress_over(count: int, description: str) -> Iterator[Callable[[Any], None]]:
    """Show a progress bar.

    Args:
        count: Number of things to be done.
        description: What they are.

    Yields:
        A function to be called after each, with anything.
    """
    with rich.progress.Progress() as progress:
        task = progress.add_task(description, total=count)
        yield lambda _: progress.advance(task)


def stop(program: str, reason: str, status: int) -> NoReturn:
    """Print a reason in one line on standard error, and exit with a status."""
    print(f"{program}: {' '.join(reason.split())}", file=sys.stderr)
    sys.exit(status)


@contextlib.contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Raise KeyboardInterrupt where the process is told to end, as by Slurm or Kubernetes.

    Where an interrupt comes within what cannot raise anything, such as `__del__`, it comes again.
    """

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    def again(lost: Any) -> None:
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            hook(lost)
            return
        threading.Timer(0.1, _thread.interrupt_main, [signal.SIGTERM]).start()

    if threading.current_thread() is not threading.main_thread():  # which alone gets signals
        yield
        return
    hook, sys.unraisablehook = sys.unraisablehook, again
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
        sys.unraisablehook = hook


def in_flags(message: str, names: list[str]) -> str:
    """Put a message of the library, which names parameters, into the words of the command line.

    Args:
        message: What an error said.
        names: Names of settings that are flags too.

    Returns:
        The message with `--` before each name of several words, which can be nothing else.

    Example:
        >>> in_flags("Expected run_dir to be a folder.", ["run_dir", "seed"])
        'Expected --run_dir to be a folder.'
    """
    message = re.sub(r"\bresume=True\b", "--resume", message)
    for name in names:
        if "_" in name:
            message = re.sub(rf"(?<![-\w/]){name}\b", f"--{name}", message)
    return message
