"""What a model says about itself, in the files beside it."""

import pathlib
from collections.abc import Sequence
from typing import Any

from tf_varmixup.export import read_metadata
from tf_varmixup.files import read_json


def told_by(model: pathlib.Path) -> dict[str, Any]:
    """Return what a model's folder says about it.

    Args:
        model: A run, a SavedModel, or a `.keras` file, which may lie in a run.

    Returns:
        A dict that may have `class_names` and `temperature`; empty where nothing is known.

    Raises:
        ValueError: If a file that would tell is damaged.
    """
    if model.is_file():
        if model.name != "classifier.keras":
            return {}
        model = model.parent
    told = read_metadata(model) or read_metadata(model / "saved_model")
    if not told and (model / "metrics.json").is_file():
        told = {"temperature": read_json(model / "metrics.json").get("temperature")}
    return told


def check_classes(model: pathlib.Path, class_names: Sequence[str], dataset: str) -> None:
    """Raise ValueError if a model says that its classes are others than a dataset's.

    Classes without names, which are called by their numbers, may be any; case, spaces, hyphens and
    underscores do not count.

    Args:
        model: As of `told_by`.
        class_names: Names of the dataset's classes by label.
        dataset: What the message calls the dataset.

    Raises:
        ValueError: If a name of the same label differs, or a file that would tell is damaged.

    Example:
        >>> check_classes(pathlib.Path("my_model.keras"), ("cat", "dog"), "pets")
    """
    own = told_by(model).get("class_names") or ()
    numbers = [str(label) for label in range(len(class_names))]
    if len(own) != len(class_names) or numbers in ([*own], [*class_names]):
        return
    for label, names in enumerate(zip(own, class_names, strict=True)):
        if len({_plain(name) for name in names}) > 1:
            raise ValueError(
                f"Expected a dataset with the classes of {model}, whose class {label} is "
                f"{names[0]!r}. Received: {dataset!r}, whose class {label} is {names[1]!r}."
            )


def _plain(name: str) -> str:
    return "".join(letter for letter in str(name).casefold() if letter not in " -_")
