"""What is raised where an image cannot be decoded, in Python and in a pipeline."""

import contextlib
import re
from collections.abc import Iterator

import tensorflow as tf


class UnreadableImageError(OSError, ValueError):
    """An image that is streamed cannot be read, or is another than it was.

    Example:
        >>> issubclass(UnreadableImageError, OSError), issubclass(UnreadableImageError, ValueError)
        (True, True)
    """


def unreadable_reason(error: tf.errors.OpError) -> str | None:
    r"""Return what an `UnreadableImageError` said that ended a pipeline.

    Args:
        error: What the pipeline raised.

    Returns:
        One line, or None if something else ended it.

    Example:
        >>> text = "UnreadableImageError: Expected an image. Received: a.png.\nTraceback ..."
        >>> unreadable_reason(tf.errors.InvalidArgumentError(None, None, text))
        'Expected an image. Received: a.png.'
    """
    found = re.search(rf"{UnreadableImageError.__name__}: ([^\n]+)", error.message)
    return found and found.group(1)


@contextlib.contextmanager
def raising_unreadable() -> Iterator[None]:
    """Raise what a pipeline raised of an unreadable image as `UnreadableImageError`."""
    try:
        yield
    except tf.errors.OpError as error:
        reason = unreadable_reason(error)
        if reason is None:
            raise
        raise UnreadableImageError(reason) from error
