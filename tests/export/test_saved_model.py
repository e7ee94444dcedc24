import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from models import VariationalAutoencoder, compact
from tf_varmixup import VarMixup, VicinalClassifier, export_saved_model

SERVE = """
import json, sys
import numpy as np, tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
images = np.load(sys.argv[2])
served = loaded.signatures["serving_default"](images=tf.constant(images))
encoded = loaded.signatures["encode"](images=tf.constant(images))
decoded = loaded.signatures["decode"](latents=encoded["mean"])
assert not any(name.split(".")[0] in ("models", "callbacks", "tf_varmixup") for name in sys.modules)
results = {**served, **encoded, "images": decoded["images"]}
print(json.dumps({name: [value.dtype.name, value.numpy().tolist()] for name, value in results.items()}))
"""


@pytest.fixture(scope="module", params=["float32", "mixed_bfloat16"])
def models(request):
    keras.utils.set_random_seed(0)
    previous = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    try:
        autoencoder = VariationalAutoencoder((9, 8, 3), width=8, blocks=1)
        classifier = VicinalClassifier(compact((9, 8, 3), 4, width=8), VarMixup(autoencoder))
    finally:
        keras.config.set_dtype_policy(previous)
    return classifier, autoencoder


def test_it_serves_pictures_in_a_process_without_this_project(models, tmp_path):
    classifier, autoencoder = models
    export_saved_model(tmp_path / "saved_model", classifier, (9, 8, 3), 2.0, autoencoder)
    images = np.random.default_rng(0).integers(0, 256, (3, 9, 8, 3), dtype="uint8")
    np.save(tmp_path / "images.npy", images)
    command = [
        sys.executable,
        "-c",
        SERVE,
        str(tmp_path / "saved_model"),
        str(tmp_path / "images.npy"),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    results = {
        name: np.array(value, dtype) for name, (dtype, value) in json.loads(finished.stdout).items()
    }

    logits = classifier.predict(images, verbose=0)
    scaled = np.exp(logits / 2.0 - (logits / 2.0).max(1, keepdims=True))
    tolerance = (
        1e-4 if classifier.backbone.get_layer("stage1_down").compute_dtype == "float32" else 0.05
    )
    np.testing.assert_allclose(results["logits"], logits, atol=tolerance)
    np.testing.assert_allclose(
        results["probabilities"], scaled / scaled.sum(1, keepdims=True), atol=tolerance
    )
    np.testing.assert_array_equal(results["label"], results["logits"].argmax(1))
    assert results["label"].dtype == np.int64 and results["probabilities"].dtype == np.float32
    np.testing.assert_allclose(results["mean"], autoencoder.encode(images), atol=tolerance)
    np.testing.assert_allclose(
        results["stddev"], autoencoder.posterior(images).stddev(), atol=tolerance
    )
    np.testing.assert_allclose(results["images"], autoencoder.reconstruct(images), atol=tolerance)


def test_nothing_is_overwritten_and_bad_temperatures_are_named(models, tmp_path):
    (tmp_path / "saved_model").mkdir()
    with pytest.raises(FileExistsError, match="not written over"):
        export_saved_model(tmp_path / "saved_model", models[0], (9, 8, 3))
    for temperature in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="positive number, received"):
            export_saved_model(tmp_path / "other", models[0], (9, 8, 3), temperature)
    assert [path.name for path in tmp_path.iterdir()] == ["saved_model"]
