"""A lock on a folder that dies with its process."""

import contextlib
import errno
import logging
import os
import pathlib
import socket
from typing import IO

_log = logging.getLogger("tf_varmixup")


class FolderLock:
    """A lock that one process holds, by a file that the operating system locks for it.

    The system releases it when the process ends, however that ends; the file itself says nothing
    but who holds it. On NFS, Linux turns it into a lock of the server, which holds between
    machines as well, and is lost with the machine; on a mount with `nolock` or
    `local_lock=flock` it holds between processes of one machine alone. Where a file system knows no
    locks at all, that is said once and nothing is locked.

    Args:
        path: The file, in a folder that exists.

    Example:
        >>> lock = FolderLock(pathlib.Path("lock"))
        >>> lock.acquire()
        True
        >>> FolderLock(pathlib.Path("lock")).acquire()
        False
        >>> lock.release()
    """

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        """Take the lock; return whether it was free.

        Raises:
            OSError: If the file cannot be written.
        """
        while self._file is None:
            file = open(self.path, "a+", encoding="utf-8")  # noqa: SIM115
            try:
                if not _lock(file):
                    file.close()
                    return False
                # Whoever held it before may have removed the file between the two lines above.
                if not self._is_there(file):
                    file.close()
                    continue
                self._file = file
                file.truncate(0)
                file.write(f"process {os.getpid()} on {socket.gethostname()}")
                file.flush()
            except BaseException:
                self._file = None
                with contextlib.suppress(OSError):
                    file.close()
                raise
        return True

    @property
    def is_held(self) -> bool:
        """Whether this object has the lock."""
        return self._file is not None

    def holder(self) -> str:
        """Return who holds the lock, as far as that is known."""
        try:
            return self.path.read_text(encoding="utf-8") or "another process"
        except (OSError, ValueError):
            return "another process"

    def release(self) -> None:
        """Give the lock back; the file stays."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _is_there(self, file: IO[str]) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), os.stat(self.path))
        except FileNotFoundError:
            return False


def _lock(file: IO[str]) -> bool:
    """Lock an open file without waiting; return whether that was possible."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
            return False
        _log.warning("%s cannot be locked: %s. Let no second process work there.", file.name, error)
    return True
