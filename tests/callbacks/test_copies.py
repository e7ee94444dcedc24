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
    "calibration": lambda folder: CalibrationCallback((IMAGES, LABELS), every=5),
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
    "deepcopy": copy.deepcopy,
    "pickle": lambda callback: pickle.loads(pickle.dumps(callback)),
}


def fit(callback, units):
    """Train a new model; return what was logged and what was printed."""
    keras.utils.set_random_seed(units)
    layers = [keras.layers.Flatten(), keras.layers.Rescaling(1 / 255), keras.layers.Dense(units)]
    model = keras.Sequential([keras.Input((8, 8, 1)), *layers, keras.layers.Dense(3)])
    model.compile(
        keras.optimizers.SGD(0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        history = model.fit(
            IMAGES, LABELS, batch_size=10, epochs=2, shuffle=False, verbose=0, callbacks=[callback]
        )
    return history.history, output.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("kind", MAKERS)
def test_copies_do_what_a_new_callback_does_and_leave_the_model_behind(kind, tmp_path):
    def do(callback):
        """Train with a callback; return all that comes of it."""
        logged = fit(callback, units=5)
        tables = [path.read_text() for path in tmp_path.glob("*.csv")]
        names = sorted(path.name for path in tmp_path.iterdir())
        for path in tmp_path.iterdir():
            path.unlink()
        return logged, names, tables

    expected = do(MAKERS[kind](tmp_path))
    callback = MAKERS[kind](tmp_path)
    fresh = {way: make(callback) for way, make in COPIES.items()}
    # A copy of a used one goes to another model, and leaves the first behind.
    small = len(pickle.dumps(callback))
    fit(callback, units=512)  # 32 thousand weights of 4 bytes
    used = {way: make(callback) for way, make in COPIES.items()}
    for path in tmp_path.iterdir():
        path.unlink()
    assert callback.model is not None
    assert len(pickle.dumps(callback)) < small + 1000
    for way in COPIES:
        assert do(fresh[way]) == expected, way
        assert used[way].model is None
        if isinstance(callback, BestCheckpoint):
            assert used[way].best == callback.best
            used[way].best = np.inf
        assert do(used[way]) == expected, way
