"""What is in the folder of a run that is to be: nothing, a part, all of it, or another run."""

import json
import os
import pathlib
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tf_varmixup.run.recipe import PATH, defaults, roles

State = Literal["missing", "started", "finished"]

# Settings whose value only the dataset or the hardware decides.
_UNDECIDED = (None, "auto")


def run_state(folder: pathlib.Path, wanted: Mapping[str, Any]) -> State:
    """Find out how far a run is, and refuse one with other settings.

    Args:
        folder: The run's folder, which may be missing.
        wanted: Settings that its config.json is to have, JSON values, tuples or paths. Those that
            are None or "auto" may be whatever the dataset and the hardware made of them, unless the
            run's command stated them. Paths of a run may have changed, but not whether it has them.

    Returns:
        "missing", "started" or "finished".

    Raises:
        ValueError: If the run there has other settings, or its config.json cannot be read.

    Example:
        >>> run_state(pathlib.Path("nowhere"), {"epochs": 3})
        'missing'
    """
    config = _config(folder)
    if config is None:
        return "missing"
    stated = shlex.split(str(config.get("command") or ""))
    former, role = defaults(), roles()
    for name, value in wanted.items():
        value = str(value) if isinstance(value, os.PathLike) else value
        if name not in config and (not value or value == former.get(name)):
            continue  # a version that did not have it did the same
        if value is not None and config.get(name) is not None and role.get(name) == PATH:
            continue  # it may have moved
        if value in _UNDECIDED:
            # A command may state what is undecided as such: --precision auto, --attack none.
            if _stated(stated, name) not in (None, str(value).lower()):
                raise _differs(folder, name, value, config.get(name))
        elif config.get(name) != json.loads(json.dumps(value)):
            raise _differs(folder, name, value, config.get(name))
    return "started" if finished_metrics(folder) is None else "finished"


def _stated(command: Sequence[str], name: str) -> str | None:
    """Return what a command has after a flag, "" where that is nothing; None without the flag."""
    words = iter(command)
    for word in words:
        flag, has_value, value = word.partition("=")
        if flag in (f"--{name}", f"--no-{name}"):
            return value if has_value else next(words, "")
    return None


def finished_metrics(folder: pathlib.Path) -> dict[str, Any] | None:
    """Return the contents of a run's metrics.json, or None where there is none that is whole.

    Example:
        >>> finished_metrics(pathlib.Path("nowhere")) is None
        True
    """
    try:
        metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return metrics if isinstance(metrics, dict) else None


def _config(folder: pathlib.Path) -> dict[str, Any] | None:
    path = folder / "config.json"
    if not path.is_file():
        return None
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"Expected JSON in {path}. Received: {error}.") from error
    if not isinstance(config, dict):
        raise ValueError(f"Expected a JSON object in {path}. Received: {type(config).__name__}.")
    return config


def _differs(folder: pathlib.Path, name: str, wanted: Any, found: Any) -> ValueError:
    return ValueError(
        f"Expected {folder} to be a run with {name} {wanted!r}. Received: {found!r}, with which "
        "the run there was begun. Move it away, or choose another output."
    )
