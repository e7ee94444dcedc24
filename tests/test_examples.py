"""The programs of examples/ run, in fewer epochs."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup import VarMixup


@pytest.fixture
def example(request):
    """A function that imports a program of examples/."""

    def load(name):
        path = request.config.rootpath / "examples" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(f"example_{name}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.mark.slow
def test_digits_are_learned_and_measured(example):
    history = example("digits").main(autoencoder_epochs=1, epochs=2)
    assert len(history["val_ece"]) == 2
    assert len(history["corrupted_accuracy"]) == 2  # the first and the last epoch
    assert history["accuracy"][-1] > 0.2


@pytest.mark.slow
def test_any_model_is_measured(example, capsys):
    measured = example("measure_any_model").main(epochs=5)
    assert measured.metrics()["clean"]["accuracy"] > 0.8
    assert len(measured.rows()) == 6
    assert "clean_after_temperature" in capsys.readouterr().out


@pytest.mark.slow
def test_an_autoencoder_that_is_there_is_a_latent_space(example):
    history = example("own_autoencoder").main(epochs=3)
    assert history["loss"][-1] < history["loss"][0]


@pytest.mark.slow
def test_kerashubs_autoencoder_is_a_latent_space(example):
    backbone = pytest.importorskip("keras_hub.src.models.vae.vae_backbone")  # needs Python 3.11
    vae = backbone.VAEBackbone(
        *([32, 32, 32, 32], [1, 1, 1, 1]) * 2, sampler_method="mode", sample_channels=8
    )
    pretrained = example("own_autoencoder").Pretrained
    autoencoder = pretrained(vae.encoder, vae.decoder, (16, 16, 3), latent_shape=(2, 2, 4))
    images = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), "uint8")
    # What KerasHub itself does with images in -1..1.
    statistics = vae.encoder(images / np.float32(127.5) - 1.0).numpy()
    posterior = autoencoder.posterior(images)
    np.testing.assert_allclose(posterior.mean(), statistics[..., :4], atol=1e-5)
    np.testing.assert_allclose(posterior.variance(), np.exp(statistics[..., 4:]), rtol=1e-4)
    whole = np.clip(vae(images / np.float32(127.5) - 1.0), -1.0, 1.0)
    np.testing.assert_allclose(autoencoder.reconstruct(images), 127.5 * whole + 127.5, atol=0.1)
    method = VarMixup(autoencoder, alpha=0.3)
    mixed, labels = method.sample(images, np.eye(4, dtype="float32"), tf.constant([1, 2]))
    assert mixed.shape == images.shape
    np.testing.assert_allclose(np.sum(labels, 1), 1.0, rtol=1e-6)


def test_parameter_that_a_method_of_ones_own_lacks_is_refused(request):
    root = request.config.rootpath
    command = [sys.executable, str(root / "train.py"), "--dataset", "digits"]
    command += ["--method", "my_method:NoisyLabels", "--nois", "30"]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=root / "examples")
    assert finished.returncode == 2
    assert len(finished.stderr.splitlines()) == 1
    assert "--nois" in finished.stderr
