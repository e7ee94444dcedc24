"""The command that classifies files says what the classifier says of images read as its data."""

import json
import os

import keras
import numpy as np
import pytest
import rich
from PIL import Image
from scipy.special import softmax

from models import VariationalAutoencoder
from tf_varmixup import VicinalClassifier, export_saved_model
from tf_varmixup.commands import predict
from tf_varmixup.data.folder_source import load_folder

NAMES = ["ant", "bee [x]", "cat"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Image files of several sizes, modes and formats, and a file that is none."""
    folder = tmp_path_factory.mktemp("files")
    random = np.random.default_rng(0)
    for name, size in (("a.png", (20, 12, 3)), ("b.webp", (9, 9, 3)), ("c.png", (16, 24))):
        levels = random.integers(0, 256, size, dtype="uint8")
        Image.fromarray(levels).save(folder / name, lossless=True)
    (folder / "broken.png").write_bytes(b"no image")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A folder with what a run has."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    folder.mkdir()
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(3)]
    classifier = VicinalClassifier(keras.Sequential([keras.Input((8, 8, 3)), *layers]))
    classifier.save(folder / "classifier.keras")
    VariationalAutoencoder((8, 8, 3), width=8, blocks=1).save(folder / "vae.keras")
    export_saved_model(
        folder / "saved_model", classifier, (8, 8, 3), temperature=0.5, class_names=NAMES
    )
    return folder


def answer(capsys, *arguments):
    predict.main([*map(str, arguments), "--json"])
    return json.loads(capsys.readouterr().out)


def probabilities(given):
    """Of each image of an answer in which all classes are, in the order of their numbers."""
    return np.array(
        [
            [one["probability"] for one in sorted(image["classes"], key=lambda one: one["label"])]
            for image in given["images"]
        ]
    )


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        predict.main(list(map(str, arguments)))
    assert stopped.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1, printed.err
    return printed.err


def test_images_are_read_as_a_folder_of_images_is(capsys, run, files, tmp_path):
    shown = [files / "a.png", files / "b.webp", files / "c.png"]
    for place in ("train", "test"):
        for number, file in enumerate(shown):
            folder = tmp_path / place / f"class{number}"
            folder.mkdir(parents=True)
            (folder / file.name).write_bytes(file.read_bytes())
    split = load_folder(tmp_path, image_size=8).test
    images = split.images[np.argsort(split.labels)]
    classifier = predict_model(run)
    expected = softmax(classifier.predict(images.astype("float32"), verbose=0) / 0.5, axis=1)
    assert np.ptp(expected, axis=0).max() > 0.01
    given = answer(capsys, run, *shown)
    np.testing.assert_allclose(probabilities(given), expected, atol=1e-5)
    assert [image["file"] for image in given["images"]] == [str(file) for file in shown]
    for image, row in zip(given["images"], expected, strict=True):
        order = np.argsort(-row)
        assert [one["label"] for one in image["classes"]] == order.tolist()
        assert [one["name"] for one in image["classes"]] == [NAMES[k] for k in order]
    assert given["temperature"] == 0.5


def predict_model(run):
    from tf_varmixup.loading import load_model

    return load_model(run / "classifier.keras", compile=False)


def test_a_run_its_file_and_its_saved_model_say_the_same(capsys, run, files):
    models = [run, run / "classifier.keras", run / "saved_model"]
    given = [answer(capsys, model, files / "a.png") for model in models]
    for one in given[1:]:
        np.testing.assert_allclose(probabilities(one), probabilities(given[0]), atol=1e-5)
        assert one["temperature"] == 0.5


def test_a_file_alone_says_that_it_is_not_calibrated(capsys, run, files, tmp_path):
    file = tmp_path / "classifier.keras"
    file.write_bytes((run / "classifier.keras").read_bytes())
    given = answer(capsys, file, files / "a.png", "--top", 1)
    assert given["temperature"] is None
    [[one]] = [image["classes"] for image in given["images"]]
    assert one["name"] == str(one["label"])
    predict.main([str(file), str(files / "a.png")])
    assert "not calibrated" in " ".join(capsys.readouterr().out.split())


def test_a_model_of_gray_images_of_any_size_takes_all(capsys, files, tmp_path):
    inputs = keras.Input((None, None, 1))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 255)(inputs))
    keras.Model(inputs, keras.layers.Dense(2)(x)).save(tmp_path / "any.keras")
    given = answer(capsys, tmp_path / "any.keras", files / "a.png", files / "c.png")
    assert probabilities(given).shape == (2, 2)


def test_the_table_has_names_as_they_are(capsys, run, files):
    predict.main([str(run), str(files / "a.png")])
    printed = capsys.readouterr().out
    assert "bee [x]" in printed
    assert "%" in printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{run}", "{files}/none.png"], ["none.png", "no such file"]),
        (["{run}", "{files}"], ["a folder"]),
        (["{run}", "{files}/a.png", "{files}/broken.png"], ["broken.png", "can be read"]),
        (["{files}/nowhere", "{files}/a.png"], ["nowhere", "does not exist"]),
        (["{files}", "{files}/a.png"], ["a .keras file, a SavedModel"]),
        (["{files}/a.png", "{files}/a.png"], ["a .keras file, a SavedModel"]),
        (["numpy:zeros", "{files}/a.png"], ["Expected zeros(images, indices) to return logits"]),
        (["{run}/vae.keras", "{files}/a.png"], ["Expected a classifier", "an autoencoder"]),
        (["numpy:take", "{files}/a.png"], ["outputs (B, K) for 1 images", "shape (1,)"]),
        (["{run}", "{files}/a.png", "--top", "0"], ["--top", "at least 1"]),
        (["{run}", "{files}/a.png", "--no-from_logits"], ["from_logits=True"]),
        (["{run}"], ["IMAGE"]),
    ],
    ids=lambda one: " ".join(one),
)
def test_bad_input_gets_one_line_and_exit_status_2(capsys, run, files, arguments, words):
    arguments = [one.format(run=run, files=files) for one in arguments]
    line = refused(capsys, *arguments)
    assert all(word in line for word in words), line


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_a_reader_that_has_seen_enough_ends_the_command_without_a_word(
    flags, run, files, capfd, monkeypatch
):
    monkeypatch.setattr(rich.get_console(), "quiet", False)  # which the end of a pipe sets
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as output:
        monkeypatch.setattr("sys.stdout", output)
        with pytest.raises(SystemExit) as stopped:
            predict.main([str(run), str(files / "a.png"), *flags])
    assert stopped.value.code == 1
    assert "pipe" not in capfd.readouterr().err.lower()


def test_a_closed_output_is_no_error(run, files, monkeypatch):
    monkeypatch.setattr("sys.stdout", None)
    predict.main([str(run), str(files / "a.png"), "--json"])
