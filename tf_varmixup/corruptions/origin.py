"""Where the images of a folder come from, as `origin.json` beside them says."""

import json
import os
import pathlib
from typing import Any

ORIGIN_FILE = "origin.json"
FACTS = ("source", "constants", "frost")


def read_origin(folder: str | os.PathLike[str]) -> dict[str, Any] | None:
    """Read the `origin.json` of a folder that `write_benchmark` wrote.

    Args:
        folder: Path of the folder.

    Returns:
        Its content, a dict with at least `source`, `constants` and `frost`; None where there is no
        such file.

    Raises:
        ValueError: If the file has other content; the message names it.
        OSError: If the file cannot be read.

    Example:
        >>> read_origin("no-such-folder")
    """
    path = pathlib.Path(folder) / ORIGIN_FILE
    if not path.is_file():
        return None
    try:
        origin = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # no JSON, or no UTF-8
        raise ValueError(f"Expected {path} to be JSON. Received: {error}.") from error
    missing = [name for name in FACTS if not isinstance(origin, dict) or name not in origin]
    if missing:
        raise ValueError(
            f"Expected {path} to be as write_benchmark writes it, with {', '.join(FACTS)}. "
            f"Received: no {', '.join(missing)}."
        )
    return origin


def published_origin(folder: str | os.PathLike[str]) -> dict[str, str]:
    """Return where the images of a folder come from.

    Args:
        folder: Path of the folder, as of `load_published`.

    Returns:
        A dict as `CorruptionBenchmark.origin`: what `origin.json` says, or "published" where there
        is none.

    Raises:
        ValueError: If `origin.json` has other content than `write_benchmark` writes.

    Example:
        >>> published_origin("CIFAR-10-C")
        {'source': 'published'}
    """
    origin = read_origin(folder)
    if origin is None:
        return {"source": "published"}
    return {name: origin[name] for name in FACTS}
