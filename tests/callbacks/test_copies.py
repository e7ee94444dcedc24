"""Copies and pickles of every callback, as KerasTuner and multiprocessing make them."""

import contextlib
import copy
import io
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf

from callbacks import (
    BestCheckpoint,
    CalibrationCallback,
    CorruptionRobustnessCallback,
    EpochCheckpoint,
    TrainingProgress,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (10, 8, 8, 1), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 1, 0, 2, 2, 1, 0, 1])
DATASET = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(4)
MAKERS = {
    "calibration": lambda folder: CalibrationCallback((IMAGES, LABELS), every=2),
    "calibration of a dataset": lambda folder: CalibrationCallback(DATASET),
    "robustness": lambda folder: CorruptionRobustnessCallback(
        (IMAGES, LABELS),
        corruptions=["gaussian_noise"],
        severities=[3],
        csv_path=folder / "cells.csv",
    ),
    "robustness of a dataset": lambda folder: CorruptionRobustnessCallback(
        DATASET, corruptions=["gaussian_noise"], severities=[3]
    ),
    "best": lambda folder: BestCheckpoint(folder / "best.keras", "loss", "min"),
    "checkpoint": lambda folder: EpochCheckpoint(folder / "state.weights.h5"),
    "progress": lambda folder: TrainingProgress("classifier", ["loss"]),
}
COPIES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda callback: pickle.loads(pickle.dumps(callback)),
}


def fit(callback, units):
    """Train a new model; return what was logged and what was printed."""
    keras.utils.set_random_seed(units)
    layers = [keras.layers.Flatten(), keras.layers.Rescaling(1 / 255), keras.layers.Dense(units)]
    model = keras.Sequential([keras.Input((8, 8, 1)), *layers, keras.layers.Dense(3)])
    model.compile(
        keras.optimizers.SGD(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        history = model.fit(
            IMAGES, LABELS, batch_size=10, epochs=3, shuffle=False, verbose=0, callbacks=[callback]
        )
    return history.history, output.getvalue()


def written(folder):
    """Names and sizes of the files in a folder, and the rows of a table."""
    tables = [path.read_text() for path in folder.glob("*.csv")]
    return sorted(path.name for path in folder.iterdir()), tables


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("way", COPIES)
def test_a_copy_does_what_a_new_callback_does(kind, way, tmp_path):
    def fresh_folder(name):
        folder = tmp_path / name
        folder.mkdir()
        return folder

    expected_folder, folder = fresh_folder("expected"), fresh_folder("copied")
    expected = fit(MAKERS[kind](expected_folder), units=5)

    callback = MAKERS[kind](folder)
    fresh = COPIES[way](callback)
    assert fit(fresh, units=5) == expected
    assert written(folder) == written(expected_folder)

    # After a fit the copy goes to another model, and leaves the first one behind.
    for path in folder.iterdir():
        path.unlink()
    fit(callback, units=4)
    for path in folder.iterdir():
        path.unlink()
    used = COPIES[way](callback)
    assert used.model is None
    assert callback.model is not None
    if isinstance(used, BestCheckpoint):
        assert used.best == callback.best
        used.best = np.inf
    assert fit(used, units=5) == expected
    assert written(folder) == written(expected_folder)


@pytest.mark.parametrize("kind", MAKERS)
def test_a_pickle_has_no_model_in_it(kind, tmp_path):
    callback = MAKERS[kind](tmp_path)
    fit(callback, units=4)
    small = len(pickle.dumps(callback))
    fit(callback, units=512)  # 32 thousand weights of 4 bytes
    assert len(pickle.dumps(callback)) < small + 1000
