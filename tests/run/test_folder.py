import json
import os
import time

import keras
import pytest

from tf_varmixup.run import RunFolder

CONFIG = {
    "dataset": "digits",
    "seed": 0,
    "command": "python train.py --dataset digits",
    "resume": False,
}


def test_a_run_from_begin_to_end(tmp_path):
    run = RunFolder(tmp_path / "a" / "b", CONFIG, resume=False)
    assert json.loads((run / "config.json").read_text()) == CONFIG
    with run.stage("vae"):
        time.sleep(0.05)
    with run.stage("vae"):
        time.sleep(0.05)
    assert 0.1 <= run.timing["vae"] < 5
    run.finish({"clean": {"accuracy": 0.5}})
    assert json.loads((run / "metrics.json").read_text()) == {"clean": {"accuracy": 0.5}}
    assert sorted(path.name for path in run.path.iterdir()) == ["config.json", "metrics.json"]


def test_nothing_finished_is_overwritten(tmp_path):
    RunFolder(tmp_path / "run", CONFIG, resume=False).finish({})
    for resume in (False, True):
        with pytest.raises(ValueError, match="finished run, which is not overwritten"):
            RunFolder(tmp_path / "run", CONFIG, resume)


def test_an_unfinished_run_is_continued_only_on_demand_and_with_its_settings(tmp_path):
    run = RunFolder(tmp_path / "run", CONFIG, resume=False)
    with run.stage("vae"):
        pass
    with pytest.raises(ValueError, match=r"unfinished run.*resume=True"):
        RunFolder(run.path, CONFIG, resume=False)
    for name, value in (("seed", 1), ("alpha", 0.5)):
        with pytest.raises(ValueError, match=rf"Expected {name} .* was begun. Received: {value}"):
            RunFolder(run.path, {**CONFIG, name: value}, resume=True)
    again = RunFolder(
        run.path,
        {**CONFIG, "resume": True, "command": "train.py --resume", "data_dir": "elsewhere"},
        resume=True,
    )
    assert "vae" in again.timing
    assert json.loads((run / "config.json").read_text()) == CONFIG


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(ValueError, match="other files and no run"):
        RunFolder(tmp_path, CONFIG, resume=True)
    assert os.listdir(tmp_path) == ["thesis.tex"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "run").write_text("x")
    with pytest.raises(ValueError, match="is a file"):
        RunFolder(tmp_path / "run", CONFIG, resume=False)
    with pytest.raises(OSError, match="a folder that can be written"):
        RunFolder(tmp_path / "run" / "below", CONFIG, resume=False)


def test_models_and_numbers_appear_whole(tmp_path):
    run = RunFolder(tmp_path / "run", CONFIG, resume=False)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    run.save_model(model, "vae.keras")
    assert keras.saving.load_model(run / "vae.keras").count_params() == 3
    assert sorted(path.name for path in run.path.iterdir()) == [
        "checkpoints",
        "config.json",
        "vae.keras",
    ]
    assert not list(run.checkpoints.iterdir())
    run.finish({"a": float("nan"), "b": [float("inf"), 1.5]})
    assert json.loads((run / "metrics.json").read_text()) == {"a": None, "b": [None, 1.5]}


def test_looking_at_a_folder_writes_nothing(tmp_path):
    RunFolder.check(tmp_path / "new" / "run", resume=False)
    assert not list(tmp_path.iterdir())
