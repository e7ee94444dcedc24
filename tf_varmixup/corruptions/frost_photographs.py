"""The benchmark's photographs of frost, fetched once."""

import contextlib
import functools
import hashlib
import io
import os
import pathlib
import warnings
import zipfile

import numpy as np
import requests
import tensorflow as tf

from tf_varmixup.files import write_bytes

# A package on PyPI (Apache-2.0) carries the authors' photographs. It is read as an archive of data;
# its code is not installed.
WHEEL = "imagecorruptions_imaug-1.1.5-py3-none-any.whl"
URL = (
    "https://files.pythonhosted.org/packages/9f/ee/"
    f"7773d05989636353522015216bbb95b05de321947805f099a4f53479c282/{WHEEL}"
)
SHA256 = "aed6ab43c24f70d7b36a7823991ec28f233062eb96ca968b9c56c9c166cd103c"
# The benchmark's authors draw one of the first five of their six photographs.
NAMES = ("frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg")
SECONDS = 10


def cache_folder() -> pathlib.Path:
    """Return where the photographs are kept: `tf_varmixup` in `XDG_CACHE_HOME` or `~/.cache`."""
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(cache) / "tf_varmixup"


@functools.cache
def frost_photographs() -> tuple[np.ndarray, ...]:
    """Load the photographs, from the cache or, the first time, from PyPI (2 MB).

    Without a network, put the file there by hand:
    `pip download --no-deps imagecorruptions-imaug==1.1.5 -d ~/.cache/tf_varmixup`.

    Returns:
        A tuple of five `uint8` arrays `(h, w, 3)`; an empty one, with a warning, where they can be
        had neither way.

    Example:
        >>> len(frost_photographs()) in (5, 0)
        True
    """
    path = cache_folder() / WHEEL
    try:
        archive = path.read_bytes() if path.is_file() else _fetch(path)
        _check(archive)
    except (OSError, ValueError) as error:  # what requests raises is an OSError
        warnings.warn(
            f"no photographs of frost: {error}. The corruption frost is made of procedural noise "
            f"instead. To have them, put {WHEEL} from PyPI into {path.parent}.",
            stacklevel=2,
        )
        return ()
    # This may be called while a graph is being traced.
    with zipfile.ZipFile(io.BytesIO(archive)) as files, tf.init_scope():
        encoded = [files.read(f"imagecorruptions/frost/{name}") for name in NAMES]
        return tuple(
            tf.io.decode_image(content, channels=3, expand_animations=False).numpy()
            for content in encoded
        )


def _check(archive: bytes) -> None:
    found = hashlib.sha256(archive).hexdigest()
    if found != SHA256:
        raise ValueError(f"Expected {WHEEL} with the SHA-256 {SHA256}. Received: {found}")


def _fetch(path: pathlib.Path) -> bytes:
    """Download the archive into the cache, or without it where it cannot be written."""
    answer = requests.get(URL, timeout=SECONDS)
    answer.raise_for_status()
    _check(answer.content)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, answer.content)
    return answer.content
