"""A run's folder: what may be written where, and what an interrupted run goes on from."""

import contextlib
import json
import math
import os
import pathlib
import shutil
import time

# What a resumed run may be told otherwise: where it lies and how it was called. Everything else
# must be as it was.
_FREE = {"command", "resume", "run_dir", "data_dir"}


class RunFolder:
    """The folder of one run.

    `config.json` marks a folder as a run's; `metrics.json`, written last, marks the run as
    finished. `checkpoints/` is there while it runs.

    Args:
        path: the folder.
        config: dict of the run's settings, JSON values.
        resume: whether an unfinished run in the folder may be continued.

    Raises:
        ValueError: if the folder holds a finished run, an unfinished one and `resume` is False or
            the settings differ, or something that is not a run.
        OSError: if it cannot be written.

    Example:
        >>> run = RunFolder("runs/cifar10-varmixup-seed0", {"dataset": "cifar10", "seed": 0}, resume=False)
        >>> with run.stage("classifier"):
        ...     train()
        >>> run.finish({"clean": {"accuracy": 0.9}})
    """

    def __init__(self, path, config, resume):
        self.path = pathlib.Path(path)
        self.config = config
        self.check(self.path, resume)
        self._check_settings()
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        if not (self.path / "config.json").exists():
            self.write_json("config.json", config)

    def __truediv__(self, name):
        """Return the path of a file in the folder."""
        return self.path / name

    @property
    def checkpoints(self):
        """The folder of what an interrupted run goes on from."""
        return self.path / "checkpoints"

    @contextlib.contextmanager
    def stage(self, name):
        """Measure the seconds that a stage takes; those of an earlier, interrupted part of the run
        are added."""
        start = time.perf_counter()
        try:
            yield
        finally:
            timing = self.timing
            timing[name] = timing.get(name, 0.0) + time.perf_counter() - start
            self.write_json("checkpoints/timing.json", timing)

    @property
    def timing(self):
        """Seconds by stage so far, a dict."""
        path = self.checkpoints / "timing.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def write_json(self, name, content):
        """Write a JSON file whole or not at all; numbers that are not finite become null, which
        JSON has a word for."""
        partial = self.path / f"{name}.partial"
        partial.write_text(
            json.dumps(_finite(content), indent=2, allow_nan=False) + "\n", encoding="utf-8"
        )
        os.replace(partial, self.path / name)

    def save_model(self, model, name):
        """Save a Keras model under a file name ending in `.keras`, whole or not at all."""
        partial = self.checkpoints / name
        model.save(partial)
        os.replace(partial, self.path / name)

    def finish(self, metrics):
        """Write `metrics.json`, which marks the run as finished, and remove the checkpoints."""
        self.write_json("metrics.json", metrics)
        shutil.rmtree(self.checkpoints)

    @staticmethod
    def check(path, resume):
        """Raise what the constructor would, apart from differing settings, without writing
        anything."""
        path = pathlib.Path(path)
        if path.exists() and not path.is_dir():
            raise ValueError(f"the run's folder {path} is a file; choose another with --run_dir.")
        existing = next(
            folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists()
        )
        if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
            raise PermissionError(
                f"the run's folder {path} cannot be written: {existing} does not allow it."
            )
        if not path.exists() or not any(path.iterdir()):
            return
        if not (path / "config.json").exists():
            raise ValueError(
                f"{path} holds other files and no run; choose another folder with --run_dir."
            )
        if (path / "metrics.json").exists():
            raise ValueError(
                f"{path} holds a finished run, which is not overwritten; choose another --run_dir or --seed."
            )
        if not resume:
            raise ValueError(
                f"{path} holds an unfinished run; go on with it by --resume, or choose another --run_dir."
            )

    def _check_settings(self):
        path = self.path / "config.json"
        old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else self.config
        for name in sorted((old.keys() | self.config.keys()) - _FREE):
            if old.get(name) != self.config.get(name):
                raise ValueError(
                    f"the run in {self.path} was begun with {name} {old.get(name)!r}, not {self.config.get(name)!r}; "
                    "repeat its settings to go on with it, or choose another --run_dir."
                )


def _finite(content):
    if isinstance(content, dict):
        return {name: _finite(value) for name, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_finite(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return None
    return content
