import csv

import keras
import numpy as np
import pytest
import tensorflow as tf

from callbacks import CalibrationCallback
from tf_varmixup.metrics import ExpectedCalibrationError, classification_summary

NAMES = ("ece", "signed_gap", "overconfidence_error", "underconfidence_error", "brier", "nll")
COUNT, NUM_CLASSES = 43, 3


def make_data(dtype="float32"):
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, size=(COUNT, 8, 8, 1)).astype(dtype)
    return images, generator.integers(NUM_CLASSES, size=COUNT)


def make_model(dtype="float32", activation=None, sparse=True, scale=1 / 255, **options):
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((8, 8, 1), dtype=dtype),
        keras.layers.Flatten(),
        keras.layers.Rescaling(scale),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(NUM_CLASSES, activation=activation),
    ]
    model = keras.Sequential(layers)
    loss = (
        keras.losses.SparseCategoricalCrossentropy
        if sparse
        else keras.losses.CategoricalCrossentropy
    )
    # What the callback makes of the model is a graph all the same.
    options = options if "jit_compile" in options else {"run_eagerly": True, **options}
    model.compile(keras.optimizers.SGD(0.05), loss(from_logits=activation is None), **options)
    return model


def assert_last_row_is_of(history, model, images, labels):
    """The last epoch's metrics are those of the model as it is after training."""
    expected = classification_summary(model.predict(images, verbose=0), labels)
    for name in NAMES:
        assert history.history[f"val_{name}"][-1] == pytest.approx(expected[name], abs=1e-5), name


@pytest.mark.parametrize(("dtype", "jit_compile"), [("float32", False), ("uint8", True)])
def test_arrays(dtype, jit_compile):
    images, labels = make_data(dtype)
    model = make_model(dtype, jit_compile=jit_compile)
    history = model.fit(
        images,
        labels,
        epochs=2,
        verbose=0,
        callbacks=[CalibrationCallback((images, labels), batch_size=16)],
    )
    assert_last_row_is_of(history, model, images, labels)
    assert all(len(history.history[f"val_{name}"]) == 2 for name in NAMES)


@pytest.mark.parametrize("one_hot", [False, True])
def test_datasets_with_a_short_last_batch(one_hot):
    images, labels = make_data()
    targets = np.eye(NUM_CLASSES, dtype="float32")[labels] if one_hot else labels[:, None]
    data = tf.data.Dataset.from_tensor_slices((images, targets)).batch(16)
    model = make_model(sparse=not one_hot)
    history = model.fit(data, epochs=2, verbose=0, callbacks=[CalibrationCallback(data)])
    assert_last_row_is_of(history, model, images, labels)


def test_probabilities():
    images, labels = make_data()
    model = make_model(activation="softmax")
    history = model.fit(
        images,
        labels,
        verbose=0,
        callbacks=[CalibrationCallback((images, labels), from_logits=False)],
    )
    expected = classification_summary(np.log(model.predict(images, verbose=0)), labels)
    assert history.history["val_ece"][-1] == pytest.approx(expected["ece"], abs=1e-5)
    assert history.history["val_nll"][-1] == pytest.approx(expected["nll"], abs=1e-5)


def test_agrees_with_keras_own_validation():
    images, labels = make_data()
    model = make_model(metrics=[ExpectedCalibrationError()])
    callback = CalibrationCallback((images, labels), prefix="mine_")
    history = model.fit(
        images, labels, validation_data=(images, labels), epochs=2, verbose=0, callbacks=[callback]
    )
    np.testing.assert_allclose(history.history["mine_ece"], history.history["val_ece"], atol=1e-5)
    np.testing.assert_allclose(history.history["mine_nll"], history.history["val_loss"], atol=1e-5)


def test_num_bins():
    images, labels = make_data()
    model = make_model()
    history = model.fit(
        images, labels, verbose=0, callbacks=[CalibrationCallback((images, labels), num_bins=1)]
    )
    expected = classification_summary(model.predict(images, verbose=0), labels, num_bins=1)
    assert history.history["val_ece"][0] == pytest.approx(expected["ece"], abs=1e-5)
    assert abs(history.history["val_signed_gap"][0]) == pytest.approx(history.history["val_ece"][0])


def test_under_mirrored_strategy():
    images, labels = make_data()
    # not the default collectives: their keys collide between several strategies in one process
    strategy = tf.distribute.MirroredStrategy(
        ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    with strategy.scope():
        model = make_model()
        model.run_eagerly = False
    history = model.fit(
        images,
        labels,
        batch_size=16,
        epochs=2,
        verbose=0,
        callbacks=[CalibrationCallback((images, labels))],
    )
    # replicas keep batch statistics of their own; what counts is the model as it would be saved
    copy = make_model()
    copy.set_weights(model.get_weights())
    assert_last_row_is_of(history, copy, images, labels)


def test_under_a_mixed_policy():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        images, labels = make_data()
        model = make_model()
        history = model.fit(
            images, labels, verbose=0, callbacks=[CalibrationCallback((images, labels))]
        )
    finally:
        keras.config.set_dtype_policy(before)
    assert_last_row_is_of(history, model, images, labels)


def test_images_in_the_unit_range():
    images, labels = make_data()
    images = images / 255
    model = make_model(scale=1.0)
    callback = CalibrationCallback((images, labels), value_range=(0, 1))
    history = model.fit(images, labels, verbose=0, callbacks=[callback])
    assert_last_row_is_of(history, model, images, labels)


def test_the_names_in_the_logs():
    images, labels = make_data()
    callback = CalibrationCallback((images, labels), prefix="held_out_")
    history = make_model().fit(images, labels, verbose=0, callbacks=[callback])
    assert set(history.history) == {"loss", *(f"held_out_{name}" for name in NAMES)}


def test_the_arguments_by_position():
    images, labels = make_data()
    callback = CalibrationCallback((images, labels), False, 7, "a_", 3, 16)
    assert (callback.from_logits, callback.num_bins) == (False, 7)
    assert (callback.prefix, callback.every) == ("a_", 3)


def test_later_callbacks_see_the_metrics(tmp_path):
    images, labels = make_data()
    model = make_model()
    model.optimizer.learning_rate = 0.0
    model.layers[2].trainable = False
    model.compile(model.optimizer, model.loss)
    callbacks = [
        CalibrationCallback((images, labels)),
        keras.callbacks.CSVLogger(tmp_path / "history.csv"),
        keras.callbacks.ModelCheckpoint(
            tmp_path / "best.keras", monitor="val_ece", mode="min", save_best_only=True
        ),
        keras.callbacks.EarlyStopping(monitor="val_ece", mode="min", patience=3),
    ]
    history = model.fit(images, labels, epochs=20, verbose=0, callbacks=callbacks)
    # Nothing is learned: the first epoch stays the best, and three more are waited for.
    assert len(history.epoch) == 4
    assert (tmp_path / "best.keras").exists()
    rows = list(csv.DictReader((tmp_path / "history.csv").open()))
    assert {f"val_{name}" for name in NAMES} <= set(rows[0])
    assert [float(row["val_ece"]) for row in rows] == history.history["val_ece"]


@pytest.mark.parametrize("option", ["num_bins", "every", "batch_size"])
@pytest.mark.parametrize("value", [0, 1.5, True])
def test_bad_numbers(option, value):
    with pytest.raises(ValueError, match=f"Expected {option} to be a positive integer"):
        CalibrationCallback(make_data(), **{option: value})


def test_labels_as_a_second_argument():
    with pytest.raises(ValueError, match="Expected from_logits to be True or False"):
        CalibrationCallback(*make_data())
