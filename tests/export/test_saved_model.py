import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax

import tf_varmixup
from models import VariationalAutoencoder, compact
from tests.harness import dtype_policy
from tf_varmixup import VarMixup, VicinalClassifier, export_saved_model
from tf_varmixup.calibration import VectorScaling
from tf_varmixup.evaluation import load_predictor
from tf_varmixup.export import read_metadata

SERVE = """
import json, sys
import numpy as np, tensorflow as tf
images = np.load(sys.argv[1])
for folder in sys.argv[2:]:
    loaded = tf.saved_model.load(folder)
    served = loaded.signatures["serving_default"](images=tf.constant(images))
    encoded = loaded.signatures["encode"](images=tf.constant(images))
    decoded = loaded.signatures["decode"](latents=encoded["mean"])
    results = {**served, **encoded, "images": decoded["images"]}
    arrays = {name: value.numpy() for name, value in results.items()}
    print(json.dumps({name: [array.dtype.name, array.tolist()] for name, array in arrays.items()}))
assert not any(name.split(".")[0] in ("models", "callbacks", "tf_varmixup") for name in sys.modules)
"""
POLICIES = ("float32", "mixed_bfloat16")
IMAGES = np.random.default_rng(0).integers(0, 256, (3, 9, 8, 3), dtype="uint8")


@pytest.fixture(scope="module")
def models():
    """A classifier and its autoencoder for each of `POLICIES`."""

    def make(policy):
        keras.utils.set_random_seed(0)
        with dtype_policy(policy):
            autoencoder = VariationalAutoencoder((9, 8, 3), width=8, blocks=1)
            return VicinalClassifier(
                compact((9, 8, 3), 4, width=8), VarMixup(autoencoder)
            ), autoencoder

    return {policy: make(policy) for policy in POLICIES}


@pytest.fixture(scope="module")
def served(models, tmp_path_factory):
    """What a process without this project serves of `IMAGES`, for each of `POLICIES`."""
    folder = tmp_path_factory.mktemp("served")
    np.save(folder / "images.npy", IMAGES)
    for policy, (classifier, autoencoder) in models.items():
        export_saved_model(folder / policy, classifier, (9, 8, 3), 2.0, autoencoder)
    command = [sys.executable, "-c", SERVE, "images.npy", *models]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    return {
        policy: {name: np.array(value, dtype) for name, (dtype, value) in json.loads(line).items()}
        for policy, line in zip(models, lines, strict=True)
    }


@pytest.mark.slow
@pytest.mark.parametrize("policy", POLICIES)
def test_it_serves_images_in_a_process_without_this_project(policy, models, served):
    (classifier, autoencoder), results, images = models[policy], served[policy], IMAGES
    logits = classifier.predict(images, verbose=0)
    scaled = np.exp(logits / 2.0 - (logits / 2.0).max(1, keepdims=True))
    compute_dtype = policy.removeprefix("mixed_")
    assert classifier.backbone.get_layer("stage1_down").compute_dtype == compute_dtype
    tolerance = 1e-4 if policy == "float32" else 0.05
    np.testing.assert_allclose(results["logits"], logits, atol=tolerance)
    np.testing.assert_allclose(
        results["probabilities"], scaled / scaled.sum(1, keepdims=True), atol=tolerance
    )
    np.testing.assert_array_equal(results["label"], results["logits"].argmax(1))
    assert results["label"].dtype == np.int64
    assert results["probabilities"].dtype == np.float32
    np.testing.assert_allclose(results["mean"], autoencoder.encode(images), atol=tolerance)
    np.testing.assert_allclose(
        results["stddev"], autoencoder.posterior(images).stddev(), atol=tolerance
    )
    np.testing.assert_allclose(
        results["images"], autoencoder.reconstruct(images), atol=255 * tolerance
    )


def anybodys(value_range):
    """A classifier of somebody's own, which scales its input itself or expects it scaled."""
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Rescaling(1 / 255)(inputs) if value_range == (0, 255) else inputs
    x = keras.layers.Flatten()(x)
    return keras.Model(inputs, keras.layers.Dense(4)(keras.layers.Dense(16, "relu")(x)))


def served_logits(folder, images):
    loaded = tf.saved_model.load(folder)
    return loaded.signatures["serving_default"](images=tf.constant(images))["logits"].numpy()


@pytest.mark.parametrize("value_range", [(0, 255), (0, 1)])
def test_anybodys_classifier_gets_the_range_that_it_takes(value_range, tmp_path):
    classifier = anybodys(value_range)
    images = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1), dtype="uint8")
    export_saved_model(tmp_path / "model", classifier, (8, 8, 1), value_range=value_range)
    inputs = images.astype("float32") / (255.0 if value_range == (0, 1) else 1.0)
    expected = classifier.predict(inputs, verbose=0)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(served_logits(tmp_path / "model", images), expected, atol=1e-5)


def test_a_classifier_that_states_its_range_need_not_be_told(tmp_path):
    classifier = VicinalClassifier(anybodys((0, 1)), value_range=(0, 1))
    images = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1), dtype="uint8")
    export_saved_model(tmp_path / "model", classifier, (8, 8, 1))
    expected = classifier.predict(images.astype("float32") / 255.0, verbose=0)
    np.testing.assert_allclose(served_logits(tmp_path / "model", images), expected, atol=1e-5)


