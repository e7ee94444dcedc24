"""Files that version 0.1 wrote load, give what they gave, and train on.

They were made from scikit-learn's digits, with `expected.npz` holding what version 0.1 computed for
`images`: the logits of each classifier, the latents of `autoencoder`, and as `decoded` its
reconstructions, in [0, 1] then.
"""

import functools
import json
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

import models  # noqa: F401  it registers every class
from tf_varmixup import loading
from tf_varmixup.images import to_unit

ASSETS = pathlib.Path(__file__).parent / "assets" / "version_0_1"
EXPECTED = np.load(ASSETS / "expected.npz")
IMAGES = EXPECTED["images"]
LABELS = np.eye(10, dtype="float32")[np.arange(len(IMAGES)) % 10]
CLASSIFIERS = ("erm", "mixup", "reconstruction", "mixup_reconstruction", "varmixup")


# Processors round in other orders.
assert_same = functools.partial(np.testing.assert_allclose, rtol=1e-4, atol=1e-6)


def check_logits(classifier, name, run_eagerly=True):
    classifier.run_eagerly = run_eagerly
    logits = classifier.predict(IMAGES, verbose=0)
    assert_same(logits, EXPECTED[name])
    # The files are of a time when floating images lay in [0, 1]; today they lie in 0..255.
    floats = classifier.predict(IMAGES.astype("float32"), verbose=0)
    assert_same(floats, EXPECTED[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_gives_what_it_gave_and_trains_on(name, tmp_path):
    run_eagerly = name != "varmixup"  # one of them in graphs
    classifier = keras.saving.load_model(ASSETS / f"{name}.keras")
    assert classifier.method.method == name
    assert int(classifier.step) == 4
    check_logits(classifier, name, run_eagerly)
    classifier.save(tmp_path / "again.keras")
    check_logits(keras.saving.load_model(tmp_path / "again.keras"), name, run_eagerly)
    history = classifier.fit(IMAGES, LABELS, batch_size=8, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert int(classifier.step) == 8
    assert {"accuracy", "ece"} <= set(history)
    assert np.abs(classifier.predict(IMAGES, verbose=0) - EXPECTED[name]).max() > 1e-3


def test_a_method_keeps_its_parameters():
    method = keras.saving.load_model(ASSETS / "varmixup.keras").method
    assert (method.alpha, method.clean_share, method.lambda_per) == (0.5, 0.25, "batch")
    method = keras.saving.load_model(ASSETS / "run" / "classifier.keras").method
    assert (method.alpha, method.lambda_per, method.latents) == (1.0, "image", "mean")


def check_autoencoder(autoencoder):
    latents = autoencoder.encode(IMAGES)
    assert_same(latents, EXPECTED["autoencoder"])
    likelihood_mean = autoencoder.likelihood(latents).mean()
    assert_same(np.clip(likelihood_mean, 0.0, 1.0), EXPECTED["decoded"])
    decoded = EXPECTED["decoded"] * np.float32(255)
    assert_same(autoencoder.reconstruct(IMAGES), decoded)


def test_an_autoencoder_gives_what_it_gave_and_trains_on(tmp_path):
    autoencoder = keras.saving.load_model(ASSETS / "autoencoder.keras")
    check_autoencoder(autoencoder)
    autoencoder.save(tmp_path / "again.keras")
    check_autoencoder(keras.saving.load_model(tmp_path / "again.keras"))
    autoencoder.run_eagerly = True
    before = autoencoder.evaluate(IMAGES, verbose=0, return_dict=True)
    mse = np.mean((EXPECTED["decoded"] - to_unit(IMAGES).numpy()) ** 2)
    assert before["mse"] == pytest.approx(mse, rel=1e-5)
    steps = int(autoencoder.step)
    autoencoder.fit(IMAGES, batch_size=8, epochs=5, verbose=0)
    assert int(autoencoder.step) == steps + 10
    assert autoencoder.evaluate(IMAGES, verbose=0, return_dict=True)["loss"] < before["loss"]


def test_the_files_of_a_run_are_read():
    check_logits(loading.load_model(ASSETS / "run" / "classifier.keras"), "run")
    autoencoder = loading.load_model(ASSETS / "run" / "vae.keras")
    assert autoencoder.image_shape == (8, 8, 1)
    config = json.loads((ASSETS / "run" / "config.json").read_text())
    assert config["method"] == "varmixup"


@pytest.mark.slow
def test_importing_models_registers_every_class_in_a_fresh_process():
    code = (
        "import sys, keras, models, tf_varmixup\n"
        "for name in sys.argv[1:]: print(type(keras.saving.load_model(name).method).__name__)"
    )
    files = [str(ASSETS / f"{name}.keras") for name in ("erm", "mixup", "varmixup")]
    command = [sys.executable, "-c", code, *files]
    root = pathlib.Path(__file__).resolve().parent.parent
    finished = subprocess.run(command, capture_output=True, text=True, cwd=root)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.split() == ["EmpiricalRisk", "Mixup", "VarMixup"]
