"""What a process does that is one of several workers of a run."""

import contextlib
import os
import pathlib
import sys
import tempfile
import traceback
from collections.abc import Iterator

from tf_varmixup.run.cluster import Cluster


@contextlib.contextmanager
def as_worker(cluster: Cluster) -> Iterator[pathlib.Path | None]:
    """Silence a worker that is not the chief, and end the process of one of several workers here.

    Workers but the chief print nothing but errors, and write to a folder that is removed at the
    end. TensorFlow's own end of a process waits for workers that may be gone.

    Args:
        cluster: The processes of the run; of one alone nothing changes.

    Yields:
        The folder to write to, or None for the run's own.
    """
    with contextlib.ExitStack() as stack:
        folder = None
        if not cluster.is_chief:
            nothing = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))
            stack.enter_context(contextlib.redirect_stdout(nothing))
            scratch = tempfile.TemporaryDirectory(prefix="tf_varmixup-", ignore_cleanup_errors=True)
            folder = pathlib.Path(stack.enter_context(scratch), "run")
        status = 0
        try:
            yield folder
        except SystemExit as end:
            if not cluster.several:
                raise
            status = end.code if isinstance(end.code, int) else 1
        except BaseException:
            if not cluster.several:
                raise
            traceback.print_exc()
            status = 1
        if cluster.several:
            stack.close()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)


def runs_apart(error: Exception) -> bool:
    """Return whether an error says that workers do not reach each other any more.

    Args:
        error: What an operation of several workers raised.
    """
    import tensorflow as tf

    kinds = (
        tf.errors.UnavailableError,
        tf.errors.AbortedError,
        tf.errors.CancelledError,
        tf.errors.DeadlineExceededError,
        tf.errors.InternalError,  # two of libraries that connect devices
        tf.errors.UnknownError,
    )
    return isinstance(error, kinds) or "Collective ops is aborted" in str(error)
