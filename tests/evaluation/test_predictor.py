"""Classifiers from wherever they are: images and their numbers in, logits out."""

import inspect
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from models import compact
from tf_varmixup import VicinalClassifier
from tf_varmixup.evaluation import at_temperature, load_predictor, model_predictor
from tf_varmixup.export import export_saved_model

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1)).astype("uint8")
INDICES = np.arange(5, dtype="int32")


@pytest.fixture(scope="module")
def classifier():
    keras.utils.set_random_seed(0)
    return VicinalClassifier(compact((8, 8, 1), 3))


@pytest.fixture(scope="module")
def expected(classifier):
    logits = classifier(IMAGES).numpy()
    assert np.ptp(logits) > 1e-3
    return logits


@pytest.fixture(scope="module")
def of_probabilities():
    """A model of another origin: it takes [0, 1] and returns probabilities."""
    keras.utils.set_random_seed(0)
    hidden = [layers.Flatten(), layers.Dense(3), layers.Softmax()]
    return keras.Sequential([keras.Input((8, 8, 1)), *hidden])


def check(predict, expected):
    found = predict(tf.constant(IMAGES), tf.constant(INDICES))
    assert found.dtype == tf.float32
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def probabilities_of(logits):
    return tf.nn.softmax(logits).numpy()


def test_of_a_model(classifier, expected):
    check(model_predictor(classifier), expected)


def test_of_a_model_that_returns_probabilities_of_images_in_unit_range(of_probabilities):
    predict = model_predictor(of_probabilities, from_logits=False, value_range=(0, 1))
    expected = of_probabilities(IMAGES / np.float32(255)).numpy()
    np.testing.assert_allclose(probabilities_of(predict(IMAGES, INDICES)), expected, atol=1e-6)


def test_of_a_model_that_takes_images_from_minus_1_to_1():
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten()])
    logits = model_predictor(model, value_range=(-1, 1))(IMAGES, INDICES)
    np.testing.assert_allclose(logits, IMAGES.reshape(5, -1) / 127.5 - 1.0, atol=1e-6)


def test_of_probabilities_from_keras_the_logits_themselves_are_taken():
    """So that attacks have a gradient where a softmax in float32 is 1."""
    keras.utils.set_random_seed(0)
    logits = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3)])
    model = keras.Sequential([*logits.layers, layers.Softmax()])
    assert np.ptp(logits(IMAGES).numpy(), 1).min() > 100.0
    found = model_predictor(model, from_logits=False)(IMAGES, INDICES)
    np.testing.assert_allclose(found, logits(IMAGES), rtol=1e-5)


def test_probabilities_of_0_stay_finite():
    certain = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Softmax()])
    logits = model_predictor(certain, from_logits=False)(IMAGES, INDICES)
    assert np.isfinite(logits).all()


def test_a_predictor_does_not_train():
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Dropout(0.5), layers.Flatten()])
    np.testing.assert_array_equal(
        model_predictor(model)(IMAGES, INDICES), IMAGES.reshape(5, -1).astype("float32")
    )


def test_the_range_of_a_classifier_is_its_own_unless_stated(classifier):
    scaled = VicinalClassifier(classifier.backbone, value_range=(0, 1), backbone_range=(0, 255))
    check(model_predictor(scaled), model_predictor(classifier)(IMAGES, INDICES))
    stated = model_predictor(scaled, value_range=(0, 255))(IMAGES, INDICES)
    assert not np.allclose(stated, model_predictor(scaled)(IMAGES, INDICES))


def test_a_softmax_is_not_taken_for_logits(of_probabilities):
    with pytest.raises(ValueError, match="Received: one that ends in a softmax"):
        model_predictor(of_probabilities)(IMAGES, INDICES)


def test_at_a_temperature():
    def predict(images, indices):
        return tf.one_hot(indices, 3) * 6.0

    np.testing.assert_array_equal(
        at_temperature(predict, 2.0)(None, tf.range(3)), 3.0 * np.eye(3, dtype="float32")
    )
    for temperature in (0, -1.0, np.nan):
        with pytest.raises(ValueError, match="Expected temperature to be a positive number"):
            at_temperature(predict, temperature)


