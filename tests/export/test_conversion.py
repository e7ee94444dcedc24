"""Classifiers of any precision become LiteRT and ONNX, and what they say is the same."""

import importlib.util
import json
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax

from models import classifier_builder
from tests.harness import dtype_policy
from tf_varmixup import VicinalClassifier, export_saved_model
from tf_varmixup.export import (
    ConversionError,
    conversion,
    export_formats,
    export_litert,
    export_onnx,
    read_metadata,
)
from tf_varmixup.export.precision import in_float32

EXTRAS = {"litert": ["ai_edge_litert"], "onnx": ["tf2onnx", "onnxruntime"]}
FILES = {"litert": "classifier.tflite", "onnx": "classifier.onnx"}
IMAGES = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), dtype="uint8")
INSTALLED = [
    format for format, extra in EXTRAS.items() if all(map(importlib.util.find_spec, extra))
]


def needs(format):
    return pytest.mark.skipif(format not in INSTALLED, reason=f"{format} is not installed")


formats = pytest.mark.parametrize(
    "format", [pytest.param(format, marks=needs(format)) for format in EXTRAS]
)


def logits_of(classifier):
    return np.array(classifier(IMAGES.astype("float32"), training=False), "float32")


def make():
    """A small classifier of random weights, in the precision that is set."""
    keras.utils.set_random_seed(0)
    layers = [
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(4, 3, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Flatten(),
        keras.layers.Dense(4, dtype="float32"),
    ]
    return VicinalClassifier(keras.Sequential([keras.Input((8, 8, 3)), *layers]))


@pytest.fixture(scope="module")
def classifier():
    with dtype_policy("mixed_bfloat16"):
        return make()


@pytest.fixture(scope="module")
def exported(classifier, tmp_path_factory):
    """The SavedModel of a classifier in bfloat16 and what becomes of it, in one folder."""
    folder = tmp_path_factory.mktemp("exported")
    export_saved_model(
        folder / "saved_model", classifier, (8, 8, 3), 1.5, class_names=["ä", "b", "c", "d"]
    )
    export_formats(folder / "saved_model", INSTALLED, classifier)
    return folder


def answers(format, folder):
    """What the format's own runtime says about `IMAGES`."""
    if format == "litert":
        from ai_edge_litert.interpreter import Interpreter

        return Interpreter(str(folder / FILES[format])).get_signature_runner()(images=IMAGES)
    import onnxruntime

    session = onnxruntime.InferenceSession(folder / FILES[format])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"images": IMAGES}), strict=True))


def test_the_precision_is_another_only_for_as_long(classifier):
    before = logits_of(classifier)
    with in_float32(classifier) as is_another:
        meanwhile = logits_of(classifier)
    assert is_another
    assert 0.0 < np.abs(meanwhile - before).max() < 0.1
    np.testing.assert_array_equal(logits_of(classifier), before)
    twin = make()
    np.testing.assert_allclose(logits_of(twin), meanwhile, atol=1e-5)


def test_a_saved_model_serves_both_precisions(classifier, exported):
    model = tf.saved_model.load(exported / "saved_model")
    own = model.signatures["serving_default"](images=tf.constant(IMAGES))["logits"]
    exact = model.signatures["serving_float32"](images=tf.constant(IMAGES))["logits"]
    with in_float32(classifier):
        np.testing.assert_allclose(exact, logits_of(classifier), atol=1e-5)
    np.testing.assert_allclose(own, logits_of(classifier), atol=0.05)
    assert np.abs(own - exact).max() > 1e-4
    assert read_metadata(exported / "saved_model")["float32_signature"] == "serving_float32"
    # Both have the same weights, which are there once.
    weights = sum(variable.numpy().nbytes for variable in classifier.variables)
    assert sum(variable.numpy().nbytes for variable in model.variables) == weights


@formats
def test_a_classifier_in_bfloat16_is_converted_in_float32(format, classifier, exported):
    answer = answers(format, exported)
    with in_float32(classifier):
        logits = logits_of(classifier)
    np.testing.assert_allclose(answer["logits"], logits, atol=1e-4)
    np.testing.assert_allclose(answer["probabilities"], softmax(logits / 1.5, axis=1), atol=1e-5)
    np.testing.assert_array_equal(answer["label"], logits.argmax(1))


@formats
def test_the_file_says_what_it_serves(format, exported):
    metadata = read_metadata(exported / "saved_model")
    if format == "litert":
        with zipfile.ZipFile(exported / FILES[format]) as archive:
            assert json.loads(archive.read("metadata.json")) == metadata
    else:
        import onnxruntime

        found = onnxruntime.InferenceSession(exported / FILES[format]).get_modelmeta()
        entries = found.custom_metadata_map
        assert {name: json.loads(text) for name, text in entries.items()} == metadata


def test_what_says_something_else_is_refused(classifier, exported):
    of = conversion.source(exported / "saved_model")
    right = tf.saved_model.load(exported / "saved_model").signatures["serving_float32"]

    def converted(change):
        def run(images):
            answer = {name: value.numpy() for name, value in right(images=images).items()}
            return {**answer, **change(answer)}

        return run

    check = [of, classifier, IMAGES]
    conversion.check_conversion(converted(lambda answer: {}), "own", *check)
    conversion.check_conversion(converted(lambda answer: {}), "own", of, None, None)
    for change in (
        lambda answer: {"probabilities": answer["probabilities"] + 2e-4},
        lambda answer: {"probabilities": answer["probabilities"] * np.nan},
        lambda answer: {"label": answer["probabilities"].argmin(1)},
    ):
        with pytest.raises(ConversionError, match="Expected the own model to have the labels"):
            conversion.check_conversion(converted(change), "own", *check)


@pytest.mark.parametrize("format", EXTRAS)
def test_an_extra_that_is_missing_is_named(format, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: None)
    convert = {"litert": export_litert, "onnx": export_onnx}[format]
    with pytest.raises(ImportError, match=rf"pip install tf-varmixup\[{format}\]"):
        convert(tmp_path / FILES[format], tmp_path / "saved_model")


def test_a_saved_model_of_another_origin_is_refused(tmp_path):
    with pytest.raises(ValueError, match="as export_saved_model of this version writes it"):
        conversion.source(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["airbench", "wrn-10-1"])
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_every_network_is_converted(name, policy, tmp_path):
    with dtype_policy(policy):
        classifier = VicinalClassifier(classifier_builder(name)((32, 32, 3), 10))
    export_saved_model(tmp_path / "saved_model", classifier, (32, 32, 3))
    export_formats(tmp_path / "saved_model", INSTALLED, classifier)
    assert {file.name for file in tmp_path.iterdir()} == {
        "saved_model",
        *(FILES[format] for format in INSTALLED),
    }
