"""Write files whole or not at all, and take back only those that are as they were written."""

import contextlib
import dataclasses
import errno
import hashlib
import json
import logging
import math
import os
import pathlib
import shutil
from collections.abc import Callable, Iterator
from typing import Any

PARTIAL = ".partial-"  # what the name of an unfinished file begins with

_DIGITS = 16  # of a digest in a file's name
_BLOCK = 1 << 20
_LOST_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
_log = logging.getLogger("tf_varmixup")


def path_digest(path: str | os.PathLike[str]) -> str:
    """Return a digest of a file, or of all files of a folder and their names.

    Args:
        path: The file or the folder.

    Returns:
        64 hexadecimal digits.

    Example:
        >>> pathlib.Path("weights").write_text("content")
        7
        >>> len(path_digest("weights"))
        64
    """
    path = pathlib.Path(path)
    files = [path]
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(path).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Give a path to write to, which takes the place of `path` once all is written.

    A reader, or a later run, finds the file as it was before or as it is after, never a part of it.
    Where the writing fails, what was there stays and the part is removed.

    Args:
        path: The file to write, or a folder that is not there yet; its parent must exist.

    Yields:
        A path in the same folder, for the caller to write.

    Raises:
        OSError: If the file cannot be written; also where another library finds the disk full and
            raises an error of its own.

    Example:
        >>> with whole("numbers.npy") as partial:
        ...     np.save(partial, np.arange(3))
        >>> np.load("numbers.npy").tolist()
        [0, 1, 2]
    """
    path = pathlib.Path(path)
    with _renamed(path, lambda partial: path) as partial:
        yield partial


@contextlib.contextmanager
def _renamed(
    path: pathlib.Path, name: Callable[[pathlib.Path], pathlib.Path]
) -> Iterator[pathlib.Path]:
    """Give a path to write to, which is renamed to what `name` makes of the written file."""
    # The ending stays, since Keras and NumPy go by it.
    partial = path.with_name(f"{PARTIAL}{os.getpid()}-{path.name}")
    try:
        yield partial
        if partial.is_file():
            with open(partial, "r+b") as file:
                os.fsync(file)  # or a power cut could leave the new name of an empty file
        os.replace(partial, name(partial))
    except Exception as error:
        reason = _reason_of_the_disk(error, path.parent)
        if reason is None:
            raise
        raise OSError(reason, os.strerror(reason), os.fspath(path)) from error
    finally:
        with contextlib.suppress(OSError):
            remove(partial)


def _reason_of_the_disk(error: Exception, folder: pathlib.Path) -> int | None:
    """Return the number of the error of the disk behind one of h5py, TensorFlow or Pillow."""
    if isinstance(error, OSError) and error.errno in _LOST_DISK:
        return error.errno
    for number in _LOST_DISK:
        if os.strerror(number) in str(error):
            return number
    if not isinstance(error, OSError) and shutil.disk_usage(folder).free == 0:
        return errno.ENOSPC
    return None


def remove(path: pathlib.Path) -> None:
    """Remove a file, or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


