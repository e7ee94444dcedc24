"""Write files whole or not at all."""

import contextlib
import json
import math
import os
import pathlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Give a path to write to, which takes the place of `path` once all is written.

    A reader, or a later run, finds the file as it was before or as it is after, never a part of it.
    Where the writing fails, what was there stays and the part is removed.

    Args:
        path: The file to write; its folder must exist.

    Yields:
        A path in the same folder, for the caller to write.

    Raises:
        OSError: If the file cannot be written.

    Example:
        >>> with whole("numbers.npy") as partial:
        ...     np.save(partial, np.arange(3))
        >>> np.load("numbers.npy").tolist()
        [0, 1, 2]
    """
    path = pathlib.Path(path)
    # The ending stays, since Keras and NumPy go by it.
    partial = path.with_name(f".partial-{os.getpid()}-{path.name}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write bytes to a file, whole or not at all."""
    with whole(path) as partial:
        partial.write_bytes(content)


def write_text(path: str | os.PathLike[str], content: str) -> None:
    """Write text to a file in UTF-8 with its line ends as they are, whole or not at all."""
    write_bytes(path, content.encode("utf-8"))


def write_json(path: str | os.PathLike[str], content: Any) -> None:
    """Write JSON to a file, whole or not at all.

    Numbers that are not finite become null, since JSON has no word for them.

    Args:
        path: The file to write.
        content: What `json.dumps` takes.

    Example:
        >>> write_json("metrics.json", {"clean": {"accuracy": 0.9, "nll": float("nan")}})
    """
    write_text(path, json.dumps(_finite(content), indent=2, allow_nan=False) + "\n")


def _finite(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _finite(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return None
    return content