def test_from_a_keras_file(tmp_path, classifier, expected, of_probabilities):
    classifier.save(tmp_path / "classifier.keras")
    check(load_predictor(tmp_path / "classifier.keras"), expected)
    of_probabilities.save(tmp_path / "other.keras")
    predict = load_predictor(str(tmp_path / "other.keras"), from_logits=False, value_range=(0, 1))
    np.testing.assert_allclose(
        probabilities_of(predict(IMAGES, INDICES)),
        of_probabilities(IMAGES / np.float32(255)),
        atol=1e-6,
    )


def test_from_a_runs_folder(tmp_path, classifier, expected):
    (tmp_path / "config.json").write_text(json.dumps({"method": "erm"}))
    classifier.save(tmp_path / "classifier.keras")
    check(load_predictor(tmp_path), expected)


def test_from_a_runs_folder_of_the_version_before(request):
    run = request.path.parents[1] / "assets" / "version_0_1" / "run"
    predict = load_predictor(run)
    shape = keras.saving.load_model(run / "classifier.keras").backbone.input_shape[1:]
    images = np.random.default_rng(0).integers(0, 256, (2, *shape)).astype("uint8")
    logits = predict(images, np.arange(2))
    assert logits.shape[0] == 2
    assert np.isfinite(logits).all()


def test_from_a_saved_model_of_ours(tmp_path, classifier, expected):
    export_saved_model(tmp_path / "saved_model", classifier, (8, 8, 1), temperature=2.0)
    check(load_predictor(tmp_path / "saved_model"), expected)


def test_from_a_saved_model_of_another_origin(tmp_path, of_probabilities):
    of_probabilities.export(tmp_path / "exported", verbose=False)
    predict = load_predictor(tmp_path / "exported", from_logits=False, value_range=(0, 1))
    np.testing.assert_allclose(
        probabilities_of(predict(tf.constant(IMAGES), INDICES)),
        of_probabilities(IMAGES / np.float32(255)),
        atol=1e-6,
    )


def test_what_a_file_returns_and_takes_is_found_out(tmp_path, of_probabilities):
    scaling = layers.Rescaling(1 / 255)
    model = keras.Sequential([keras.Input((8, 8, 1)), scaling, *of_probabilities.layers])
    model.save(tmp_path / "other.keras")
    model.export(tmp_path / "exported", verbose=False)
    for name in ("other.keras", "exported"):
        predict = load_predictor(tmp_path / name)
        np.testing.assert_allclose(
            probabilities_of(predict(tf.constant(IMAGES), INDICES)), model(IMAGES), atol=1e-6
        )


def test_a_file_that_does_not_tell_is_given_0_to_255_with_a_warning(tmp_path, of_probabilities):
    of_probabilities.save(tmp_path / "other.keras")
    with pytest.warns(UserWarning, match="is given images in 0..255, since its own layers leave"):
        predict = load_predictor(tmp_path / "other.keras")
    found = probabilities_of(predict(IMAGES, INDICES))
    np.testing.assert_allclose(found, of_probabilities(IMAGES), atol=1e-6)


class _Bare(tf.Module):
    """A model without Keras."""

    def __init__(self):
        super().__init__()
        self.kernel = tf.Variable(np.random.default_rng(0).normal(size=(64, 3)), dtype="float32")
        self.mean = tf.Variable(0.5)

    @tf.function(input_signature=[tf.TensorSpec((None, 8, 8, 1), tf.float32)])
    def __call__(self, images):
        return tf.reshape((images - self.mean) / 0.25, (-1, 64)) @ self.kernel


def test_from_a_saved_model_of_a_bare_module(tmp_path):
    module = _Bare()
    tf.saved_model.save(module, str(tmp_path / "bare"))
    expected = module(tf.constant(IMAGES / np.float32(255)))
    check(load_predictor(tmp_path / "bare"), expected)


