"""Stop, damage and starve runs of `train.py`, and see that each becomes what it would have been.

    python tools/kill_runs.py kills --count 50      # SIGKILL, SIGTERM, SIGINT at random moments
    python tools/kill_runs.py damage --count 0      # every file of a stopped run, in five ways
    python tools/kill_runs.py processes             # two processes on one folder
    python tools/kill_runs.py disk --count 20       # file systems of every size (Linux, as root)
    python tools/kill_runs.py inputs                # bad flags, folders, arrays and models

Each prints a line per trial and exits with status 1 if one failed; `--json FILE` keeps how many
there were of each kind, and what failed. The runs are those of `train.py` on scikit-learn's digits
with small networks, four corruptions and one plot, a quarter of a minute each on a free core;
`--count` limits the trials, 0 takes all. TensorFlow is imported once, in this process, of which
each run is a fork.
"""

import argparse
import collections
import contextlib
import dataclasses
import functools
import gc
import importlib
import itertools
import json
import os
import pathlib
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHORT = [
    "--dataset",
    "digits",
    "--preset",
    "quick",
    "--epochs",
    "2",
    "--vae_epochs",
    "2",
    "--corruption_pictures",
    "20",
]
SHORT += ["--precision", "float32", "--checkpoint_minutes", "0.002"]
IMPORTED: tuple[str, ...] = (
    "train",
    "models",
    "callbacks",
    "sklearn.datasets",
    "tensorflow_datasets",
)
IMPORTED += tuple(f"tf_varmixup.{name}" for name in ("training", "evaluation", "report", "export"))
METHODS = {
    "with an autoencoder": ["--method", "varmixup"],
    "without": ["--method", "augmix"],
    "in the tf.data graph": ["--method", "mixup", "--mix_in", "data"],
    "hidden layers": ["--method", "manifold_mixup"],
    "on two replicas": ["--method", "mixup", "--strategy", "mirrored"],
}
FEW = ("gaussian_noise", "fog", "contrast", "saturate")  # the corruptions of the grid
STAGES = ("data", "vae", "classifier", "evaluation", "export")  # those that others follow
WAYS: dict[str, Callable[[bytes], bytes | None]] = {
    "cut": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "overwritten": lambda content: (
        content[: len(content) // 3]
        + b"\x00" * min(4000, len(content) // 3)
        + content[len(content) // 3 + min(4000, len(content) // 3) :]
    ),
    "foreign": lambda content: b"PK\x03\x04" + content[::-1],
    "gone": lambda content: None,
}


@dataclasses.dataclass
class Child:
    """A run in a process of its own."""

    pid: int
    output: pathlib.Path
    status: int | None = None

    def text(self) -> str:
        """Return what it printed so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def is_over(self) -> bool:
        """Return whether it ended."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status is not None

    def wait(self, until: Callable[[], bool] = lambda: False) -> int | None:
        """Wait for its end, or until something is so."""
        while not self.is_over() and not until():
            time.sleep(0.1)
        return self.status


def start(arguments: Sequence[str], output: pathlib.Path) -> Child:
    """Begin a run in a fork of this process."""
    sys.stdout.flush()
    sys.stderr.flush()
    output.write_bytes(b"")  # what the run before printed is not this one's
    pid = os.fork()
    if pid:
        return Child(pid, output)
    status = 70
    try:
        with open(output, "wb", buffering=0) as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        make_small()
        if "mirrored" in arguments:
            make_two_processors()
        import train

        train.main(list(arguments))
        status = 0
    except SystemExit as stopped:
        status = stopped.code if isinstance(stopped.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def make_small() -> None:
    """Make what runs take their time with small, in this process."""
    import models
    from tf_varmixup import report
    from tf_varmixup.corruptions import cell
    from tf_varmixup.report import plots_training
    from tf_varmixup.training import benchmark, reference_classifier

    def darken(images: Any, corruption: str, severity: int, *_: object) -> Any:
        return images // np.uint8(1 + severity + len(corruption) % 3)

    def some(test: Any, corruptions: Any, **settings: Any) -> Any:
        few = FEW if corruptions == "all" else corruptions
        return full_benchmark(test, few, **settings)

    def curves(*parts: Any, **_: object) -> dict[str, Any]:
        return {"learning_curves": plots_training.learning_curves(parts[6])}

    full = models.VariationalAutoencoder
    full_benchmark = vars(benchmark)["CorruptionBenchmark"]
    vars(benchmark)["CorruptionBenchmark"] = some
    vars(models)["VariationalAutoencoder"] = functools.partial(
        full, width=4, blocks=1, latent_size=2
    )
    vars(models)["compact"] = models.NETWORKS["compact"] = small_network
    vars(report)["run_plots"] = curves
    vars(cell)["corrupt"] = darken
    vars(reference_classifier)["STEPS"] = 20


def small_network(image_shape: Any, num_classes: int = 10, width: int = 8) -> Any:
    """Build a classifier of two stages, with statistics that its training changes too."""
    import keras
    from keras import layers

    inputs = keras.Input(image_shape)
    x = layers.Rescaling(1 / 127.5, -1.0)(inputs)
    for stage in ("stage1", "stage2"):
        x = layers.Conv2D(width, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation("relu", name=stage)(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(num_classes, dtype="float32")(x)
    return keras.Model(inputs, x)


def make_two_processors() -> None:
    """Make two replicas of a mirrored strategy, in this process."""
    import tensorflow as tf

    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
    )


def result(folder: pathlib.Path) -> dict[str, object]:
    """Return all that a finished run must have in common with the uninterrupted one."""
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    found: dict[str, object] = {
        name: value for name, value in metrics.items() if name not in ("timing", "environment")
    }
    for name in ("classifier.keras", "vae.keras"):
        if (folder / name).exists():
            with zipfile.ZipFile(folder / name) as archive:
                found[name] = archive.read("model.weights.h5")
    for name in ("corruptions.csv", "history.csv"):
        found[name] = (folder / name).read_bytes()
    found["files"] = sorted(path.name for path in folder.iterdir())
    return found


def differences(folder: pathlib.Path, expected: dict[str, object]) -> list[str]:
    """Return the names of what differs between a finished run and the uninterrupted one."""
    found = result(folder)
    names = found.keys() | expected.keys()
    return sorted(name for name in names if found.get(name) != expected.get(name))


class Campaign:
    """Trials in a folder, and what became of them."""

    def __init__(
        self,
        folder: pathlib.Path,
        count: int,
        seed: int,
        methods: list[str],
        moments: Sequence[str],
    ) -> None:
        self.folder, self.count, self.random = folder, count, random.Random(seed)
        self.methods = methods
        self.moments = moments
        self.trials: collections.Counter[str] = collections.Counter()
        self.failed: list[dict[str, str]] = []
        self._number = 0
        self._whole: dict[str, dict[str, object]] = {}
        self._durations: dict[str, float] = {}

    def report(self, kind: str, what: str, problem: str | None) -> None:
        """Print a line about a trial, and count it among those of its kind."""
        self.trials[kind] += 1
        if problem:
            self.failed.append({"kind": kind, "trial": what, "problem": problem})
        print(f"{'FAILED' if problem else 'ok':6}  {what}{f': {problem}' if problem else ''}")
        sys.stdout.flush()

    def summary(self) -> dict[str, object]:
        """Return how many trials there were of each kind, and what failed."""
        failures = collections.Counter(one["kind"] for one in self.failed)
        rows = [
            {"kind": kind, "trials": trials, "failures": failures[kind]}
            for kind, trials in sorted(self.trials.items())
        ]
        total = {"trials": self.trials.total(), "failures": len(self.failed)}
        return {**total, "rows": rows, "failed": self.failed}

    def run(self, folder: pathlib.Path, *arguments: str) -> Child:
        """Begin a run in a folder."""
        self._number += 1
        arguments = (*SHORT, "--run_dir", os.fspath(folder), *arguments)
        return start(arguments, self.folder / f"output-{self._number}.txt")

    def whole(self, name: str) -> dict[str, object]:
        """Return the result of the uninterrupted run of a method."""
        if name not in self._whole:
            folder = self.folder / f"whole-{name.replace(' ', '-')}"
            begun = time.monotonic()
            child = self.run(folder, *METHODS[name])
            if child.wait() != 0:
                raise SystemExit(f"the uninterrupted run failed: {child.text()}")
            self._durations[name] = time.monotonic() - begun
            self._whole[name] = result(folder)
        return self._whole[name]

    def finish(self, folder: pathlib.Path, name: str) -> str | None:
        """Resume a run to its end; return what is wrong with it, or None."""
        child = self.run(folder, *METHODS[name], "--resume")
        status = child.wait()
        if status != 0 or _has_traceback(child.text()):
            return f"status {status}: {child.text()[-600:]}"
        if different := differences(folder, self.whole(name)):
            return f"other {', '.join(different)}"
        return None

    def some(self, trials: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Return as many trials as are wanted, at random."""
        if 0 < self.count < len(trials):
            return self.random.sample(trials, self.count)
        return trials

    def kills(self) -> None:
        """Stop runs at random moments of random stages, some of them twice."""
        count = self.count or 50
        while self.trials.total() < count:
            name = self.random.choice(self.methods)
            self.whole(name)
            folder = self.folder / "killed"
            shutil.rmtree(folder, ignore_errors=True)
            stops, problem = [], None
            for again in range(self.random.choice((1, 1, 2))):
                kind = self.random.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGINT))
                after = self.random.choice(_moments(name))
                pause = self.random.random() * self._durations[name] / 4
                child = self.run(folder, *METHODS[name], *["--resume"][:again])
                child.wait(functools.partial(_has_said, child, after))
                child.wait(functools.partial(_is_past, time.monotonic() + pause))
                if child.is_over():
                    break
                os.kill(child.pid, kind)
                child.wait()
                stops.append(f"{kind.name} {pause:.1f} s after {after}")
                problem = problem or _wrong_stop(child, kind)
            if stops:
                text = f"{self.trials.total() + 1}: {name}, {', '.join(stops)}"
                self.report(name, text, problem or self._become(folder, name))

    def _become(self, folder: pathlib.Path, name: str) -> str | None:
        """Resume a run that was stopped; return what is wrong with what becomes of it, or None."""
        if not (folder / "metrics.json").exists():
            return self.finish(folder, name)
        child = self.run(folder, *METHODS[name], "--resume")  # which cleans up
        if child.wait() != 2 or (problem := _one_line(child.text())):
            return problem or f"status {child.status} of a finished run"
        return ", ".join(differences(folder, self.whole(name))) or None

    def stopped(self, name: str, after: str) -> pathlib.Path:
        """Return the folder of a run that was killed after a stage."""
        folder = self.folder / "stopped"
        shutil.rmtree(folder, ignore_errors=True)
        child = self.run(folder, *METHODS[name])
        child.wait(functools.partial(_has_said, child, after))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        return folder

    def damage(self) -> None:
        """Damage each file of runs that were killed, in each way, some at a time, and resume."""
        name = "with an autoencoder"
        self.whole(name)
        for after in self.moments:
            stopped = self.stopped(name, after)
            kept = self.folder / f"kept-{after}"
            shutil.copytree(stopped, kept)
            files = sorted(path.relative_to(kept) for path in kept.rglob("*") if path.is_file())
            trials: list[tuple[str, ...]] = [
                (os.fspath(file), way) for file, way in itertools.product(files, WAYS)
            ]
            for group in _apart(self.random.sample(trials, self.count or len(trials))):
                folder = self.folder / "damaged"
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(kept, folder)
                for file, way in group:
                    content = WAYS[way]((folder / file).read_bytes())
                    if content is None:
                        (folder / file).unlink()
                    else:
                        (folder / file).write_bytes(content)
                problem = self.finish(folder, name)
                for file, way in group:
                    self.report(f"after {after}, {way}", f"after {after}: {file} {way}", problem)

    def processes(self) -> None:
        """Begin two runs in one folder, and resume one that is running."""
        name = "without"
        self.whole(name)
        for number in range(self.count or 10):
            folder = self.folder / "shared"
            shutil.rmtree(folder, ignore_errors=True)
            after = ("", "start", "data", "classifier", "evaluation")[number % 5]
            one = self.run(folder, *METHODS[name], "--resume")
            if after:
                one.wait(functools.partial(_has_said, one, after))
            other = self.run(folder, *METHODS[name], "--resume")
            statuses = [one.wait(), other.wait()]
            winner, loser = (one, other) if one.status == 0 else (other, one)
            if sorted(map(str, statuses)) != ["0", "2"]:
                problem: str | None = f"statuses {statuses}"
            elif _has_traceback(winner.text()):
                problem = f"a traceback: {winner.text()[-600:]}"
            else:
                problem = _one_line(loser.text()) or (
                    ", ".join(differences(folder, self.whole(name))) or None
                )
            kind = f"after {after}" if after else "at once"
            self.report(kind, f"{kind}: {_last_line(loser)}", problem)

    def disk(self) -> None:
        """Run in file systems that are too small, and again once there is space."""
        name = "with an autoencoder"
        self.whole(name)
        most = self._most_kilobytes(name)
        count = self.count or 20
        for number in range(count):
            kilobytes = int(16 + (most - 16) * number / count)
            with _small_disk(self.folder / "disk", kilobytes) as (disk, enlarge):
                folder = disk / "run"
                child = self.run(folder, *METHODS[name])
                status, text = child.wait(), child.text()
                enlarge()
                if status == 0:
                    problem = ", ".join(differences(folder, self.whole(name))) or None
                elif status in (1, 2):
                    problem = _one_line(text) or self.finish(folder, name)
                else:
                    problem = f"status {status}: {text[-600:]}"
            done = [stage for stage in STAGES if _has_said(child, stage)]
            kind = f"full after {done[-1]}" if done else "full at the start"
            kind = kind if status else "enough"
            self.report(kind, f"{kilobytes} KB, {kind}: {_last_line(child)}", problem)

    def _most_kilobytes(self, name: str) -> int:
        """Return how much a run needs at any time."""
        with _small_disk(self.folder / "disk", 200_000) as (disk, _):
            used: set[int] = set()
            child = self.run(disk / "run", *METHODS[name])

            def noted() -> bool:
                used.add(shutil.disk_usage(disk).used // 1024)
                return False

            child.wait(noted)
            if child.status != 0:
                raise SystemExit(f"the run on a large disk failed: {child.text()}")
            return max(used)

    def inputs(self) -> None:
        """Give what is wrong in one thing each; all are refused in a line with status 2."""
        listed = self.folder / "inputs.json"
        # In a process of its own: a process in which TensorFlow computed has no forks that can.
        if (pid := os.fork()) == 0:
            try:
                listed.write_text(json.dumps(list(bad_inputs(self.folder / "bad"))))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
        refused = self.folder / "refused"
        for words in self.some([tuple(words) for words in json.loads(listed.read_text())]):
            before = _contents(self.folder / "bad")
            child = self.run(refused, *words)
            status = child.wait()
            problem = _one_line(child.text()) if status == 2 else f"status {status}"
            if refused.exists():
                problem = f"{problem or 'a folder was left'}: {os.listdir(refused)}"
                shutil.rmtree(refused)
            if _contents(self.folder / "bad") != before:
                problem = problem or "what it was given was changed"
            text = " ".join(words).replace(os.fspath(self.folder), "")
            self.report(words[0].split("=")[0], f"{text[-60:]}: {_last_line(child)}", problem)


def bad_inputs(folder: pathlib.Path) -> Iterator[list[str]]:
    """Make bad arguments, and the files that they name."""
    import models
    from tf_varmixup import data
    from tf_varmixup.corruptions import BENCHMARK

    counts = ["epochs", "vae_epochs", "batch_size", "corruption_pictures", "image_size", "seed"]
    for name, value in itertools.product(counts, ("-1", "1.5", "x", "")):
        yield [f"--{name}={value}"]
    positive = ["learning_rate", "likelihood_scale", "checkpoint_minutes"]
    for name, value in itertools.product(positive, ("0", "-1", "nan", "inf", "x")):
        yield [f"--{name}={value}"]
    for name, value in itertools.product(("weight_decay", "shift"), ("-0.1", "1", "nan", "x")):
        yield [f"--{name}={value}"]
    choices = ["preset", "precision", "strategy", "mix_in", "classifier", "method", "dataset"]
    for name, value in itertools.product(choices, ("", "x", "no/such/thing")):
        yield [f"--{name}={value}"]
    for words in (
        "--epochs=0",
        "--batch_size=0",
        "--seed=99999999999999999999",
        "--alpha=nan --method=mixup",
        "--alpha=inf --method=mixup",
        "--alpha=1 --method=erm",
        "--alpha=-1 --method=mixup",
        "--alfa=1",
        "--latents=x",
        "--clean_share=1",
        "--classifier=wrn-17-4",
        "--classifier=wrn-16-9999",
        "--classifier=wrn-1600-100",
        "--image_size=100000",
        "--image_size=7",
        "--strategy=tpu",
        "--method=erm+",
        "--method=erm+nothing",
        "--method=os:path",
        "--method=nowhere:Class",
        "--mix_in=data --method=augmix",
        "--mix_in=data --strategy=mirrored",
        "--vae=no/such.keras",
        "--corruption_dir=no/such",
        "--method=blur --sigma=-1",
        "positional",
    ):
        yield words.split()
    folder.mkdir()
    images = data.load_data("digits").test.images
    good = {name: np.tile(images, (5, 1, 1, 1)) for name in BENCHMARK}
    labels = np.tile(data.load_data("digits").test.labels, 5)
    arrays: dict[str, dict[str, Any]] = {
        "labels-beyond": {"labels": labels + 5},
        "labels-negative": {"labels": labels - 1},
        "labels-few": {"labels": labels[:-1]},
        "labels-floating": {"labels": labels.astype("float32")},
        "labels-gone": {"labels": None},
        "fog-gone": {"fog": None},
        "fog-large": {"fog": np.zeros((5, 16, 16, 1), "uint8")},
        "fog-floating": {"fog": good["fog"].astype("float32")},
        "fog-cut": {"fog": b"\x93NUMPY"},
        "fog-empty": {"fog": b""},
    }
    for name, changed in arrays.items():
        (folder / name).mkdir()
        for array, content in ({"labels": labels} | good | changed).items():
            path = folder / name / f"{array}.npy"
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif content is not None:
                np.save(path, content)
        yield [f"--corruption_dir={folder / name}"]
    for number, text in enumerate(("", "{", "[]", "{}", '{"source": 1}')):
        shutil.copytree(folder / "labels-beyond", folder / f"origin-{number}")
        np.save(folder / f"origin-{number}" / "labels.npy", labels)
        (folder / f"origin-{number}" / "origin.json").write_text(text)
        yield [f"--corruption_dir={folder / f'origin-{number}'}"]
    model = models.VariationalAutoencoder((8, 8, 1), width=8, blocks=1)
    model.save(folder / "good.keras")
    whole = (folder / "good.keras").read_bytes()
    for way, damaged in WAYS.items():
        (folder / f"{way}.keras").write_bytes(damaged(whole) or b"")
        yield [f"--vae={folder / f'{way}.keras'}"]
    models.VariationalAutoencoder((8, 8, 3), width=8, blocks=1).save(folder / "colored.keras")
    models.compact((8, 8, 1), 10).save(folder / "classifier.keras")
    model.trainable_variables[0].assign(np.nan * model.trainable_variables[0])
    model.save(folder / "nan.keras")
    (folder / "text.txt").write_text("x")
    for name in ("colored.keras", "classifier.keras", "nan.keras", "text.txt", "labels-beyond"):
        yield [f"--vae={folder / name}"]
    yield from bad_folders(folder)
    for name, classes in {"none": [], "one": ["a"], "without-images": ["a", "b"]}.items():
        (folder / "images" / name).mkdir(parents=True)
        for one in classes:
            (folder / "images" / name / one).mkdir()
        yield [f"--dataset={folder / 'images' / name}"]


def bad_folders(folder: pathlib.Path) -> Iterator[list[str]]:
    """Make folders that can be no run's and no dataset's."""
    from PIL import Image

    (folder / "file").write_text("x")
    yield [f"--run_dir={folder / 'file'}"]
    yield [f"--run_dir={folder / 'file' / 'run'}"]
    runs = {
        "other": {"notes.txt": "x"},
        "finished": {"config.json": "{}", "metrics.json": "{}"},
        "unfinished": {"config.json": '{"seed": 0}'},
    }
    runs |= {f"config-{n}": {"config.json": text} for n, text in enumerate(("", "{", "[]"))}
    for name, files in runs.items():
        (folder / "runs" / name).mkdir(parents=True)
        for file, text in files.items():
            (folder / "runs" / name / file).write_text(text)
        for resume in ([], ["--resume"]):
            yield [f"--run_dir={folder / 'runs' / name}", *resume]
    image = Image.fromarray(np.arange(12 * 12 * 3, dtype="uint8").reshape(12, 12, 3))
    for name in ("cut", "text", "empty", "tiny", "sizes", "few", "large", "other-classes"):
        for number in range(1 if name == "few" else 8):
            for one in ("a", "b"):
                path = folder / "images" / name / one / f"{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                image.save(path)
        last = path.read_bytes()
        if name in ("cut", "text", "empty"):
            path.write_bytes({"cut": last[: len(last) // 2], "text": b"text", "empty": b""}[name])
        elif name == "sizes":
            image.resize((16, 16)).save(path)
        elif name == "tiny":
            for path in (folder / "images" / name).rglob("*.png"):
                image.resize((4, 4)).save(path)
    for name in ("cut", "text", "empty", "tiny", "sizes", "few"):
        yield [f"--dataset={folder / 'images' / name}"]
    for size in (100000, 20000):
        yield [f"--dataset={folder / 'images' / 'large'}", f"--image_size={size}"]
    classes = folder / "images" / "other-classes"
    for split, one in (("train", "a"), ("train", "b"), ("test", "a"), ("test", "c")):
        shutil.copytree(folder / "images" / "large" / "a", classes / split / one)
    shutil.rmtree(classes / "a")
    shutil.rmtree(classes / "b")
    yield [f"--dataset={classes}"]


def _apart(trials: Sequence[tuple[str, ...]], together: int = 5) -> list[list[tuple[str, ...]]]:
    """Put files to be damaged into groups, in none of which one could stand in for another."""
    groups: list[list[tuple[str, ...]]] = []
    for file, way in trials:
        kind = _kind(file)
        for group in groups:
            if len(group) < together and kind not in [_kind(other) for other, _ in group]:
                group.append((file, way))
                break
        else:
            groups.append([(file, way)])
    return groups


def _kind(file: str) -> str:
    """Return the same for all states of a training, and for the copies of the settings."""
    path = pathlib.Path(file)
    if path.parts[0] == "checkpoints" or path.name == "config.json":
        return path.name.partition(".")[0].partition("-")[0]
    return file


def _moments(name: str) -> tuple[str, ...]:
    """Return the stages of a method, after each of which something is begun."""
    stages = STAGES if name == "with an autoencoder" else STAGES[:1] + STAGES[2:]
    return ("start", *stages)


def _has_said(child: Child, stage: str) -> bool:
    """Return whether a run is past a stage; "start" is where signals end it as they should."""
    if stage == "start":
        with open(f"/proc/{child.pid}/status", encoding="utf-8") as file:
            caught = next((int(line.split()[1], 16) for line in file if line[:7] == "SigCgt:"), 0)
        return bool(caught & 1 << signal.SIGTERM - 1)
    return f"{stage:>10}  " in child.text()


def _is_past(moment: float) -> bool:
    return time.monotonic() > moment


def _last_line(child: Child) -> str:
    """Return the end of what a run printed."""
    return (child.text().splitlines() or [""])[-1][:150]


def _contents(folder: pathlib.Path) -> dict[pathlib.Path, int]:
    """Return what is in a folder, and when each file was changed."""
    # A folder's own time changes with a lock that comes and goes.
    return {path: 0 if path.is_dir() else path.lstat().st_mtime_ns for path in folder.rglob("*")}


def _has_traceback(text: str) -> bool:
    return "Traceback" in text or "Exception ignored" in text


def _wrong_stop(child: Child, kind: signal.Signals) -> str | None:
    """Return what is wrong with how a run ended that was sent a signal, or None."""
    # It may have been over by then.
    expected = (-kind, 0) if kind == signal.SIGKILL else (130, 0)
    if child.status not in expected or _has_traceback(child.text()):
        return f"status {child.status} by {kind.name}: {child.text()[-600:]}"
    if child.status == 130 and child.text().count("interrupted; ") != 1:
        return f"not a line by {kind.name}: {child.text()[-600:]}"
    return None


def _one_line(text: str) -> str | None:
    """Return what is wrong with the output of a run that was refused or stopped, or None."""
    if _has_traceback(text):
        return f"a traceback: {text[-600:]}"
    # What TensorFlow says about a machine without a GPU is no line of ours.
    lines = [line for line in text.splitlines() if line.startswith("train.py: error: ")]
    return None if len(lines) == 1 else f"{len(lines)} lines: {text[-300:]}"


@contextlib.contextmanager
def _small_disk(
    folder: pathlib.Path, kilobytes: int
) -> Iterator[tuple[pathlib.Path, Callable[[], None]]]:
    """Mount a file system in memory, which can be enlarged."""
    folder.mkdir(exist_ok=True)

    def mount(options: str) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], check=True)

    mount(f"size={kilobytes}k")
    try:
        yield folder, lambda: mount("remount,size=200m")
    finally:
        subprocess.run(["umount", folder], check=True)


def keep(path: pathlib.Path, summary: dict[str, object]) -> None:
    """Write the outcome of trials to a file, with what they were carried out by."""
    from tf_varmixup.files import write_json
    from tf_varmixup.run import environment

    command = f"python tools/kill_runs.py {shlex.join(sys.argv[1:])}"
    write_json(path, {"command": command, "environment": environment("float32"), **summary})


def main() -> None:
    """Carry out the trials that the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = ("kills", "damage", "processes", "disk", "inputs")
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("--count", type=int, default=0, help="trials; 0 for all")
    parser.add_argument("--method", choices=METHODS, help="the only one of kills")
    parser.add_argument("--after", choices=STAGES, help="the only stage of damage")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn")
    parser.add_argument("--json", type=pathlib.Path, help="file to keep the outcome in")
    options = parser.parse_args()
    # A shell that begins this in the background has it ignored, in the runs too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # The order of operations must not depend on which threads are free.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # Of what runs for a second, not much is to be made.
    os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")
    sys.path.insert(0, os.fspath(ROOT))
    for name in IMPORTED:
        importlib.import_module(name)
    gc.freeze()

    with tempfile.TemporaryDirectory() as folder:
        methods = [options.method] if options.method else list(METHODS)
        moments = [options.after] if options.after else ["vae", "export"]
        path = pathlib.Path(folder)
        campaign = Campaign(path, options.count, options.seed, methods, moments)
        try:
            getattr(campaign, options.kind)()
        finally:
            if options.json:
                keep(options.json, campaign.summary())
    print(f"{campaign.trials.total()} trials, {len(campaign.failed)} failures")
    sys.exit(1 if campaign.failed else 0)


if __name__ == "__main__":
    main()
