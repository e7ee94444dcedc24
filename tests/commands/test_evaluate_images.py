"""Which images an evaluation measures: those of the run, and of its baseline."""

import argparse
import json

import keras
import numpy as np
import pytest
from PIL import Image

from tf_varmixup import VicinalClassifier, data
from tf_varmixup.commands.evaluate import main
from tf_varmixup.commands.evaluate_images import (
    check_baseline_images,
    check_trained_on,
    is_same_dataset,
)
from tf_varmixup.commands.told import check_classes
from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.export import export_saved_model
from tf_varmixup.run import data_digest

SHAPE = (8, 8, 3)


def write(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def photos(folder, names=("cat", "dog"), count=20):
    draws = np.random.default_rng(0)
    for name in names:
        (folder / name).mkdir(parents=True)
        for number in range(count):
            Image.fromarray(draws.integers(0, 256, SHAPE, "uint8")).save(
                folder / name / f"{number}.png"
            )
    return folder


@pytest.fixture
def classifier():
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(2)]
    return VicinalClassifier(keras.Sequential([keras.Input(SHAPE), *layers]))


def test_a_run_is_not_measured_on_a_folder_that_has_changed_since(classifier, tmp_path, capsys):
    folder = photos(tmp_path / "photos")
    config = {"dataset": str(folder), "method": "erm", "seed": 0}
    config["data_digest"] = data_digest(data.load_data(str(folder)))
    run = write(tmp_path / "run", config=config)
    classifier.save(run / "classifier.keras")
    arguments = [str(run), "--corruptions", "none", "--output"]
    main([*arguments, str(tmp_path / "before")])
    Image.new("RGB", SHAPE[:2]).save(folder / "cat" / "new.png")
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main([*arguments, str(tmp_path / "after")])
    line = capsys.readouterr().err
    assert "photos to hold what it did when" in line
    assert "Received: other contents" in line
    assert not (tmp_path / "after").exists()
    other = photos(tmp_path / "others", count=25)
    main([*arguments, str(tmp_path / "of_others"), "--dataset", str(other)])


def test_a_baseline_and_classes_of_others_are_refused_before_anything_is_written(
    classifier, tmp_path, capsys
):
    folder = photos(tmp_path / "photos")
    write(tmp_path / "run", config={"dataset": str(folder), "method": "erm", "seed": 0})
    classifier.save(tmp_path / "run" / "classifier.keras")
    baseline = write(tmp_path / "baseline", config={"dataset": str(folder), "data_digest": "b"})
    cells = [f"contrast,{severity},0.5" for severity in range(1, 6)]
    (baseline / "corruptions.csv").write_text("\n".join(["corruption,severity,error", *cells]))
    arguments = [str(tmp_path / "run"), "--output", str(tmp_path / "out"), "--corruptions"]
    with pytest.raises(SystemExit):
        main([*arguments, "contrast", "--baseline", str(baseline)])
    assert "same corrupted images, with data_digest" in capsys.readouterr().err
    export_saved_model(tmp_path / "run/saved_model", classifier, SHAPE, class_names=("dog", "cat"))
    with pytest.raises(SystemExit):
        main([*arguments, "none"])
    assert "whose class 0 is 'dog'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_other_images_of_a_dataset_with_test_images_of_its_own_are_said(tmp_path, capsys):
    run = write(tmp_path / "run", config={"dataset": "cifar10", "data_digest": "a"})
    options = argparse.Namespace(model=str(run), dataset="cifar10", image_size=None)
    check_trained_on(options, "a")
    assert not capsys.readouterr().out
    check_trained_on(options, "b")
    assert "not the images of cifar10 that the run was trained on" in capsys.readouterr().out
    for other in ({"dataset": "cifar100"}, {"image_size": 64}):
        check_trained_on(argparse.Namespace(**{**vars(options), **other}), "b")
    assert not capsys.readouterr().out


def test_a_folder_is_the_same_dataset_by_whatever_path(tmp_path, monkeypatch):
    (tmp_path / "a" / "photos").mkdir(parents=True)
    (tmp_path / "b" / "photos").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert is_same_dataset("./a/photos", str(tmp_path / "a" / "photos"))
    assert not is_same_dataset("a/photos", "b/photos")
    assert is_same_dataset("elsewhere/photos", "a/photos")
    assert not is_same_dataset("cifar10", "cifar100")


@pytest.mark.parametrize(
    ("config", "corruptions", "name"),
    [
        ({}, {"source": "published"}, "source 'regenerated'"),
        ({}, {"source": "regenerated", "constants": "imagenet"}, "constants"),
        ({"data_digest": "b"}, {}, "data_digest 'a'"),
    ],
)
def test_a_baseline_on_other_corrupted_images_is_refused(tmp_path, config, corruptions, name):
    images = np.zeros((2, 32, 32, 3), "uint8"), np.array([0, 1])
    benchmark = CorruptionBenchmark(images, ("fog",))
    ours = {"data_digest": "a", "corruption_digest": None}
    same = {"corruptions": {**benchmark.origin, "pictures": 2}}
    check_baseline_images(write(tmp_path / "same", config=ours, metrics=same), ours, benchmark)
    older = write(tmp_path / "older", config={}, metrics={})
    check_baseline_images(older, ours, benchmark)
    check_baseline_images(tmp_path / "theirs.csv", ours, benchmark)
    other = write(tmp_path / "other", config=config, metrics={"corruptions": corruptions})
    with pytest.raises(ValueError, match=f"same corrupted images, with {name}"):
        check_baseline_images(other, ours, benchmark)
    check_baseline_images(other, ours, None)


def test_classes_of_other_names_are_refused_where_the_model_tells_its_own(classifier, tmp_path):
    run = write(tmp_path / "run")
    classifier.save(run / "classifier.keras")
    names = ("traffic light", "Dog")
    export_saved_model(run / "saved_model", classifier, SHAPE, class_names=names)
    for same in (names, ("traffic_light", "dog"), ("0", "1"), ("a", "b", "c")):
        check_classes(run, same, "pets")
    for model in (run, run / "saved_model", run / "classifier.keras"):
        with pytest.raises(ValueError, match=r"class 0 is 'traffic light'.* class 0 is 'Dog'"):
            check_classes(model, names[::-1], "pets")
    check_classes(tmp_path / "elsewhere.keras", names[::-1], "pets")
