"""What the callbacks that take data take, and what they refuse in one line."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from callbacks import CalibrationCallback, CorruptionRobustnessCallback
from tf_varmixup.data import Split

NUM_CLASSES = 3
IMAGES = np.random.default_rng(0).integers(0, 256, (10, 8, 8, 1), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 1, 0, 2, 2, 1, 0, 1])
ONE_HOT = np.eye(NUM_CLASSES, dtype=np.float32)[LABELS]
CALLBACKS = {
    "calibration": CalibrationCallback,
    "robustness": functools.partial(
        CorruptionRobustnessCallback, corruptions=["contrast"], severities=[3]
    ),
}
FORMS = {
    "pair": (IMAGES, LABELS),
    "column": (IMAGES, LABELS[:, None]),
    "one-hot": (IMAGES, ONE_HOT),
    "floats": (IMAGES.astype("float32"), LABELS),
    "split": Split(IMAGES, LABELS),
    "dataset": tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(4),
    "one-hot dataset": tf.data.Dataset.from_tensor_slices((IMAGES, ONE_HOT)).batch(4),
}
every_callback = pytest.mark.parametrize("kind", CALLBACKS)


def make_model():
    keras.utils.set_random_seed(0)
    layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Rescaling(1 / 255)]
    model = keras.Sequential([*layers, keras.layers.Dense(NUM_CLASSES)])
    model.compile(
        keras.optimizers.SGD(0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )
    return model


def metrics(callback):
    history = (
        make_model()
        .fit(IMAGES, LABELS, batch_size=10, shuffle=False, verbose=0, callbacks=[callback])
        .history
    )
    return {name: values[0] for name, values in history.items() if name != "loss"}


@every_callback
@pytest.mark.slow
def test_every_form_gives_the_same_metrics(kind):
    expected = metrics(CALLBACKS[kind](FORMS["pair"]))
    assert len(expected) >= 3
    for name, form in FORMS.items():
        assert metrics(CALLBACKS[kind](form)) == pytest.approx(expected, abs=1e-6), name


def test_images_with_labels_beside_them():
    expected = metrics(CALLBACKS["robustness"](FORMS["pair"]))
    assert metrics(CALLBACKS["robustness"](IMAGES, LABELS)) == expected
    assert metrics(CALLBACKS["robustness"](IMAGES, ONE_HOT)) == expected


@pytest.mark.parametrize("form", ["pair", "split", "dataset"])
def test_labels_beside_data_that_have_them(form):
    with pytest.raises(
        ValueError, match=r"Expected labels beside images alone. Received: labels be"
    ):
        CorruptionRobustnessCallback(FORMS[form], "validation")


@every_callback
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((IMAGES[..., 0], LABELS), r"\(10, 8, 8\). Add the channel axis"),
        ((np.concatenate([IMAGES] * 2, axis=-1), LABELS), "C 1 or 3"),
        ((IMAGES, LABELS[:9]), "Received: 10 images and 9 labels"),
        ((IMAGES[:0], LABELS[:0]), "Received: 0 images"),
        ((IMAGES, ONE_HOT[None]), r"Received: shape \(1, 10, 3\)"),
        ((IMAGES, np.array(["cat"] * 10)), "Received: text or objects, such as .*cat"),
        ((IMAGES, LABELS - 1), "Received: the label -1"),
        ((IMAGES, LABELS + 0.5), "Received: the label 0.5"),
        ((IMAGES.astype("uint16"), LABELS), "Received: uint16"),
        ((IMAGES / 255, LABELS), r"looks like \[0, 1\].*value_range=\(0, 1\)"),
        ((IMAGES - 100.0, LABELS), "Expected images in 0..255. Received: -100"),
        ((np.full((10, 8, 8, 1), np.nan), LABELS), "Expected images in 0..255. Received: nan"),
        ({"image": IMAGES, "label": LABELS}, "Received: a dict with the keys image, label"),
        (IMAGES, "Expected data to be a pair .* Received: ndarray"),
        ((IMAGES,), "Received: a tuple of 1 items"),
        (tf.data.Dataset.from_tensor_slices(IMAGES).batch(2), "Received: a tf.data.Dataset of"),
        (
            tf.data.Dataset.from_tensor_slices({"image": IMAGES, "label": LABELS}).batch(2),
            "a dict with the keys image, label",
        ),
        (FORMS["dataset"].repeat(), "repeats without end"),
        (FORMS["dataset"].take(0), "Received: an empty tf.data.Dataset"),
        (FORMS["dataset"].map(lambda images, labels: (images[..., 0], labels)), "channel axis"),
    ],
)
def test_what_is_not_labeled_images_is_refused_in_one_line(kind, data, message):
    with pytest.raises(ValueError, match=message) as caught:
        CALLBACKS[kind](data)
    assert "\n" not in str(caught.value)


@every_callback
def test_the_stated_range_is_checked(kind):
    with pytest.raises(ValueError, match=r"Expected images in 0..1. Received: 0 to 255"):
        CALLBACKS[kind]((IMAGES.astype("float32"), LABELS), value_range=(0, 1))


@every_callback
@pytest.mark.parametrize("form", ["pair", "dataset"])
def test_class_numbers_from_one_are_refused_in_the_first_evaluation(kind, form):
    data = (IMAGES, LABELS + 1)
    if form == "dataset":
        data = tf.data.Dataset.from_tensor_slices(data).batch(4)
    with pytest.raises(ValueError, match=r"Expected .* 0 .* 2\. Received: 1 .* 3\."):
        metrics(CALLBACKS[kind](data))
