"""What a training shows in TensorBoard, and that measured numbers are where other loggers look."""

import importlib.util

import keras
import numpy as np
import pytest
import tensorflow as tf

from callbacks import CalibrationCallback, CorruptionRobustnessCallback, TensorBoardLogger
from tf_varmixup.run import Recipe
from tf_varmixup.run.recipe import COMMAND, roles

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 1), dtype=np.uint8)
LABELS = np.arange(12) % 3
needs_tensorboard = pytest.mark.skipif(
    importlib.util.find_spec("tensorboard") is None, reason="tensorboard is not installed"
)


def make_model():
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Flatten(), keras.layers.Rescaling(1 / 255), keras.layers.Dense(3)]
    model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.125), loss, metrics=["accuracy"], run_eagerly=True)
    return model


def fit(*callbacks, epochs=3):
    options = {"epochs": epochs, "verbose": 0, "callbacks": list(callbacks)}
    return make_model().fit(IMAGES, LABELS, **options).history


def events(folder):
    """Return `{tag: {step: value}}` of the event files in a folder."""
    found = {}
    for path in sorted(folder.glob("events.out.tfevents.*")):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                found.setdefault(value.tag, {})[event.step] = tf.make_ndarray(value.tensor)
    return found


def pixels(value):
    """Return the images of an event, `(N, H, W, C)`; width and height come first."""
    return np.stack([tf.io.decode_png(image).numpy() for image in value[2:]])


@needs_tensorboard
def test_everything_in_the_logs_is_a_scalar_of_every_epoch(tmp_path):
    calibration = CalibrationCallback((IMAGES, LABELS), every=2)
    history = fit(calibration, TensorBoardLogger(tmp_path))
    found = events(tmp_path)
    assert found.keys() == {*history, "learning_rate"}
    for name in ("loss", "accuracy"):
        values = [float(found[name][epoch]) for epoch in range(3)]
        np.testing.assert_allclose(values, history[name], rtol=1e-6)
    assert found["val_ece"].keys() == {0, 2}
    np.testing.assert_allclose([float(one) for one in found["learning_rate"].values()], 0.125)


@needs_tensorboard
def test_diagrams_and_images_are_those_of_the_evaluated_epochs(tmp_path):
    calls = []

    def brighter():
        calls.append(1)
        return np.full((2, 8, 8, 3), [10.0, 127.6, 300.0], "float32")

    batch = (IMAGES[:4].astype("float32"), np.full((4, 3), 1 / 3))
    images = {"brighter": brighter, "batch": lambda: batch}
    fit(TensorBoardLogger(tmp_path, (IMAGES, LABELS), images, every=3), epochs=5)
    found = events(tmp_path)
    for name in ("reliability", "brighter", "batch"):
        assert found[name].keys() == {0, 3, 4}
    assert len(calls) == 3
    assert found["loss"].keys() == {0, 1, 2, 3, 4}
    shown = pixels(found["brighter"][0])
    assert shown.shape == (2, 8, 8, 3)
    assert (shown == [10, 128, 255]).all()
    for name in ("reliability", "batch"):
        (plot,) = pixels(found[name][4])
        assert min(plot.shape[:2]) > 200
        assert plot.std() > 10  # not blank


@needs_tensorboard
def test_images_in_the_unit_range_are_shown_as_bright_as_others(tmp_path):
    images = {"half": lambda: np.full((1, 8, 8, 1), 0.5, "float32")}
    fit(TensorBoardLogger(tmp_path, images=images, value_range=(0, 1)), epochs=1)
    assert (pixels(events(tmp_path)["half"][0]) == 128).all()


@needs_tensorboard
def test_a_second_fit_writes_on(tmp_path):
    logger = TensorBoardLogger(tmp_path)
    fit(logger, epochs=1)
    fit(logger, epochs=2)
    assert events(tmp_path)["loss"].keys() == {0, 1}


def test_without_the_package_nothing_begins(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    message = r"Expected the package tensorboard .*pip install tf-varmixup\[tensorboard\]"
    with pytest.raises(ImportError, match=message):
        TensorBoardLogger(tmp_path)
    with pytest.raises(ImportError, match=message):
        Recipe("digits", tensorboard=True)
    assert not list(tmp_path.iterdir())


def test_to_show_a_training_makes_it_no_other_experiment():
    assert roles()["tensorboard"] == COMMAND


def test_other_loggers_find_the_numbers_in_the_logs():
    """W&B's and MLflow's callbacks for Keras log what `logs` holds at the end of an epoch."""

    class Elsewhere(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.logged = []

        def on_epoch_end(self, epoch, logs=None):
            self.logged.append({name: float(value) for name, value in (logs or {}).items()})

    before, elsewhere = Elsewhere(), Elsewhere()
    data = (IMAGES, LABELS)
    robustness = CorruptionRobustnessCallback(data, corruptions=["contrast"], severities=[3])
    history = fit(before, CalibrationCallback(data), robustness, elsewhere, epochs=2)
    ours = {"val_ece", "val_nll", "val_brier", "corrupted_accuracy", "corrupted_ece"}
    for epoch in range(2):
        assert ours <= elsewhere.logged[epoch].keys()
        for name in ours:
            assert elsewhere.logged[epoch][name] == pytest.approx(history[name][epoch])
        assert not ours & before.logged[epoch].keys()  # which is why the order counts
