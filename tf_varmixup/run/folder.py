"""A run's folder: what may be written where, and what an interrupted run resumes from."""

import contextlib
import json
import os
import pathlib
import shutil
import time
from collections.abc import Iterator
from typing import Any

import keras

from tf_varmixup.files import write_json
from tf_varmixup.run.recipe import COMMAND, roles

# What a resumed run may be told otherwise: where it lies and how it was called. Everything else
# must be as it was.
_FREE = {name for name, role in roles().items() if role == COMMAND} | {"run_dir", "data_dir"}


class RunFolder:
    """The folder of one run.

    `config.json` marks a folder as a run's; `metrics.json`, written last, marks the run as
    finished. `checkpoints/` is there while it runs.

    Args:
        path: The folder.
        config: Dict of the run's settings, JSON values.
        resume: Whether an unfinished run in the folder may be resumed.

    Raises:
        ValueError: If the folder holds a finished run, an unfinished one and `resume` is False or
            the settings differ, or something that is not a run.
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
        self._check_settings()
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        if not (self.path / "config.json").exists():
            write_json(self.path / "config.json", config)

    def __truediv__(self, name: str) -> pathlib.Path:
        """Return the path of a file in the folder."""
        return self.path / name

    @property
    def checkpoints(self) -> pathlib.Path:
        """The folder of what an interrupted run resumes from."""
        return self.path / "checkpoints"

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the seconds of a stage; those of an earlier part of the run are added."""
        start = time.perf_counter()
        try:
            yield
        finally:
            timing = self.timing
            timing[name] = timing.get(name, 0.0) + time.perf_counter() - start
            write_json(self.checkpoints / "timing.json", timing)

    @property
    def timing(self) -> dict[str, float]:
        """Seconds by stage so far."""
        path = self.checkpoints / "timing.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def save_model(self, model: keras.Model, name: str) -> None:
        """Save a Keras model under a file name ending in `.keras`, whole or not at all."""
        partial = self.checkpoints / name  # which goes with the checkpoints if this is stopped
        model.save(partial)
        os.replace(partial, self.path / name)

    def finish(self, metrics: dict[str, Any]) -> None:
        """Write `metrics.json`, which marks the run as finished, and remove the checkpoints."""
        write_json(self.path / "metrics.json", metrics)
        shutil.rmtree(self.checkpoints)

    @staticmethod
    def check(path: str | os.PathLike[str], resume: bool) -> None:
        """Raise what the constructor would but for differing settings, without writing anything."""
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
        if not path.exists() or not any(path.iterdir()):
            return
        if not (path / "config.json").exists():
            raise ValueError(
                f"Expected run_dir to be new, empty or a run's. Received: {path}, which holds "
                "other files and no run."
            )
        if (path / "metrics.json").exists():
            raise ValueError(
                "Expected a run_dir without a finished run, which is not overwritten. "
                f"Received: {path}. Choose another run_dir or seed."
            )
        if not resume:
            raise ValueError(
                f"Expected a run_dir without an unfinished run. Received: {path}. "
                "Go on with resume=True, or choose another run_dir."
            )

    def _check_settings(self) -> None:
        path = self.path / "config.json"
        old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else self.config
        for name in sorted((old.keys() | self.config.keys()) - _FREE):
            if old.get(name) != self.config.get(name):
                raise ValueError(
                    f"Expected {name} {old.get(name)!r}, with which the run in {self.path} was "
                    f"begun. Received: {self.config.get(name)!r}. Repeat its settings to resume "
                    "it, or choose another run_dir."
                )