def test_a_saved_model_of_batches_of_one_size_is_refused(tmp_path):
    module = tf.Module()
    module.serve = tf.function(
        lambda images: images[:, 0, :, 0], input_signature=[tf.TensorSpec((4, 8, 8, 1))]
    )
    tf.saved_model.save(module, str(tmp_path / "saved"))
    with pytest.raises(ValueError, match=r"images \(None, H, W, C\)"):
        load_predictor(tmp_path / "saved")


def test_from_a_function_in_a_module(tmp_path, monkeypatch):
    (tmp_path / "my_classifier.py").write_text(
        "import tensorflow as tf\n"
        "def predict(images, indices):\n"
        "    return tf.one_hot(indices, 5)\n"
        "def soft(images, indices):\n"
        "    level = tf.reduce_mean(tf.cast(images, 'float32'), (1, 2, 3))\n"
        "    return tf.stack([level, 1.0 - level], 1)\n"
        "number = 3\n"
        "import keras\n"
        "model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])\n"
    )
    monkeypatch.chdir(tmp_path)
    check(load_predictor("my_classifier:predict"), np.eye(5, dtype="float32"))
    model = load_predictor("my_classifier:model", value_range=(0, 1))
    check(model, IMAGES.reshape(5, -1) / np.float32(255))
    low = np.full((2, 8, 8, 1), 51, "uint8")
    soft = load_predictor("my_classifier:soft", from_logits=False, value_range=(0, 1))
    np.testing.assert_allclose(soft(low, np.arange(2)), np.log([[0.2, 0.8]] * 2), rtol=1e-6)
    with pytest.raises(ValueError, match=r"soft.* to return probabilities, as was stated"):
        load_predictor("my_classifier:soft", from_logits=False)(low, np.arange(2))
    with pytest.raises(ValueError, match=r"to be a function. Received: int"):
        load_predictor("my_classifier:number")
    with pytest.raises(
        ValueError, match=r"Expected module:function. Received: my_classifier:other"
    ):
        load_predictor("my_classifier:other")
    with pytest.raises(ValueError, match=r"Expected module:function. Received: no_module:predict"):
        load_predictor("no_module:predict")


class _TwoInputs(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec((None, 8, 8, 1)), tf.TensorSpec(())])
    def two_inputs(self, images, scale):
        return images * scale

    @tf.function(input_signature=[tf.TensorSpec((None, 8, 8, 1))])
    def two_outputs(self, images):
        return {"a": images, "b": images}


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        ("two_inputs", "with one input, the images. Received: .* with images, scale"),
        ("two_outputs", "one output, or one called 'logits'. Received: .* with a, b"),
        (None, "with the signature 'serving_default'"),
    ],
)
def test_a_saved_model_that_does_not_fit_is_refused(tmp_path, signature, words):
    module = _TwoInputs()
    signatures = {"other": module.two_outputs}
    if signature is not None:
        signatures = {"serving_default": getattr(module, signature)}
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures=signatures)
    with pytest.raises(ValueError, match=words):
        load_predictor(tmp_path / "saved")


def test_what_is_no_classifier_is_refused_in_one_line(tmp_path):
    (tmp_path / "empty.keras").write_bytes(b"")
    (tmp_path / "cut.keras").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "folder").mkdir()
    for path, kind, words in (
        ("missing", FileNotFoundError, "does not exist"),
        ("empty.keras", ValueError, "empty"),
        ("cut.keras", ValueError, "cut off"),
        ("notes.txt", ValueError, "Expected a run, a .keras file"),
        ("folder", ValueError, "Expected a run, a .keras file"),
    ):
        with pytest.raises(kind, match=words) as raised:
            load_predictor(tmp_path / path)
        assert "\n" not in str(raised.value)
        assert path in str(raised.value)


def test_a_bad_range_is_refused_at_once(tmp_path, classifier):
    with pytest.raises(ValueError, match="Expected value_range to be one of"):
        model_predictor(classifier, value_range=(0, 2))
    assert list(inspect.signature(load_predictor).parameters) == [
        "path",
        "from_logits",
        "value_range",
    ]
