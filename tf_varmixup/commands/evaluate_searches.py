"""What is searched around and between test images, each kept once it is done."""

import argparse
import itertools
import json
import pathlib
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import rich.progress
import tensorflow as tf

from tf_varmixup import data, evaluation
from tf_varmixup import run as runs
from tf_varmixup.evaluation import MeasuredValues, Predictor

LINEARITY = "local_linearity"  # what its sections begin with

_Search = Callable[[Callable[[float], object]], MeasuredValues]


def searches(
    options: argparse.Namespace,
    predict: Predictor,
    test: data.Split,
    temperature: float | None,
    autoencoder: keras.Model | None,
    run: runs.RunFolder,
) -> Sequence[tuple[str, MeasuredValues]]:
    """Attack, search for local linearity, and follow lines between images.

    Local linearity and smoothness are measured before and after temperature scaling.

    Args:
        options: As `set_up` completed them.
        predict: The classifier.
        test: The test images, of which the first are taken.
        temperature: The fitted temperature, or None.
        autoencoder: What lines between images go through beside pixels, or None.
        run: The folder, which keeps what was found.

    Returns:
        Pairs of the name of a section and what was found.
    """
    split = test.take(options.attack_images) if options.attack_images else test
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

    def smoothness(through: keras.Model | None, at: float) -> _Search:
        return lambda on_progress: evaluation.measure_interpolation(
            classify,
            test.images,
            through,
            temperature=at,
            batch_size=options.batch_size,
            seed=options.seed,
            on_progress=on_progress,
        )

    def linearity(at: float) -> _Search:
        return lambda on_progress: evaluation.measure_local_linearity(
            classify, split.images, split.labels, temperature=at, on_progress=on_progress, **shared
        )

    wanted: dict[str, _Search] = {}
    if options.attack is not None:
        wanted[f"adversarial.{options.attack}"] = attack
    temperatures = {"": 1.0} | ({} if temperature is None else {"_after_temperature": temperature})
    if options.local_linearity:
        for when, at in temperatures.items():
            wanted[f"{LINEARITY}.clean{when}"] = linearity(at)
    if options.interpolation:
        lines = {"pixels": None} | ({} if autoencoder is None else {"latents": autoencoder})
        for (kind, through), (when, at) in itertools.product(lines.items(), temperatures.items()):
            wanted[f"interpolation.{kind}{when}"] = smoothness(through, at)
    return [(name, _kept_or_found(run, name, search)) for name, search in wanted.items()]


def _kept_or_found(run: runs.RunFolder, name: str, search: _Search) -> MeasuredValues:
    path = run.kept.find(f"{name}.npz")
    if path is not None:
        return _kept(path)
    with run.stage(name.partition(".")[0]), rich.progress.Progress() as progress:
        task = progress.add_task(name, total=1.0)
        measured = search(lambda done: progress.update(task, completed=done))
        with run.kept.writing(f"{name}.npz") as partial:
            arrays: dict[str, Any] = {**measured.values, "settings": json.dumps(measured.settings)}
            np.savez(partial, **arrays)
        progress.update(task, completed=1.0)
    return measured


def _kept(path: pathlib.Path) -> MeasuredValues:
    with np.load(path, allow_pickle=False) as stored:
        values = {name: stored[name] for name in stored.files if name != "settings"}
        return MeasuredValues(values, json.loads(str(stored["settings"])))


def of_search(section: dict[str, float]) -> str:
    """Say what an attack or a search found."""
    if "pairs" in section:
        length, excess = section["total_variation"], section["excess_variation"]
        return (
            f"total variation {length:.3f}, {excess:.3f} in excess, of {section['pairs']:,} lines"
        )
    if "accuracy" in section:
        return f"accuracy {section['accuracy']:.2%} on {section['images']:,} images"
    return f"linearity error {section['linearity_error']:.4f} nats on {section['images']:,} images"
