"""Bad arguments, and the files that they name."""

import itertools
import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np

from tools.trials.damage import WAYS


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
        "--classifier=keras:",
        "--classifier=keras:ResNet51",
        "--classifier=keras:ResNet50",  # takes no images of 8 x 8
        "--classifier=compact --classifier_weights=train.py",
        "--classifier=keras:ResNet50 --classifier_weights=no/such",
        "--strategy=multi_worker",
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
    yield from _bad_folders(folder)
    for name, classes in {"none": [], "one": ["a"], "without-images": ["a", "b"]}.items():
        (folder / "images" / name).mkdir(parents=True)
        for one in classes:
            (folder / "images" / name / one).mkdir()
        yield [f"--dataset={folder / 'images' / name}"]


def _bad_folders(folder: pathlib.Path) -> Iterator[list[str]]:
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
