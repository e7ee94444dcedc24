"""The programs of examples/ run, in fewer epochs."""

import importlib.util
import subprocess
import sys

import pytest


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


def test_parameter_that_a_method_of_ones_own_lacks_is_refused(request):
    root = request.config.rootpath
    command = [sys.executable, str(root / "train.py"), "--dataset", "digits"]
    command += ["--method", "my_method:NoisyLabels", "--nois", "30"]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=root / "examples")
    assert finished.returncode == 2
    assert len(finished.stderr.splitlines()) == 1
    assert "--nois" in finished.stderr
