"""What an image's values mean never depends on its dtype."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from models import compact
from tf_varmixup import VicinalClassifier
from tf_varmixup.images import (
    check_images,
    check_value_range,
    check_values,
    from_unit,
    to_uint8,
    to_unit,
)

LEVELS = np.arange(256, dtype="uint8").reshape(1, 16, 16, 1)
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3)).astype("uint8")


def test_every_level_survives_the_way_there_and_back():
    floats = to_unit(LEVELS).numpy()
    assert floats.dtype == np.float32
    assert (floats.min(), floats.max()) == (0.0, 1.0)
    np.testing.assert_array_equal(to_uint8(from_unit(floats)), LEVELS)


@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32", "float64"])
def test_the_type_makes_no_difference(dtype):
    np.testing.assert_array_equal(to_unit(LEVELS.astype(dtype)), to_unit(LEVELS))
    np.testing.assert_array_equal(to_uint8(LEVELS.astype(dtype)), LEVELS)
    assert to_unit(LEVELS.astype(dtype)).dtype == tf.float32


@pytest.mark.parametrize(("value", "level"), [(-9.0, 0), (300.0, 255), (0.499, 0), (0.501, 1)])
def test_rounding_and_clipping(value, level):
    assert to_uint8(np.full((1, 1, 1, 1), value, "float32")).numpy().item() == level


@pytest.mark.parametrize(("value", "expected"), [(-0.5, 0.0), (1.5, 255.0), (0.5, 127.5)])
def test_unit_images_are_clipped(value, expected):
    assert from_unit(np.full((1, 1, 1, 1), value, "float32")).numpy().item() == expected


def test_value_ranges():
    assert check_value_range([0, 1]) == (0, 1)
    for value in ((0, 2), (1, 255), "0..255", None, 255):
        with pytest.raises(ValueError, match="Expected value_range to be one of"):
            check_value_range(value)


@pytest.mark.parametrize("dtype", ["uint16", "int32", "int64", "bool"])
def test_types_that_hold_no_images_are_refused(dtype):
    with pytest.raises(ValueError, match=f"uint8 or floating, in 0..255. Received: {dtype}"):
        check_images(np.zeros((2, 8, 8, 1), dtype))


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.zeros((2, 8, 8), "uint8"), r"shape \(2, 8, 8\).*channel axis"),
        (np.zeros((2, 8, 8, 2), "uint8"), r"C 1 or 3.*\(2, 8, 8, 2\)"),
        (np.zeros((2, 3, 8, 8), "uint8"), r"C 1 or 3"),
        ({"image": np.zeros((2, 8, 8, 1))}, "a dict with the keys image"),
        ("image.png", "Received: str"),
    ],
)
def test_shapes_that_are_no_images_are_refused(images, words):
    with pytest.raises(ValueError, match=words):
        check_images(images)


def test_a_shape_that_is_expected():
    check_images(np.zeros((2, 8, 8, 1), "uint8"), (8, 8, 1))
    with pytest.raises(ValueError, match=r"\(B, 8, 8, 3\). Received: shape \(2, 8, 8, 1\)"):
        check_images(np.zeros((2, 8, 8, 1), "uint8"), (8, 8, 3))


@pytest.mark.parametrize(
    ("low", "high", "value_range", "words"),
    [
        (0.0, 1.0, (0, 255), r"0 to 1, which looks like \[0, 1\]. Multiply"),
        (0.2, 0.7, (0, 255), r"looks like \[0, 1\]"),
        (-0.424, 2.821, (0, 255), r"looks like \[0, 1\], normalized"),  # MNIST
        (-0.81, 2.02, (0, 255), r"looks like \[0, 1\], normalized"),  # Fashion-MNIST
        (-0.03, 1.03, (0, 255), r"looks like \[0, 1\], normalized or augmented"),
        (0.5, 1.25, (0, 255), r"looks like \[0, 1\], normalized or augmented"),
        (-5.0, 200.0, (0, 255), "Expected images in 0..255. Received: -5 to 200"),
        (0.0, 65535.0, (0, 255), "0 to 65535"),
        (-1.0, 1.0, (0, 1), "Expected images in 0..1. Received: -1 to 1"),
        (0.0, 255.0, (0, 1), r"0 to 255. Scale the images, or say value_range=\(0, 255\)"),
        (0.0, np.nan, (0, 255), "nan"),
    ],
)
def test_values_that_cannot_be_are_refused(low, high, value_range, words):
    with pytest.raises(ValueError, match=words):
        check_values(np.array([low, high], "float32").reshape(1, 1, 2, 1), value_range)


def test_values_that_can_be_are_taken():
    for images in (IMAGES, IMAGES.astype("float32"), np.zeros((1, 2, 2, 1)), LEVELS[:0]):
        check_values(images)
    check_values(IMAGES / 255.0, (0, 1))
    check_values(np.minimum(LEVELS, 1))  # dark, but in its unit
    check_values(np.array([0.0, 3.0], "float32").reshape(1, 1, 2, 1))  # dark, and whole levels
    check_values(np.array([-0.6, 9.5], "float32").reshape(1, 1, 2, 1))


# Fault: what an image meant once hung on its dtype, which Keras changes on the way.


@pytest.fixture(scope="module")
def classifier():
    keras.utils.set_random_seed(0)
    model = VicinalClassifier(compact((8, 8, 3), 4))
    # So far apart that images taken for others would show.
    head = [layer for layer in model.backbone.layers if layer.weights][-1]
    head.set_weights([30.0 * weight for weight in head.get_weights()])
    return model


WRAPPERS = {
    "sequential": lambda model: keras.Sequential([model, layers.Softmax()]),
    "functional": lambda model: keras.Model(
        inputs := keras.Input((8, 8, 3)), layers.Softmax()(model(inputs))
    ),
    "flipped": lambda model: keras.Sequential([layers.RandomFlip(), model, layers.Softmax()]),
}


@pytest.mark.slow
@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_a_wrapped_classifier_says_what_it_says_alone(classifier, wrapper, dtype):
    expected = tf.nn.softmax(classifier.predict(IMAGES, verbose=0)).numpy()
    assert np.ptp(expected) > 0.01
    wrapped = WRAPPERS[wrapper](classifier)
    wrapped.run_eagerly = dtype != "uint8"  # the casts are the same in a graph and without
    np.testing.assert_allclose(
        wrapped.predict(IMAGES.astype(dtype), verbose=0), expected, atol=1e-6
    )
    np.testing.assert_allclose(
        tf.nn.softmax(classifier.predict(IMAGES.astype(dtype), verbose=0)), expected, atol=1e-6
    )


def compiled(**settings):
    keras.utils.set_random_seed(0)
    model = VicinalClassifier(compact((8, 8, 3), 4), **settings)
    model.compile(
        keras.optimizers.SGD(0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )
    return model


LABELS = np.array([0, 1, 2, 3, 0, 1])


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (IMAGES / np.float32(255), r"looks like \[0, 1\]"),
        (IMAGES.astype("uint16") * 257, "uint16"),
        (IMAGES.astype("float32") - 128.0, r"Expected images in 0\.\.255"),
        (IMAGES[..., 0], "channel axis"),
    ],
)
def test_images_of_another_meaning_are_refused_before_training(images, words):
    model = compiled()
    before = model.get_weights()
    with pytest.raises(ValueError, match=words):
        model.fit(images, LABELS, verbose=0)
    dataset = tf.data.Dataset.from_tensor_slices((images, LABELS)).batch(3)
    with pytest.raises(ValueError, match=words):
        model.fit(dataset, verbose=0)
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_floats_as_kerass_own_loaders_yield_them_train_as_bytes_do(tmp_path):
    for label, image in zip(LABELS, IMAGES, strict=True):
        (tmp_path / str(label)).mkdir(exist_ok=True)
        name = f"{len(list((tmp_path / str(label)).iterdir()))}.png"
        keras.utils.save_img(tmp_path / str(label) / name, image, scale=False)
    loaded = keras.utils.image_dataset_from_directory(
        tmp_path, image_size=(8, 8), batch_size=6, shuffle=False, verbose=False
    )
    images, labels = next(iter(loaded))
    assert images.dtype == tf.float32
    one, other = compiled(), compiled()
    expected = one.fit(
        images.numpy().astype("uint8"), labels, batch_size=6, shuffle=False, verbose=0
    )
    found = other.fit(loaded, verbose=0)
    np.testing.assert_allclose(found.history["loss"], expected.history["loss"], rtol=1e-6)
    for first, second in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(first, second, atol=1e-6)


def test_another_range_can_be_stated():
    model = compiled(value_range=(0, 1), backbone_range=(0, 255))
    expected = compiled()
    np.testing.assert_allclose(
        model.predict(IMAGES / 255.0, verbose=0),
        expected.predict(IMAGES, verbose=0),
        rtol=1e-4,
        atol=1e-5,
    )
    model.fit(IMAGES / 255.0, LABELS, verbose=0)
    with pytest.raises(ValueError, match=r"value_range=\(0, 255\)"):
        model.fit(IMAGES.astype("float32"), LABELS, verbose=0)
