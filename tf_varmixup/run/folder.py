"""A run's folder: what may be written where, and what an interrupted run resumes from."""

import contextlib
import hashlib
import json
import logging
import os
import pathlib
import shutil
import time
from collections.abc import Iterator
from typing import Any

import keras

from tf_varmixup.files import PARTIAL, KeptFiles, json_text, read_json, remove, whole, write_json
from tf_varmixup.run.lock import FolderLock
from tf_varmixup.run.recipe import COMMAND, defaults, roles

CONFIG, METRICS = "config.json", "metrics.json"
_LOCK, _ENVIRONMENT = "lock", "environment.json"

# What a resumed run may be told otherwise: where it lies and how it was called. Everything else
# must be as it was.
_FREE = {name for name, role in roles().items() if role == COMMAND} | {"run_dir", "data_dir"}
# Where something lies may be told otherwise too, if a digest says that it is the same.
_DIGESTS = {
    "dataset": "data_digest",
    "vae": "vae_digest",
    "classifier_weights": "classifier_weights_digest",
    "corruption_dir": "corruption_digest",
}

_log = logging.getLogger("tf_varmixup")


class RunFolder:
    """The folder of one run, in which one process works at a time.

    `config.json` marks a folder as a run's; `metrics.json`, written last, marks the run as
    finished. `checkpoints/` is there while it runs, and has all that a resumed run reads: whatever
    else is in the folder is written again.

    Args:
        path: The folder.
        config: Dict of the run's settings, JSON values.
        resume: Whether an unfinished run in the folder may be resumed.

    Raises:
        ValueError: If the folder holds a finished run, an unfinished one and `resume` is False or
            the settings differ, one that another process works on, or something that is not a run.
        OSError: If it cannot be written.

    Example:
        >>> run = RunFolder("runs/digits-erm-seed0", {"dataset": "digits", "seed": 0}, resume=False)
        >>> with run.stage("classifier"):
        ...     pass
        >>> run.finish({"clean": {"accuracy": 0.9}})
    """

    def __init__(self, path: str | os.PathLike[str], config: dict[str, Any], resume: bool) -> None:
        self.path = pathlib.Path(path)
        self.config = config
        self.check(self.path, resume)
        self._lock = FolderLock(self.checkpoints / _LOCK)
        try:
            self.checkpoints.mkdir(parents=True, exist_ok=True)
            if not self._lock.acquire():
                raise ValueError(_in_use(self.path, self._lock))
            self.check(self.path, resume, self._lock)  # now that nobody else changes it
            if _is_new(self.path):
                for copy in self.checkpoints.glob("config.*.json"):
                    copy.unlink()
            self._check_settings()
            self._write_config()
            for partial in sorted(self.path.rglob(f"{PARTIAL}*"), reverse=True):
                remove(partial)  # of a process that was killed
        except BaseException:
            _remove_if_new(self.path, self._lock)
            self.release()
            raise

    def __truediv__(self, name: str) -> pathlib.Path:
        """Return the path of a file in the folder."""
        return self.path / name

    def __enter__(self) -> "RunFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Let other processes work in the folder."""
        self._lock.release()

    @property
    def checkpoints(self) -> pathlib.Path:
        """The folder of what an interrupted run resumes from."""
        return self.path / "checkpoints"

    @property
    def kept(self) -> KeptFiles:
        """What an interrupted run resumes from: files of a run of these settings alone."""
        fixed = {name: value for name, value in self.config.items() if name not in self._free()}
        text = json.dumps(fixed, sort_keys=True, default=str)
        return KeptFiles(self.checkpoints, hashlib.sha256(text.encode()).hexdigest())

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the seconds of a stage; those of an earlier part of the run are added."""
        start = time.perf_counter()
        try:
            yield
        except BaseException:
            with contextlib.suppress(OSError):  # what stopped the stage says more
                self._add_seconds(name, start)
            raise
        self._add_seconds(name, start)

    def _add_seconds(self, name: str, start: float) -> None:
        timing = self.timing
        timing[name] = timing.get(name, 0.0) + time.perf_counter() - start
        write_json(self.checkpoints / "timing.json", timing)

    @property
    def timing(self) -> dict[str, float]:
        """Seconds by stage so far."""
        timing = self._read_aside("timing.json")
        return {name: value for name, value in timing.items() if isinstance(value, float | int)}

    def record_environment(self, environment: dict[str, Any]) -> dict[str, Any]:
        """Keep what machine and software the run was begun with.

        Args:
            environment: What the run goes on with, as of `environment`.

        Returns:
            The same, with `begun_with` where a resumed run was begun otherwise: a dict of what
            differs. Then its numbers may differ in their last digits from an uninterrupted run's.
        """
        begun = self._read_aside(_ENVIRONMENT)
        if not begun:
            write_json(self.checkpoints / _ENVIRONMENT, environment)
            return environment
        names = {**begun, **environment}
        differing = {n: begun.get(n) for n in names if begun.get(n) != environment.get(n)}
        if not differing:
            return environment
        words = [
            f"{name} {value} (now {environment.get(name)})" for name, value in differing.items()
        ]
        _log.warning(
            "%s was begun with %s. It goes on; its numbers may differ from an uninterrupted run's.",
            self.path,
            ", ".join(words),
        )
        return {**environment, "begun_with": differing}

    def _read_aside(self, name: str) -> dict[str, Any]:
        """Read a file that a run can do without."""
        path = self.checkpoints / name
        try:
            return read_json(path) if path.exists() else {}
        except ValueError as error:
            _log.warning("%s The file is removed, and the run goes on without it.", error)
            path.unlink()
            return {}

    def save_model(self, model: keras.Model, name: str) -> None:
        """Save a Keras model under a file name ending in `.keras`, whole or not at all."""
        with whole(self.path / name) as partial:
            model.save(partial)

    def finish(self, metrics: dict[str, Any]) -> None:
        """Write `metrics.json`, which marks the run as finished, and remove the checkpoints."""
        write_json(self.path / METRICS, metrics)
        self.release()
        shutil.rmtree(self.checkpoints, ignore_errors=True)

    @staticmethod
    def check(path: str | os.PathLike[str], resume: bool, lock: FolderLock | None = None) -> None:
        """Raise what the constructor would but for differing settings, without writing anything.

        Args:
            path: The folder.
            resume: Whether an unfinished run in it may be resumed.
            lock: The lock on the folder, if this process has it.

        Raises:
            ValueError: If there is no run to begin or to resume.
            OSError: If the folder cannot be written.
        """
        path = pathlib.Path(path)
        if path.exists() and not path.is_dir():
            raise ValueError(f"Expected run_dir to be a folder. Received: {path}, which is a file.")
        existing = next(
            folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists()
        )
        if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
            raise PermissionError(
                f"Expected run_dir to be a folder that can be written. Received: {path}; "
                f"{existing} does not allow it."
            )
        checkpoints = path / "checkpoints"
        if lock is None and (checkpoints / _LOCK).exists():
            lock = FolderLock(checkpoints / _LOCK)
            if not lock.acquire():
                raise ValueError(_in_use(path, lock))
            lock.release()
        if _is_new(path):
            return
        kept = checkpoints.is_dir() and bool(KeptFiles(checkpoints).named(CONFIG))
        if not (path / CONFIG).exists() and not kept:
            raise ValueError(
                "Expected run_dir to be new, empty or a run's. Received: "
                f"{path}, which holds other files and no run, which a {CONFIG} would mark."
            )
        if _is_finished(path):
            if kept:
                # A process that was killed left them. Those of other programs stay.
                shutil.rmtree(checkpoints, ignore_errors=True)
            raise ValueError(
                "Expected a run_dir without a finished run, which is not overwritten. "
                f"Received: {path}. Choose another run_dir or seed."
            )
        if not resume:
            raise ValueError(
                f"Expected a run_dir without an unfinished run. Received: {path}. "
                "Go on with resume=True, or choose another run_dir."
            )

    def _free(self) -> set[str]:
        """Return the settings that a resumed run may be told otherwise."""
        return _FREE | {name for name, digest in _DIGESTS.items() if digest in self.config}

    def _begun_config(self) -> dict[str, Any] | None:
        """Return the settings that the run was begun with, or None where there is no run yet."""
        copy = KeptFiles(self.checkpoints).find(CONFIG)
        if copy is not None:
            return read_json(copy)
        if not (self.path / CONFIG).exists():
            return None
        try:
            return read_json(self.path / CONFIG)
        except ValueError as error:
            raise ValueError(
                f"{error} What the run in {self.path} was begun with is not known without it. "
                "Remove the folder, or choose another run_dir."
            ) from error

    def _check_settings(self) -> None:
        begun = self._begun_config()
        if begun is None:
            return
        if "data_digest" in self.config and "data_digest" not in begun:
            raise ValueError(
                "Expected an unfinished run of this version of the library. "
                f"Received: {self.path}, begun by an earlier one, which kept its state in other "
                "files. Choose another run_dir."
            )
        wheres = {digest: where for where, digest in _DIGESTS.items() if where in self.config}
        # A version that did not have a setting did what its default was then.
        former = {name: value for name, value in defaults().items() if name in self.config}
        old = former | begun
        for name in sorted((old.keys() | self.config.keys()) - self._free()):
            if old.get(name) == self.config.get(name):
                continue
            if name in wheres and None not in (old.get(name), self.config.get(name)):
                where = wheres[name]
                raise ValueError(
                    f"Expected {where} to hold what it held when the run in {self.path} was begun. "
                    f"Received: {self.config[where]}, with other contents. Restore them to resume "
                    "the run, or choose another run_dir."
                )
            name = wheres.get(name, name)
            raise ValueError(
                f"Expected {name} {old.get(name)!r}, with which the run in {self.path} was "
                f"begun. Received: {self.config.get(name)!r}. Repeat its settings to resume "
                "it, or choose another run_dir."
            )

    def _write_config(self) -> None:
        """Write the settings that the run was begun with, and a copy in case they are damaged."""
        path, kept = self.path / CONFIG, KeptFiles(self.checkpoints)
        begun = self._begun_config()
        text = json_text(self.config if begun is None else begun)
        if kept.find(CONFIG) is None:
            with kept.writing(CONFIG) as partial:
                partial.write_text(text, encoding="utf-8")
        if not path.exists() or path.read_bytes() != text.encode():
            if begun is not None:
                _log.warning("%s is missing or damaged. It is written again.", path)
            with whole(path) as partial:
                partial.write_text(text, encoding="utf-8")


def _in_use(path: pathlib.Path, lock: FolderLock) -> str:
    return (
        "Expected a run_dir in which no other process works. "
        f"Received: {path}, in which {lock.holder()} does. Wait for it, or choose another run_dir."
    )


def _is_new(path: pathlib.Path) -> bool:
    """Return whether a folder holds nothing, or nothing but what a failed start left there."""
    if not path.exists():
        return True
    checkpoints = path / "checkpoints"
    entries = [*path.iterdir(), *(checkpoints.iterdir() if checkpoints.is_dir() else ())]
    return all(
        one == checkpoints
        or one.name.startswith(PARTIAL)
        or (one.parent == checkpoints and (one.name == _LOCK or one.match("config.*.json")))
        for one in entries
    )


def _remove_if_new(path: pathlib.Path, lock: FolderLock) -> None:
    """Remove a folder in which nothing was begun, unless another process is about to.

    Of one that is refused, what the lock needed is removed.
    """
    with contextlib.suppress(OSError):
        if lock.is_held:
            if _is_new(path):
                shutil.rmtree(path)
            elif [one.name for one in (path / "checkpoints").iterdir()] == [_LOCK]:
                shutil.rmtree(path / "checkpoints")
        else:  # only what is empty
            (path / "checkpoints").rmdir()
            path.rmdir()


def _is_finished(path: pathlib.Path) -> bool:
    """Return whether a run is finished: its metrics are there, or it has no way to be resumed."""
    if not (path / METRICS).exists():
        return False
    try:
        read_json(path / METRICS)
    except ValueError:
        return not any((path / "checkpoints").glob("config.*.json"))
    return True