def test_a_classifier_of_probabilities_is_refused(tmp_path):
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten()]
    network = keras.Sequential([keras.Input((8, 8, 1)), *layers])
    network.add(keras.layers.Dense(3, "softmax", bias_initializer="random_normal"))
    with pytest.raises(ValueError, match="rows are nonnegative and sum to 1"):
        export_saved_model(tmp_path / "saved", network, (8, 8, 1))
    assert not (tmp_path / "saved").exists()


def test_a_classifier_that_was_never_called_is_built(tmp_path):
    classifier = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3)])
    export_saved_model(tmp_path / "model", classifier, (8, 8, 1))
    images = np.full((1, 8, 8, 1), 7, "uint8")
    expected = classifier(images.astype("float32"))
    np.testing.assert_allclose(served_logits(tmp_path / "model", images), expected, atol=1e-4)


def test_the_folder_says_what_it_serves(tmp_path):
    folder = export_saved_model(
        str(tmp_path / "model"),
        anybodys((0, 255)),
        (8, 8, 1),
        1.5,
        class_names=["ant", "bee", "café", "dog"],
        dataset="insects",
        method="mixup",
    )
    assert folder == tmp_path / "model"
    metadata = json.loads((folder / "assets.extra" / "metadata.json").read_text())
    assert metadata == {
        "class_names": ["ant", "bee", "café", "dog"],
        "image_shape": [8, 8, 1],
        "value_range": [0, 255],
        "temperature": 1.5,
        "vector_scaling": None,
        "dataset": "insects",
        "method": "mixup",
        "version": tf_varmixup.__version__,
        "float32_signature": "serving_default",
    }
    assert read_metadata(folder) == metadata
    assert os.listdir(tmp_path) == ["model"]
    described = tf.saved_model.load(folder).signatures["describe"]()
    assert json.loads(described["metadata"].numpy()) == metadata
    names = [name.decode() for name in described["class_names"].numpy()]
    assert names == metadata["class_names"]


def test_requests_to_warm_up_with_are_answered(tmp_path):
    folder = export_saved_model(tmp_path / "model", anybodys((0, 255)), (8, 8, 1))
    serve = tf.saved_model.load(folder)
    requests = folder / "assets.extra" / "tf_serving_warmup_requests"
    counts = []
    for record in tf.data.TFRecordDataset(str(requests)):
        message = record.numpy()
        assert b"serving_default" in message
        # All up to the tensor is of lengths and names; the tensor is the last field of all.
        tensor = message[message.index(b"images") + len("images") + 2 :]
        images = tf.io.parse_tensor(tensor, tf.uint8)
        counts.append(len(serve.signatures["serving_default"](images=images)["label"]))
    assert counts == [1, 32]


def test_vector_scaling_is_served_beside_the_temperature(tmp_path):
    scaling = VectorScaling((1.0, 0.5, 2.0, 1.0), (0.0, 3.0, 0.0, -1.0))
    folder = export_saved_model(
        tmp_path / "model", anybodys((0, 255)), (8, 8, 1), 2.0, vector_scaling=scaling
    )
    images = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1), dtype="uint8")
    loaded = tf.saved_model.load(folder)
    served = loaded.signatures["serving_default"](images=tf.constant(images))
    logits = served["logits"].numpy()
    np.testing.assert_allclose(
        served["probabilities_after_vector_scaling"], softmax(scaling(logits), axis=1), atol=1e-6
    )
    np.testing.assert_allclose(served["probabilities"], softmax(logits / 2.0, axis=1), atol=1e-6)
    metadata = json.loads((folder / "assets.extra" / "metadata.json").read_text())
    assert VectorScaling(**metadata["vector_scaling"]) == scaling
    predict = load_predictor(folder)
    np.testing.assert_allclose(predict(images, np.arange(5)), logits, atol=1e-6)


def test_nothing_is_overwritten(models, tmp_path):
    (tmp_path / "saved_model").mkdir()
    with pytest.raises(FileExistsError, match=r"does not exist. Received: .*saved_model\."):
        export_saved_model(tmp_path / "saved_model", models["float32"][0], (9, 8, 3))
    assert os.listdir(tmp_path / "saved_model") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"temperature": 0.0}, "temperature to be a positive number. Received: 0.0"),
        ({"temperature": -1.0}, "temperature to be a positive number. Received: -1.0"),
        ({"temperature": float("nan")}, "temperature to be a positive number. Received: nan"),
        ({"value_range": (0, 2)}, r"value_range to be .* Received: \(0, 2\)"),
        ({"class_names": ["ant", "bee"]}, "Expected 4 class_names. Received: 2"),
        ({"vector_scaling": VectorScaling((1.0,), (0.0,))}, "of 4 classes. Received: 1"),
        ({"image_shape": (8, 8, 0)}, "image_shape to be a positive integer. Received: 0"),
    ],
)
def test_bad_arguments_are_named_and_nothing_is_written(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        export_saved_model(
            tmp_path / "model", anybodys((0, 255)), **{"image_shape": (8, 8, 1), **arguments}
        )
    assert os.listdir(tmp_path) == []


def test_what_gives_no_logits_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"logits \(B, K\). Received: shape \(1, 8, 8, 2\)"):
        export_saved_model(
            tmp_path / "model", keras.Sequential([keras.layers.Conv2D(2, 1)]), (8, 8, 1)
        )
    assert os.listdir(tmp_path) == []


def test_a_writing_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def fails(path, content):
        raise OSError("no space left")

    monkeypatch.setattr("tf_varmixup.export.saved_model.write_json", fails)
    with pytest.raises(OSError, match="no space left"):
        export_saved_model(tmp_path / "model", anybodys((0, 255)), (8, 8, 1))
    assert os.listdir(tmp_path) == []
