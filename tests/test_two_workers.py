"""Two workers of `--strategy multi_worker`, processes of this machine."""

import csv
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from tf_varmixup.data import load_data

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHORT = ["--dataset", "digits", "--preset", "quick", "--precision", "float32"]
SHORT += ["--batch_size", "256", "--vae_epochs", "1", "--epochs", "3"]
SHORT += ["--corruption_pictures", "5", "--classifier", "airbench"]
MULTI = ["--strategy", "multi_worker", "--method", "varmixup"]


class Workers:
    """Processes of train.py, forked off one that has imported TensorFlow."""

    def __init__(self, folder):
        self.folder = folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        command = [sys.executable, "-m", "tests.forked_workers"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout.readline() == "ready\n"

    def ask(self, command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def start(self, name, arguments, workers=0, devices=1, ends_trained=False):
        """Start a run; return the number of its process, or of each worker's."""
        addresses = [f"127.0.0.1:{port}" for port in free_ports(workers)]
        numbers = []
        for index in range(max(1, workers)):
            task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
            own = [one.replace("INDEX", str(index)) for one in arguments]
            job = {
                "arguments": [*SHORT, *own],
                "environment": {
                    "TMPDIR": str(self.temporary),
                    **({"TF_CONFIG": json.dumps(task)} if workers else {}),
                },
                "devices": devices,
                "output": str(self.folder / f"{name}-{index}.txt"),
                "weights": str(self.folder / f"{name}-{index}.npz"),
                "ends_trained": ends_trained,
            }
            numbers.append(self.ask({"start": job}))
        return numbers

    def statuses(self, numbers):
        return [self.ask({"wait": number}) for number in numbers]

    def output(self, name, index):
        """Return what a worker printed, without TensorFlow's own lines."""
        text = (self.folder / f"{name}-{index}.txt").read_text()
        return re.sub(r"^[EW]\d{4} .*\n", "", text, flags=re.MULTILINE)

    def weights(self, name, index=0):
        with np.load(self.folder / f"{name}-{index}.npz") as stored:
            return [stored[one] for one in sorted(stored.files)]


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def history(folder):
    with open(folder / "history.csv", newline="") as file:
        return [{name: float(v) for name, v in row.items() if v} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    started = Workers(tmp_path_factory.mktemp("workers"))
    yield started
    started.process.stdin.close()
    started.process.wait()


@pytest.fixture(scope="module")
def two(workers):
    """A run of two workers, by a method that needs an autoencoder."""
    folder = workers.folder / "two"
    numbers = workers.start("two", [*MULTI, "--run_dir", str(folder)], workers=2)
    assert workers.statuses(numbers) == [0, 0], workers.output("two", 0) + workers.output("two", 1)
    return folder


@pytest.mark.slow
def test_the_chief_alone_writes_and_prints(workers, two):
    assert (two / "metrics.json").exists()
    assert not (two / "checkpoints").exists()
    assert "classifier" in workers.output("two", 0)
    assert workers.output("two", 1) == ""
    assert not any(workers.temporary.glob("tf_varmixup-*"))
    assert json.loads((two / "metrics.json").read_text())["environment"]["replicas"] == 2


@pytest.mark.slow
def test_both_have_the_same_weights(workers, two):
    for one, other in zip(workers.weights("two", 0), workers.weights("two", 1), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_two_workers_are_two_replicas_of_one_process(workers, two):
    folder = workers.folder / "mirrored"
    arguments = ["--strategy", "mirrored", "--method", "varmixup", "--run_dir", str(folder)]
    numbers = workers.start("mirrored", arguments, devices=2, ends_trained=True)
    assert workers.statuses(numbers) == [0]
    for row, expected in zip(history(two), history(folder), strict=True):
        assert row == pytest.approx(expected, rel=1e-3, abs=1e-5)
    for one, other in zip(workers.weights("two"), workers.weights("mirrored"), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_without_draws_they_are_one_process_that_keeps_its_images_in_memory(workers):
    images = workers.folder / "images"
    for number, image in enumerate(load_data("digits").train.images):
        file = images / str(number % 3) / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[..., 0]).save(file)
    for name, number, own in (
        ("erm-two", 2, ["--strategy", "multi_worker", "--stream"]),
        ("erm-one", 0, ["--strategy", "none"]),
    ):
        folder = workers.folder / name
        arguments = [*own, "--method", "erm", "--dataset", str(images), "--run_dir", str(folder)]
        numbers = workers.start(name, arguments, workers=number, ends_trained=True)
        assert set(workers.statuses(numbers)) == {0}, workers.output(name, 0)
    for one, other in zip(workers.weights("erm-two"), workers.weights("erm-one"), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_a_worker_that_is_killed_ends_the_others_and_the_run_goes_on(workers, two):
    folder = workers.folder / "killed"
    arguments = [*MULTI, "--run_dir", str(folder)]
    numbers = workers.start("killed", arguments, workers=2)
    limit = time.monotonic() + 240.0
    while not any(folder.glob("checkpoints/classifier-*.npz")):
        assert time.monotonic() < limit, workers.output("killed", 0)
        time.sleep(0.05)
    os.kill(numbers[1], signal.SIGKILL)
    begun = time.monotonic()
    assert workers.statuses(numbers) == [1, -signal.SIGKILL]
    assert time.monotonic() - begun < 60
    last = workers.output("killed", 0).splitlines()[-1]
    assert last.startswith("train.py: error: another worker ended or cannot be reached; ")
    assert not (folder / "classifier.keras").exists()

    resuming = [*arguments, "--resume"]
    numbers = workers.start("resumed", resuming, workers=2, ends_trained=True)
    assert workers.statuses(numbers) == [0, 0], workers.output("resumed", 0)
    for index in (0, 1):
        for one, other in zip(
            workers.weights("resumed", index), workers.weights("two", index), strict=True
        ):
            np.testing.assert_array_equal(one, other)
    assert (folder / "history.csv").read_bytes() == (two / "history.csv").read_bytes()


@pytest.mark.slow
def test_what_one_refuses_both_refuse(workers):
    # Only worker 0 has the file of an autoencoder.
    (workers.folder / "vae-0.keras").write_bytes(b"")
    arguments = [*MULTI, "--run_dir", str(workers.folder / "refused")]
    arguments += ["--vae", str(workers.folder / "vae-INDEX.keras")]
    assert workers.statuses(workers.start("refused", arguments, workers=2)) == [2, 2]
    for index in (0, 1):
        output = workers.output("refused", index)
        assert output.splitlines()[-1].startswith("train.py: error: Expected a .keras file.")
    assert not (workers.folder / "refused").exists()
