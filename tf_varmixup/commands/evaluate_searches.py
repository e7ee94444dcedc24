"""Attacks and the search for local linearity, each kept once it is done."""

import argparse
import json
import pathlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import rich.progress
import tensorflow as tf

from tf_varmixup import data, evaluation
from tf_varmixup import run as runs
from tf_varmixup.evaluation import MeasuredValues, Predictor
from tf_varmixup.files import whole

_Search = Callable[[Callable[[float], object]], MeasuredValues]


def searches(
    options: argparse.Namespace,
    predict: Predictor,
    test: data.Split,
    temperature: float | None,
    run: runs.RunFolder,
) -> Sequence[tuple[str, MeasuredValues]]:
    """Attack, and search for local linearity before and after temperature scaling.

    Args:
        options: As `set_up` completed them.
        predict: The classifier.
        test: The test images, of which the first are taken.
        temperature: The fitted temperature, or None.
        run: The folder, which keeps what was found.

    Returns:
        Pairs of the name of a section and what was found.
    """
    if options.attack is None and not options.local_linearity:
        return []
    split = test.take(options.attack_images)
    shared: dict[str, Any] = {
        "norm": options.attack_norm,
        "radius": options.attack_radius,
        # A gradient keeps what every layer made of the images.
        "batch_size": max(1, options.batch_size // 4),
        "seed": options.seed,
    }

    def classify(images: tf.Tensor) -> tf.Tensor:
        return predict(images, tf.range(tf.shape(images)[0]))

    def attack(on_progress: Callable[[float], object]) -> MeasuredValues:
        own = {"steps": options.attack_steps, "restarts": options.attack_restarts}
        return evaluation.measure_adversarial(
            classify,
            split.images,
            split.labels,
            options.attack,
            on_progress=on_progress,
            **shared,
            **(own if options.attack == "pgd" else {}),
        )

    def linearity(at: float) -> _Search:
        return lambda on_progress: evaluation.measure_local_linearity(
            classify, split.images, split.labels, temperature=at, on_progress=on_progress, **shared
        )

    wanted: dict[str, _Search] = {}
    if options.attack is not None:
        wanted[f"adversarial.{options.attack}"] = attack
    if options.local_linearity:
        wanted["local_linearity.clean"] = linearity(1.0)
        if temperature is not None:
            wanted["local_linearity.clean_after_temperature"] = linearity(temperature)
    return [(name, _kept_or_found(run, name, search)) for name, search in wanted.items()]


def _kept_or_found(run: runs.RunFolder, name: str, search: _Search) -> MeasuredValues:
    path = run.checkpoints / f"{name}.npz"
    if not path.exists():
        with run.stage(name.partition(".")[0]), rich.progress.Progress() as progress:
            task = progress.add_task(name, total=1.0)
            _keep(path, search(lambda done: progress.update(task, completed=done)))
            progress.update(task, completed=1.0)
    return _kept(path)


def _keep(path: pathlib.Path, measured: MeasuredValues) -> None:
    with whole(path) as partial:
        arrays: dict[str, Any] = {**measured.values, "settings": json.dumps(measured.settings)}
        np.savez(partial, **arrays)


def _kept(path: pathlib.Path) -> MeasuredValues:
    with np.load(path, allow_pickle=False) as stored:
        values = {name: stored[name] for name in stored.files if name != "settings"}
        return MeasuredValues(values, json.loads(str(stored["settings"])))


def of_search(section: dict[str, float]) -> str:
    """Say what an attack or a search found."""
    name = "accuracy" if "accuracy" in section else "linearity_error"
    value = section[name]
    text = f"{value:.2%}" if name == "accuracy" else f"{value:.4f} nats"
    return f"{name.replace('_', ' ')} {text} on {section['images']:,} images"