@dataclasses.dataclass(frozen=True)
class KeptFiles:
    """Files of a folder that are written now and read back later.

    The name of each has a digest of its content and of a key. A file that was cut or changed, and
    one that was put there from elsewhere, is thus never taken for what was written.

    Args:
        folder: The folder, made where it is missing.
        key: What tells these files from those of others, such as a digest of all settings.

    Example:
        >>> kept = KeptFiles(pathlib.Path("checkpoints"), key="seed 0")
        >>> with kept.writing("numbers.npy") as partial:
        ...     np.save(partial, np.arange(3))
        >>> np.load(kept.find("numbers.npy")).tolist()
        [0, 1, 2]
        >>> KeptFiles(pathlib.Path("checkpoints"), key="seed 1").find("numbers.npy")
    """

    folder: pathlib.Path
    key: str = ""

    def __truediv__(self, name: str) -> "KeptFiles":
        """Return the kept files of a folder in this one."""
        return KeptFiles(self.folder / name, self.key)

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[pathlib.Path]:
        """Give a path to write a file to, whole or not at all; it replaces one of the same name.

        Args:
            name: The file's name, without the digest.

        Yields:
            A path for the caller to write.

        Raises:
            OSError: As `whole`.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        before = self.named(name)
        written: list[pathlib.Path] = []

        def stamped(partial: pathlib.Path) -> pathlib.Path:
            stem, _, ending = name.partition(".")
            written.append(self.folder / f"{stem}.{self._digest(partial)}.{ending}")
            return written[0]

        with _renamed(self.folder / name, stamped) as partial:
            yield partial
        for path in before:
            if path not in written:
                path.unlink(missing_ok=True)

    def find(self, name: str) -> pathlib.Path | None:
        """Return the path of a file, or None where there is none that is as it was written."""
        return next(self.good(name), None)

    def good(self, name: str) -> Iterator[pathlib.Path]:
        """Go through the files that are as they were written; others are removed with a warning.

        Args:
            name: A file's name without the digest, in which `*` stands for anything.

        Yields:
            Paths, the last name first.
        """
        for path in self.named(name):
            if path.name.split(".")[1] == self._digest(path):
                yield path
            else:
                _log.warning(
                    "%s is damaged or of another run. It is left out, and what it held is made "
                    "again.",
                    path,
                )
                remove(path)

    def named(self, name: str) -> list[pathlib.Path]:
        """Return the paths of files of such a name, good or not, the last name first."""
        return sorted(self._matching(name), reverse=True)

    def _matching(self, name: str) -> Iterator[pathlib.Path]:
        stem, _, ending = name.partition(".")
        return self.folder.glob(f"{stem}.{'[0-9a-f]' * _DIGITS}.{ending}")

    def _digest(self, path: pathlib.Path) -> str:
        found = hashlib.sha256(self.key.encode())
        if path.is_file():
            with open(path, "rb") as file:
                while block := file.read(_BLOCK):
                    found.update(block)
        return found.hexdigest()[:_DIGITS]


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write bytes to a file, whole or not at all."""
    with whole(path) as partial:
        partial.write_bytes(content)


def write_text(path: str | os.PathLike[str], content: str) -> None:
    """Write text to a file in UTF-8 with its line ends as they are, whole or not at all."""
    write_bytes(path, content.encode("utf-8"))


def json_text(content: Any) -> str:
    """Return JSON as files have it; numbers that are not finite become null.

    Args:
        content: What `json.dumps` takes.

    Returns:
        Text that ends with a new line.

    Example:
        >>> json_text({"nll": float("nan")}).split()
        ['{', '"nll":', 'null', '}']
    """
    return json.dumps(_finite(content), indent=2, allow_nan=False) + "\n"


def write_json(path: str | os.PathLike[str], content: Any) -> None:
    """Write JSON to a file, whole or not at all.

    Numbers that are not finite become null, since JSON has no word for them.

    Args:
        path: The file to write.
        content: What `json.dumps` takes.

    Example:
        >>> write_json("metrics.json", {"clean": {"accuracy": 0.9, "nll": float("nan")}})
    """
    write_text(path, json_text(content))


def read_json(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a JSON object from a file.

    Args:
        path: The file.

    Returns:
        A dict.

    Raises:
        ValueError: If the file holds anything else; the message names it.
        OSError: If it cannot be read.

    Example:
        >>> write_json("config.json", {"seed": 0})
        >>> read_json("config.json")
        {'seed': 0}
    """
    path = pathlib.Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are such
        received = "an empty file" if path.stat().st_size == 0 else str(error)
        raise ValueError(f"Expected JSON in {path}. Received: {received}.") from error
    if not isinstance(content, dict):
        raise ValueError(f"Expected a JSON object in {path}. Received: {type(content).__name__}.")
    return content


def _finite(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _finite(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return None
    return content
