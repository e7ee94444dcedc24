"""Whether an evaluation measures the images that it should: the run's own, the baseline's."""

import argparse
import os
import pathlib
from collections.abc import Mapping
from typing import Any

from tf_varmixup.commands.console import say
from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.files import read_json


def is_same_dataset(one: str, other: str) -> bool:
    """Return whether two names are of one dataset.

    A folder may lie elsewhere on another machine, so that its own name counts; of two that are here
    it is known.

    Example:
        >>> is_same_dataset("cifar10", "cifar10"), is_same_dataset("there/photos", "photos")
        (True, True)
    """
    both = [os.path.expanduser(name) for name in (one, other)]
    if all(map(os.path.isdir, both)):
        return os.path.samefile(*both)
    return os.path.basename(both[0]) == os.path.basename(both[1])


def check_trained_on(options: argparse.Namespace, data_digest: str) -> None:
    """Raise ValueError if the folder that a run was trained on has other images since.

    Where a folder has no test images of its own they are drawn from all, so that with one image
    more the run has been trained on many of what is drawn now. Of a dataset of TFDS, whose test
    images are its own, it is said.

    Args:
        options: `model`, a run's folder, `dataset` and `image_size`.
        data_digest: Of the images that were loaded.

    Raises:
        ValueError: If they are others than the run's.
    """
    path = pathlib.Path(options.model, "config.json")
    config = read_json(path) if path.is_file() else {}
    trained_on = config.get("data_digest")
    if trained_on in (None, data_digest) or config.get("image_size") != options.image_size:
        return
    if not is_same_dataset(config["dataset"], options.dataset):
        return
    if os.path.isdir(os.path.expanduser(options.dataset)):
        raise ValueError(
            f"Expected {options.dataset} to hold what it did when {options.model} was trained: its "
            "test images are drawn from all, so that the run may have been trained on some of "
            "today's. Received: other contents. Restore them, or name a folder of another name, "
            "with the images to be measured in its folder test."
        )
    say("note", f"these are not the images of {options.dataset} that the run was trained on")


def check_baseline(options: argparse.Namespace) -> None:
    """Raise ValueError if the baseline is a run on another dataset.

    Args:
        options: `baseline`, a run's folder, a file or None, and `dataset`.

    Raises:
        ValueError: If it is one.
    """
    path = None if options.baseline is None else options.baseline / "config.json"
    if path is None or not path.is_file():
        return
    theirs = read_json(path).get("dataset", options.dataset)
    if not is_same_dataset(theirs, options.dataset):
        raise ValueError(
            f"Expected a baseline on {options.dataset!r}. "
            f"Received: {options.baseline} on {theirs!r}."
        )


def check_baseline_images(
    baseline: pathlib.Path, config: Mapping[str, Any], benchmark: CorruptionBenchmark | None
) -> None:
    """Raise ValueError if a baseline's corrupted images are known to be others.

    Args:
        baseline: A run's folder, or a file, which says nothing of its images.
        config: Contents of the evaluation's config.json.
        benchmark: What it measures, or None.

    Raises:
        ValueError: If source, constants or frost of the corruptions, or a digest, are others.
    """
    theirs: dict[str, Any] = {}
    for name in ("config.json", "metrics.json"):
        if benchmark is not None and (baseline / name).is_file():
            content = read_json(baseline / name)
            theirs |= content if name == "config.json" else content.get("corruptions") or {}
    ours = {} if benchmark is None else {**config, **benchmark.origin}
    for name in ("source", "constants", "frost", "data_digest", "corruption_digest"):
        values = [one.get(name) for one in (ours, theirs)]
        if None not in values and values[0] != values[1]:
            raise ValueError(
                f"Expected a baseline on the same corrupted images, with {name} {values[0]!r}. "
                f"Received: {baseline} with {values[1]!r}."
            )
