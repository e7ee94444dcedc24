import csv
import functools
import html.parser
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import train
from tf_varmixup import data
from tf_varmixup.corruptions import CorruptionBenchmark, frost_source, write_benchmark

SHORT = [
    "--dataset",
    "digits",
    "--preset",
    "quick",
    "--epochs",
    "2",
    "--vae_epochs",
    "1",
    "--corruption_pictures",
    "20",
]
FILES = set(
    "config.json vae.keras classifier.keras saved_model history.csv metrics.json corruptions.csv report.html figures".split()
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A short run on digits, made as a user makes it, and what it printed."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    command = [sys.executable, "train.py", *SHORT, "--run_dir", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


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
            "learning_curves",
        )
    }
    for stage in ("data", "vae", "classifier", "evaluation", "export", "report"):
        assert f"\n{stage:>10}  " in f"\n{printed}"
    assert "clean" in printed and "corrupted" in printed and "temperature" in printed


def test_metrics_have_their_layout_and_agree_with_the_tables(finished):
    folder, _ = finished
    metrics = json.loads((folder / "metrics.json").read_text())
    figures = {"accuracy", "nll", "brier", "ece", "signed_gap", "overconfidence_error"}
    for section in ("clean", "corrupted", "clean_after_temperature", "corrupted_after_temperature"):
        assert set(metrics[section]) == figures
        assert all(isinstance(value, float) for value in metrics[section].values())
    assert set(metrics["vae"]) == {"elbo", "kl", "mse", "psnr", "active_units"}
    assert {"vae", "classifier", "evaluation", "export", "report"} <= set(metrics["timing"])
    assert metrics["temperature"] > 0
    with open(folder / "corruptions.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (
        list(rows[0]) == ["corruption", "severity", "accuracy", "error", "ece", "nll"]
        and len(rows) == 95
    )
    benchmark = [row for row in rows if row["corruption"] in train.BENCHMARK]
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


def test_history_has_a_row_an_epoch(finished):
    folder, _ = finished
    with open(folder / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1"]
    assert {"loss", "val_accuracy", "val_ece", "corrupted_accuracy"} <= set(rows[0])


def test_the_report_is_self_contained(finished):
    folder, _ = finished

    class Sources(html.parser.HTMLParser):
        found = []

        def handle_starttag(self, tag, attributes):
            self.found += [value for name, value in attributes if name in ("src", "href") and value]

    Sources().feed((folder / "report.html").read_text())
    assert len(Sources.found) >= 6
    assert all(source.startswith(("data:image/png;base64,", "#")) for source in Sources.found)


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path):
    # Under a distribution strategy, where every variable must be made in its scope, before and
    # after.
    command = [
        sys.executable,
        "train.py",
        *SHORT,
        "--epochs",
        "20",
        "--strategy",
        "mirrored",
        "--run_dir",
        str(tmp_path),
    ]
    # A shell that runs the tests in the background makes their children ignore the signal.
    heed = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    interrupted = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed
    )
    while not (tmp_path / "checkpoints" / "classifier.weights.h5").exists():
        assert interrupted.poll() is None, interrupted.communicate()
        time.sleep(0.05)
    interrupted.send_signal(signal.SIGINT)
    assert interrupted.wait() == 130
    assert interrupted.communicate()[1].splitlines()[-1].startswith("train.py: interrupted;")
    assert not (tmp_path / "classifier.keras").exists()
    autoencoder = (tmp_path / "vae.keras").read_bytes()

    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 2 and "--resume" in refused.stderr
    resumed = subprocess.run([*command, "--resume"], capture_output=True, text=True)
    assert resumed.returncode == 0, resumed.stderr
    assert {path.name for path in tmp_path.iterdir()} == FILES
    assert (tmp_path / "vae.keras").read_bytes() == autoencoder
    with open(tmp_path / "history.csv", newline="") as file:
        assert [int(row["epoch"]) for row in csv.DictReader(file)] == list(range(20))


def test_published_pictures_are_read_where_they_are(tmp_path):
    images = data.load_data("digits").test
    write_benchmark(CorruptionBenchmark(images, max_pictures=30), tmp_path / "published")
    (tmp_path / "published" / "origin.json").unlink()
    np.save(
        tmp_path / "published" / "fog.npy", np.tile(images.images[:30], (5, 1, 1, 1))
    )  # no fog at all
    arguments = [
        *SHORT,
        "--method",
        "erm",
        "--corruption_dir",
        str(tmp_path / "published"),
        "--run_dir",
        str(tmp_path / "run"),
    ]
    done = subprocess.run([sys.executable, "train.py", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["corruptions"] == {"source": "published", "pictures": 20}
    with open(tmp_path / "run" / "corruptions.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (
        len(rows) == 75
        and len({row["accuracy"] for row in rows if row["corruption"] == "fog"}) == 1
    )
    assert (
        "The corrupted pictures are published ones"
        in (tmp_path / "run" / "report.html").read_text()
    )


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


def test_bad_input_is_refused_before_anything_is_written(tmp_path, capsys, finished):
    run = ["--run_dir", str(tmp_path / "run")]
    assert "cifar99" in refused(capsys, "--dataset", "cifar99", *run)
    (tmp_path / "pictures" / "only").mkdir(parents=True)
    assert "only" in refused(capsys, "--dataset", str(tmp_path / "pictures"), *run)
    assert "there is no" in refused(capsys, *SHORT, *run, "--vae", str(tmp_path / "vae.keras"))
    assert ".npy" in refused(capsys, *SHORT, *run, "--corruption_dir", str(tmp_path))
    (tmp_path / "file").write_text("x")
    assert "cannot be written" in refused(
        capsys, *SHORT, "--run_dir", str(tmp_path / "file" / "run")
    )
    assert not (tmp_path / "run").exists()
