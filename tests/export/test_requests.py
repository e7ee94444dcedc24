"""The requests that docs/guides/serving.md shows, and those to warm up with, suit a SavedModel."""

import importlib.util
import json
import pathlib
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.export.stand_in import ServedGraph, grpc_server, rest_server
from tests.harness import dtype_policy
from tf_varmixup import data, export_saved_model
from tf_varmixup.export import read_metadata

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "guides" / "serving.md"
NAMES = [f"digit {number}" for number in range(10)]
needs_api = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow_serving") is None,
    reason="tensorflow-serving-api is not installed",
)


@pytest.fixture(scope="module")
def digits():
    return data.load_data("digits")


@pytest.fixture(scope="module")
def classifier(digits):
    """A classifier that computes in bfloat16, so that its SavedModel has all signatures."""
    keras.utils.set_random_seed(0)
    with dtype_policy("mixed_bfloat16"):
        layers = [keras.layers.Flatten(), keras.layers.Dense(10)]
        return keras.Sequential([keras.Input(digits.image_shape), *layers])


@pytest.fixture(scope="module")
def saved_model(digits, classifier, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "digits"
    folder.mkdir()
    # Of a temperature that leaves probabilities other than 0 and 1.
    return export_saved_model(
        folder / "1", classifier, digits.image_shape, 100.0, class_names=NAMES, dataset="digits"
    )


@pytest.fixture(scope="module")
def expected(digits, saved_model):
    """What TensorFlow in this process says about the images of the page."""
    served = tf.saved_model.load(saved_model)
    images = tf.constant(digits.test.images[:4])
    return {
        name: {key: value.numpy() for key, value in served.signatures[name](images=images).items()}
        for name in ("serving_default", "serving_float32")
    }


def shown(word):
    """The code of the page's one block that has a word."""
    found = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    [code] = [one for one in found if word in one]
    return code


def test_the_request_to_rest_is_answered(digits, saved_model, expected):
    code = shown("urllib.request")
    assert "http://127.0.0.1:8501/v1/models/digits:predict" in code
    namespace = {"digits": digits}
    with rest_server(saved_model, "digits") as port:
        exec(code.replace("8501", str(port)), namespace)
    rows = namespace["answer"]["predictions"]
    of_default = expected["serving_default"]
    assert [row["label"] for row in rows] == of_default["label"].tolist()
    given = [row["probabilities"] for row in rows]
    np.testing.assert_allclose(given, of_default["probabilities"], atol=1e-6)


@needs_api
def test_the_requests_by_grpc_are_answered(digits, saved_model, expected):
    code = shown("prediction_service_pb2_grpc")
    assert '"127.0.0.1:8500"' in code
    namespace = {"digits": digits, "tf": tf}
    with grpc_server(saved_model) as port:
        exec(code.replace("8500", str(port)), namespace)
    answer = {key: tf.make_ndarray(value) for key, value in namespace["answer"].outputs.items()}
    of_float32 = expected["serving_float32"]
    assert set(answer) == {"logits", "probabilities", "label"}
    np.testing.assert_allclose(answer["logits"], of_float32["logits"], rtol=1e-4)
    np.testing.assert_array_equal(answer["label"], of_float32["label"])
    assert namespace["names"] == NAMES
    [metadata] = namespace["described"].outputs["metadata"].string_val
    assert json.loads(metadata) == read_metadata(saved_model)


@needs_api
def test_requests_to_warm_up_with_are_what_the_server_reads(digits, saved_model):
    from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

    graph = ServedGraph(saved_model)
    seen = []
    for record in tf.data.TFRecordDataset(
        str(saved_model / "assets.extra" / "tf_serving_warmup_requests")
    ):
        log = PredictionLog.FromString(record.numpy())
        assert log.WhichOneof("log_type") == "predict_log"
        request = log.predict_log.request
        inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
        name = request.model_spec.signature_name
        assert inputs["images"].shape[1:] == digits.image_shape
        seen.append((name, len(graph.run(name, inputs)["label"])))
    both = ("serving_default", "serving_float32")
    assert seen == [(name, count) for name in both for count in (1, 32)]


def test_what_does_not_suit_the_signature_is_no_request(digits, saved_model):
    graph = ServedGraph(saved_model)
    images = digits.test.images[:4]
    graph.run("", {"images": images})
    for wrong in ({"image": images}, {"images": images.astype("float32")}, {"images": images[0]}):
        with pytest.raises(AssertionError):
            graph.run("", wrong)
