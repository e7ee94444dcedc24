"""A finished run, or an evaluation, as its folder has it."""

import dataclasses
import json
import numbers
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from tf_varmixup.checks import suggestion
from tf_varmixup.evaluation.corruption_rows import read_rows
from tf_varmixup.files import path_digest
from tf_varmixup.metrics.sections import SECTION_TITLES

# What numbers were measured by and of, in which they must agree to be compared.
_CONDITIONS = (
    "attack_norm",
    "attack_radius",
    "attack_steps",
    "attack_restarts",
    "attack_images",
    "ood",
    "ood_digest",
    "shared_vae_digest",
    "data_digest",
    "corruption_digest",
)


@dataclasses.dataclass(frozen=True)
class FinishedRun:
    """What a finished run says of itself.

    Attributes:
        path: Its folder, or the file that results from elsewhere were read from.
        config: Contents of config.json; empty for results from elsewhere.
        metrics: Contents of metrics.json.
        cells: A row per cell of the corruption grid, as corruptions.csv has them; may be empty.
        conditions: What numbers were measured by and of: settings of attacks and of what else an
            evaluation measured besides, digests of the images.
        called: What the folder calls the recipe, its name without the dataset and the seed; of an
            evaluation, the folder of the run that was measured. Empty for the name of `path`.

    Example:
        >>> run = FinishedRun(pathlib.Path("runs/my_run"), {"method": "erm", "seed": 3}, {})
        >>> run.name, run.seed
        ('my_run', 3)
    """

    path: pathlib.Path
    config: Mapping[str, Any]
    metrics: Mapping[str, Any]
    cells: Sequence[Mapping[str, Any]] = ()
    conditions: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    called: str = ""

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.resolve().name

    @property
    def seed(self) -> int | None:
        """The seed, or None for a classifier that was not trained here."""
        return self.config.get("seed") if "method" in self.config else None


def read_run(path: str | os.PathLike[str]) -> FinishedRun:
    """Read the folder of a finished run, or of an evaluation.

    Args:
        path: A folder with config.json and metrics.json.

    Returns:
        A `FinishedRun`. The config of an evaluation of a run is the run's, if it is around the
        evaluation or where it was measured, with the evaluation's own dataset and command.

    Raises:
        ValueError: If it is not such a folder, or what it holds is not JSON.

    Example:
        >>> read_run("nowhere")  # "Expected the folder of a finished run. Received: nowhere, ..."
        Traceback (most recent call last):
            ...
        ValueError: ...
    """
    path = pathlib.Path(path)
    if not path.is_dir():
        reason = "which is a file" if path.exists() else "which does not exist"
        near = [one.parent.name for one in path.absolute().parent.glob("*/config.json")]
        raise ValueError(
            f"Expected the folder of a finished run. Received: {path}, {reason}."
            + suggestion(path.name, near)
        )
    if not (path / "config.json").is_file():
        raise ValueError(
            "Expected the folder of a finished run, which has a config.json. "
            f"Received: {path}, which has none."
        )
    if not (path / "metrics.json").is_file():
        raise ValueError(
            "Expected the folder of a finished run, which has a metrics.json. "
            f"Received: {path}, which is not finished."
        )
    config, metrics = (_read_json(path / name) for name in ("config.json", "metrics.json"))
    _check_metrics(path / "metrics.json", metrics)
    if not isinstance(config.get("seed"), int | None):
        raise ValueError(
            f"Expected seed in {path / 'config.json'} to be an integer. "
            f"Received: {config['seed']!r}."
        )
    cells = path / "corruptions.csv"
    rows = read_rows(cells) if cells.is_file() else ()
    conditions = {name: config[name] for name in _CONDITIONS if config.get(name) is not None}
    trained = _trained(path, config)
    if trained is None:
        called = recipe_in_name(path.resolve().name, config)
        return FinishedRun(path, config, metrics, rows, conditions, called)
    training = _read_json(trained / "config.json")
    called = recipe_in_name(trained.resolve().name, training)
    whole = {**training, **_measured_of_it(config, metrics)}
    return FinishedRun(path, whole, metrics, rows, conditions, called)


def recipe_in_name(name: str, config: Mapping[str, Any]) -> str:
    """Return what a run's folder calls its recipe.

    Args:
        name: The folder's name.
        config: Contents of its config.json.

    Returns:
        The name without dataset and seed, as far as it has them; that of what was not trained here
        as it is.

    Example:
        >>> config = {"method": "mixup", "dataset": "imagenet_resized/64x64", "seed": 3}
        >>> recipe_in_name("imagenet_resized-64x64-weak_mixup-seed3", config)
        'weak_mixup'
    """
    if "method" not in config:
        return name
    name = name.removesuffix(f"-seed{config.get('seed')}")
    dataset = str(config.get("dataset"))
    for called in (dataset.replace("/", "-"), pathlib.PurePath(dataset).name):
        if name.startswith(f"{called}-"):
            return name.removeprefix(f"{called}-")
    return name


def _check_metrics(path: pathlib.Path, metrics: Mapping[str, Any]) -> None:
    """Raise ValueError unless sections have numbers, and shares are such."""
    sections = {name: metrics[name] for name in SECTION_TITLES if name in metrics}
    for name, section in sections.items():
        if not isinstance(section, Mapping):
            raise ValueError(
                f"Expected {name} in {path} to be a JSON object. Received: {section!r}."
            )
        for metric, value in section.items():
            is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
            if value is not None and not is_number:
                raise ValueError(
                    f"Expected {name}.{metric} in {path} to be a number. Received: {value!r}."
                )
            if metric in ("accuracy", "ece") and value is not None and not 0.0 <= value <= 1.0:
                raise ValueError(
                    f"Expected {name}.{metric} in {path} to be a share in [0, 1]. "
                    f"Received: {value!r}."
                )
    for name, section in (metrics.get("intervals") or {}).items():
        for metric, ends in section.items():
            if not isinstance(ends, Sequence) or len(ends) != 2:
                raise ValueError(
                    f"Expected the interval of {name}.{metric} in {path} to have two ends. "
                    f"Received: {ends!r}."
                )


def _trained(path: pathlib.Path, config: Mapping[str, Any]) -> pathlib.Path | None:
    """Return the folder of the run that an evaluation measured, or None where it is not there.

    That around the evaluation comes first: it is the run, wherever both were moved or copied to.
    """
    if config.get("model_kind") != "run":
        return None
    named = pathlib.Path(str(config.get("model")))
    path = path.resolve()
    around = path.parents[1] if path.parent.name == "evaluations" else None
    if around is not None and around.name == named.name and (around / "config.json").is_file():
        return around
    if not (named / "config.json").is_file():
        return None
    classifier, measured = named / "classifier.keras", config.get("model_digest")
    # Another run may have taken the place of the one that was measured.
    replaced = measured is not None and classifier.exists() and path_digest(classifier) != measured
    return None if replaced else named


def _measured_of_it(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings in which an evaluation stands for itself and not for the run."""
    names = "dataset", "image_size", "command"
    measured: dict[str, Any] = {name: config[name] for name in names if name in config}
    if config.get("mixup_inference") is not None:  # another classifier, made of the run's
        measured["mixup_inference"] = config["mixup_inference"]
    if "pictures" in (corruptions := metrics.get("corruptions") or {}):
        measured["corruption_pictures"] = corruptions["pictures"]
    return measured


def _read_json(path: pathlib.Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are such
        raise ValueError(f"Expected JSON in {path}. Received: {error}.") from error
    if not isinstance(content, dict):
        raise ValueError(f"Expected a JSON object in {path}. Received: {type(content).__name__}.")
    return content
