"""The benchmark's photographs of frost, fetched once."""

import contextlib
import functools
import hashlib
import io
import os
import pathlib
import warnings
import zipfile

import requests
import tensorflow as tf

# A package on PyPI (Apache-2.0) carries the authors' photographs. It is read as an archive of data;
# its code is not installed.
WHEEL = "imagecorruptions_imaug-1.1.5-py3-none-any.whl"
URL = f"https://files.pythonhosted.org/packages/9f/ee/7773d05989636353522015216bbb95b05de321947805f099a4f53479c282/{WHEEL}"
SHA256 = "aed6ab43c24f70d7b36a7823991ec28f233062eb96ca968b9c56c9c166cd103c"
# The benchmark's authors draw one of the first five of their six photographs.
NAMES = ("frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg")
SECONDS = 10


def cache_folder():
    """Return the folder that the photographs are kept in: `tf_varmixup` in `XDG_CACHE_HOME`, or in
    `~/.cache`."""
    return (
        pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
        / "tf_varmixup"
    )


@functools.cache
def frost_photographs():
    """Load the photographs, from the cache or, the first time, from PyPI (2 MB).

    Without a network, put the file there by hand: `pip download --no-deps
        imagecorruptions-imaug==1.1.5 -d ~/.cache/tf_varmixup`.

    Returns:
        A tuple of five `uint8` arrays `(h, w, 3)`; an empty one, with a warning, where they can be
        had neither way.

    Example:
        >>> [photograph.shape for photograph in frost_photographs()]
    """
    path = cache_folder() / WHEEL
    try:
        archive = path.read_bytes() if path.is_file() else _fetch(path)
        _check(archive)
    except (OSError, ValueError) as error:  # what requests raises is an OSError
        warnings.warn(
            f"no photographs of frost: {error}. The corruption frost is made of procedural noise instead. "
            f"To have them, put {WHEEL} from PyPI into {path.parent}.",
            stacklevel=2,
        )
        return ()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as files,
        tf.init_scope(),
    ):  # this may be called while a graph is being traced
        pictures = [files.read(f"imagecorruptions/frost/{name}") for name in NAMES]
        return tuple(
            tf.io.decode_image(picture, channels=3, expand_animations=False).numpy()
            for picture in pictures
        )


def _check(archive):
    found = hashlib.sha256(archive).hexdigest()
    if found != SHA256:
        raise ValueError(f"{WHEEL} should have the SHA-256 {SHA256}, not {found}")


def _fetch(path):
    """Download the archive into the cache, whole or not at all; a cache that cannot be written is
    done without."""
    answer = requests.get(URL, timeout=SECONDS)
    answer.raise_for_status()
    _check(answer.content)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(answer.content)
        os.replace(partial, path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink()
    return answer.content
