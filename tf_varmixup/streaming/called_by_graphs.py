"""Python functions that pipelines call, and a program that can end while they do."""

import atexit
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

_QUIET = 0.5  # seconds without a call after which a pipeline is taken to wait for its reader
_LONGEST = 60.0


def called_by_graph(
    function: Callable[..., Any], inputs: Sequence[tf.Tensor], dtype: tf.DType
) -> tf.Tensor:
    """Call a Python function in a graph, as `tf.numpy_function` does.

    A pipeline works ahead in threads of its own. One that still calls Python while the interpreter
    is taken down waits for ever, and the program with it. When the program ends, it therefore waits
    until the pipelines have filled their buffers and rest. That is soon, since these functions then
    only return once more what they returned last.

    Args:
        function: A function of arrays, the same for the same inputs.
        inputs: Its inputs.
        dtype: The type of what it returns.

    Returns:
        A tensor of that type, of unknown shape.

    Example:
        >>> int(called_by_graph(np.negative, [tf.constant(3)], tf.int32))
        -3
    """
    return tf.numpy_function(_Counted(function), list(inputs), dtype, stateful=False)


class _Calls:
    """All calls that are under way."""

    def __init__(self) -> None:
        self.lock, self.running, self.latest, self.ending = threading.Lock(), 0, 0.0, False

    def add(self, count: int) -> None:
        """Note that a call begins (1) or has ended (-1)."""
        with self.lock:
            self.running += count
            self.latest = time.monotonic()

    def end(self) -> None:
        """Let nothing be worked out any more, and wait until nothing is called."""
        self.ending, start = True, time.monotonic()
        while self.running or time.monotonic() - self.latest < _QUIET:
            if time.monotonic() - start > _LONGEST:
                return
            time.sleep(0.02)


class _Counted:
    """A function whose calls are counted."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.last = function, None

    def __call__(self, *inputs: Any) -> Any:
        _CALLS.add(1)
        try:
            if not _CALLS.ending or self.last is None:
                self.last = self.function(*inputs)
            return self.last
        finally:
            _CALLS.add(-1)


_CALLS = _Calls()
atexit.register(_CALLS.end)
