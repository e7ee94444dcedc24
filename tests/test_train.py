import contextlib
import csv
import functools
import html.parser
import importlib
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf

import models
import train
from tf_varmixup import data, report, run, training
from tf_varmixup.commands import evaluate
from tf_varmixup.corruptions import BENCHMARK, cell, frost_source
from tf_varmixup.evaluation import load_predictor
from tf_varmixup.metrics import MEASURES

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHORT = [
    "--dataset",
    "digits",
    "--preset",
    "quick",
    "--classifier",
    "compact-8",
    "--epochs",
    "2",
    "--vae_epochs",
    "1",
    "--corruption_pictures",
    "20",
]
OWN = ["--method", "my_method:NoisyLabels"]
FILES = {
    "config.json",
    "vae.keras",
    "classifier.keras",
    "saved_model",
    "history.csv",
    "metrics.json",
    "corruptions.csv",
    "report.html",
    "figures",
}


def train_by_command(*arguments, **options):
    """Run train.py as a user does."""
    command = [sys.executable, str(ROOT / "train.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, **options)


def train_here(*arguments):
    """Train in this process, which has TensorFlow at hand; one fixture starts another."""
    try:
        train.main(list(arguments))
    finally:
        keras.config.set_dtype_policy("float32")


def darken(images, corruption, severity, seed, indices):
    """Corrupt images in no time; the cells differ, and the real ones are tested in corruptions/."""
    return images // tf.constant(1 + severity + len(corruption) % 3, tf.uint8)


def make_small(patch):
    """Make what runs take their time with small: the autoencoder, corruptions, the reference."""
    small = functools.partial(models.VariationalAutoencoder, width=8, blocks=1, latent_size=2)
    patch.setattr(models, "VariationalAutoencoder", small)
    patch.setattr(cell, "corrupt", darken)
    reference = importlib.import_module("tf_varmixup.training.reference_classifier")
    patch.setattr(reference, "STEPS", 20)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A short run on digits, and what it printed."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        make_small(patch)
        train_here(*SHORT, "--run_dir", str(folder))
    return folder, printed.getvalue()


@pytest.fixture(scope="module")
def finished_by_own_method(tmp_path_factory, published):
    """A short run by a method of one's own, started in its folder, on published images."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copy(ROOT / "examples" / "my_method.py", folder)
    arguments = [*SHORT, *OWN, "--noise", "30", "--smoothing", "0.1", "--epochs", "1"]
    arguments += ["--corruption_dir", str(published), "--run_dir", "run"]
    finished = train_by_command(*arguments, cwd=folder)
    assert finished.returncode == 0, finished.stderr
    return folder


def test_a_run_leaves_its_files(finished):
    folder, printed = finished
    assert {path.name for path in folder.iterdir()} == FILES
    assert {path.name for path in (folder / "figures").iterdir()} == {
        f"{name}.png"
        for name in (
            "reconstructions",
            "interpolations",
            "training_batch",
            "reliability",
            "corruptions",
            "severity",
            "risk_coverage",
            "confidently_wrong",
            "learning_curves",
        )
    }
    for stage in ("data", "vae", "classifier", "evaluation", "export", "report"):
        assert f"\n{stage:>10}  " in f"\n{printed}"
    assert "clean" in printed
    assert "corrupted" in printed
    assert "temperature" in printed


def test_metrics_have_their_layout_and_agree_with_the_tables(finished):
    folder, _ = finished
    metrics = json.loads((folder / "metrics.json").read_text())
    of_cells = {"accuracy", "nll", "brier", "ece", "signed_gap"}
    of_cells |= {"overconfidence_error", "underconfidence_error"}
    of_datasets = {one.name for one in MEASURES if one.formula}
    assert of_cells < of_datasets
    for section in ("clean", "corrupted", "clean_after_temperature", "corrupted_after_temperature"):
        expected = of_datasets if section.startswith("clean") else of_cells
        assert set(metrics[section]) == expected
        assert all(isinstance(value, float) for value in metrics[section].values())
    for section, intervals in metrics["intervals"].items():
        assert intervals.keys() <= metrics[section].keys()
        assert all(low <= high for low, high in intervals.values())
    assert {"clean", "corrupted", "corrupted_after_temperature"} <= metrics["intervals"].keys()
    between = {"latent_gap", "midpoint_gap"}
    for kind in ("reconstruction", "latent_midpoint", "pixel_midpoint"):
        between.add(f"frechet_{kind}")
    for kind in ("image", "latent_midpoint", "pixel_midpoint"):
        between.add(f"confidence_{kind}")
    assert set(metrics["vae"]) == {"elbo", "kl", "mse", "psnr", "active_units"} | between
    assert {"vae", "classifier", "evaluation", "export", "report"} <= set(metrics["timing"])
    assert metrics["temperature"] > 0
    with open(folder / "corruptions.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ["corruption", "severity", "accuracy", "error", "ece", "nll", "brier"]
    assert list(rows[0]) == columns
    assert len(rows) == 95
    benchmark = [row for row in rows if row["corruption"] in BENCHMARK]
    assert np.mean([float(row["accuracy"]) for row in benchmark]) == pytest.approx(
        metrics["corrupted"]["accuracy"]
    )
    assert np.mean([float(row["ece"]) for row in benchmark]) == pytest.approx(
        metrics["corrupted"]["ece"]
    )
    assert metrics["corruptions"] == {
        "source": "regenerated",
        "constants": "CIFAR-10-C",
        "frost": frost_source(),
        "pictures": 20,
    }
    config = json.loads((folder / "config.json").read_text())
    assert (config["method"], config["epochs"], config["batch_size"], config["seed"]) == (
        "varmixup",
        2,
        64,
        0,
    )
    assert config["command"].startswith("python train.py --dataset digits --preset quick")
    # What was decided is written down, not that it was left open.
    assert config["precision"] in ("float32", "bfloat16")
    assert (config["strategy"], config["flip"]) == ("none", False)
    assert (config["lambda_per"], config["corruption_pictures"]) == ("image", 20)


def test_a_finished_run_is_a_classifier_for_anybody(finished):
    folder, _ = finished
    metrics = json.loads((folder / "metrics.json").read_text())
    test = data.load_data("digits").test
    for path in (folder, folder / "classifier.keras", folder / "saved_model"):
        logits = load_predictor(path)(test.images, np.arange(len(test), dtype="int32"))
        found = np.mean(np.argmax(logits, 1) == test.labels)
        assert found == pytest.approx(metrics["clean"]["accuracy"], abs=0.01)


def test_a_run_that_is_measured_again_has_the_same_numbers(finished, tmp_path, monkeypatch):
    folder, _ = finished
    make_small(monkeypatch)
    monkeypatch.setattr(report, "run_plots", lambda *_, **options: {})
    evaluate.main([str(folder), "--output", str(tmp_path / "again")])
    expected, found = (
        json.loads((path / "metrics.json").read_text()) for path in (folder, tmp_path / "again")
    )
    for name in ("temperature", "clean", "corrupted", "clean_after_temperature", "intervals"):
        assert found[name] == expected[name]


def test_history_has_a_row_per_epoch(finished):
    folder, _ = finished
    with open(folder / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1"]
    assert {"loss", "val_accuracy", "val_ece", "corrupted_accuracy"} <= set(rows[0])


def test_the_report_is_self_contained(finished):
    folder, _ = finished

    found = []

    class Sources(html.parser.HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.extend(value for name, value in attributes if name in ("src", "href") and value)

    Sources().feed((folder / "report.html").read_text())
    assert len(found) >= 6
    assert all(source.startswith(("data:image/png;base64,", "#")) for source in found)


@pytest.mark.slow
def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, capsys, monkeypatch, published):
    # Under a distribution strategy, where every variable must be made in its scope, before and
    # after; with a small autoencoder, two of the benchmark's corruptions and nothing to look at.
    make_small(monkeypatch)
    # Not the default collectives: their keys collide between several strategies in one process.
    cross = tf.distribute.ReductionToOneDevice()
    mirrored = tf.distribute.MirroredStrategy(["CPU:0"], cross_device_ops=cross)
    monkeypatch.setattr(run, "distribution_strategy", lambda name: mirrored)
    monkeypatch.setattr(training, "measure_latent_space", lambda *_: {})
    monkeypatch.setattr(report, "run_plots", lambda *_, **__: {})
    monkeypatch.setattr("tf_varmixup.corruptions.published.BENCHMARK", BENCHMARK[:2])
    (tmp_path / "published").mkdir()
    for name in ("labels", *BENCHMARK[:2]):
        shutil.copy(published / f"{name}.npy", tmp_path / "published")
    folder = tmp_path / "run"
    arguments = [*SHORT, "--epochs", "6", "--strategy", "mirrored", "--run_dir", str(folder)]
    arguments += ["--corruption_dir", str(tmp_path / "published")]

    # By what Slurm and Kubernetes send.
    with pytest.raises(SystemExit) as stopped, interrupted_at(folder / "checkpoints"):
        train_here(*arguments)
    assert stopped.value.code == 130
    assert capsys.readouterr().err.splitlines()[-1].startswith("train.py: interrupted;")
    assert not (folder / "classifier.keras").exists()
    autoencoder = keras.saving.load_model(folder / "vae.keras").get_weights()

    assert "--resume" in refused(capsys, *arguments)
    train_here(*arguments, "--resume")
    assert {path.name for path in folder.iterdir()} == FILES
    after = keras.saving.load_model(folder / "vae.keras").get_weights()
    for one, other in zip(after, autoencoder, strict=True):
        np.testing.assert_array_equal(one, other)
    with open(folder / "history.csv", newline="") as file:
        assert [int(row["epoch"]) for row in csv.DictReader(file)] == list(range(6))


@contextlib.contextmanager
def interrupted_at(checkpoints):
    """Tell this process to end once a state of the classifier is kept."""
    done = threading.Event()

    def interrupt():
        while not any(checkpoints.glob("classifier-*.npz")):
            if done.wait(0.01):
                return
        os.kill(os.getpid(), signal.SIGTERM)

    watching = threading.Thread(target=interrupt)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()


@pytest.mark.slow
def test_published_images_are_read_where_they_are(finished_by_own_method):
    folder = finished_by_own_method / "run"
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["corruptions"] == {"source": "published", "pictures": 20}
    with open(folder / "corruptions.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 75
    assert len({row["accuracy"] for row in rows}) == 1  # these are not corrupted at all
    page = (folder / "report.html").read_text()
    assert "The corrupted images are published ones" in page


@pytest.mark.slow
def test_a_method_of_ones_own_trains_from_the_command_line(finished_by_own_method, monkeypatch):
    monkeypatch.syspath_prepend(finished_by_own_method)
    folder = finished_by_own_method / "run"
    assert {path.name for path in folder.iterdir()} == FILES - {"vae.keras"}
    config = json.loads((folder / "config.json").read_text())
    assert config["method"] == "my_method:NoisyLabels"
    assert (config["noise"], config["smoothing"]) == (30.0, 0.1)
    assert not {"alpha", "latents", "lambda_per", "clean_share"} & config.keys()
    page = " ".join((folder / "report.html").read_text().split())
    for word in ("my_method:NoisyLabels", "noise", "30", "smoothing"):
        assert word in page
    # The class that the classifier's file names is found as it was for the training.
    test = data.load_data("digits").test
    logits = load_predictor(folder)(test.images, np.arange(len(test), dtype="int32"))
    metrics = json.loads((folder / "metrics.json").read_text())
    found = np.mean(np.argmax(logits, 1) == test.labels)
    assert found == pytest.approx(metrics["clean"]["accuracy"], abs=0.01)
    shown = train_by_command("--help", *OWN, cwd=finished_by_own_method)
    assert shown.returncode == 0
    assert "--noise" in shown.stdout
    assert "--smoothing" in shown.stdout


def test_a_blur_is_fitted_to_the_autoencoder(finished, tmp_path, capsys, monkeypatch):
    """config.json says what was asked for, so that runs of several seeds compare."""
    methods = []

    def stopped(method, *rest):
        methods.append(method)
        raise FloatingPointError("here the classifier would be trained")

    make_small(monkeypatch)
    monkeypatch.setattr(training, "train_classifier", stopped)
    folder = tmp_path / "run"
    with pytest.raises(SystemExit):
        train_here(*SHORT, "--method", "blur", "--vae", str(finished[0]), "--run_dir", str(folder))
    [method] = methods
    assert 0.1 < method.sigma <= 8.0
    assert f"sigma {method.sigma:.3f} pixels" in capsys.readouterr().out
    assert json.loads((folder / "config.json").read_text())["sigma"] == "fitted"


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        train.main(list(arguments))
    assert stopped.value.code == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1, line
    return line


def test_a_finished_run_is_not_overwritten(finished, capsys):
    folder, _ = finished
    assert "finished run" in refused(capsys, *SHORT, "--run_dir", str(folder))
    assert {path.name for path in folder.iterdir()} == FILES


def test_bad_input_is_refused_before_anything_is_written(tmp_path, capsys):
    run = ["--run_dir", str(tmp_path / "run")]
    assert "cifar99" in refused(capsys, "--dataset", "cifar99", *run)
    (tmp_path / "images" / "only").mkdir(parents=True)
    assert "only" in refused(capsys, "--dataset", str(tmp_path / "images"), *run)
    missing = str(tmp_path / "vae.keras")
    assert missing in refused(capsys, *SHORT, *run, "--vae", missing)
    assert ".npy" in refused(capsys, *SHORT, *run, "--corruption_dir", str(tmp_path))
    assert "resnet18" in refused(capsys, *SHORT, *run, "--classifier", "resnet1")
    assert "6 n + 4" in refused(capsys, *SHORT, *run, "--classifier", "wrn-17-4")
    assert "no such parameter" in refused(capsys, *SHORT, *run, "--method", "erm", "--alpha", "1")
    (tmp_path / "file").write_text("x")
    line = refused(capsys, *SHORT, "--run_dir", str(tmp_path / "file" / "run"))
    assert "Expected --run_dir to be a folder that can be written" in line
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_settings_of_keras_that_do_not_fit_get_one_line(tmp_path):
    settings = {"backend": "tensorflow", "image_data_format": "channels_first", "floatx": "float64"}
    (tmp_path / "keras.json").write_text(json.dumps(settings))
    environment = {**os.environ, "KERAS_HOME": str(tmp_path)}
    done = train_by_command("--dataset", "digits", cwd=tmp_path, env=environment)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("train.py: error: ")
    assert all(word in done.stderr.splitlines()[-1] for word in ("channels_first", "keras.json"))
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("setting", "other", "usual"),
    [("image_data_format", "channels_first", "channels_last"), ("floatx", "float64", "float32")],
)
def test_each_setting_of_keras_that_does_not_fit_gets_one_line(
    tmp_path, capsys, setting, other, usual
):
    getattr(keras.config, f"set_{setting}")(other)
    try:
        line = refused(capsys, *SHORT, "--run_dir", str(tmp_path / "run"))
    finally:
        getattr(keras.config, f"set_{setting}")(usual)
    assert other in line
    assert "keras.json" in line
    assert not (tmp_path / "run").exists()
