import json
import os
import subprocess
import sys
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
    with RunFolder(tmp_path / "run", CONFIG, resume=False) as run, run.stage("vae"):
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


def test_a_run_from_before_a_setting_existed_goes_on_with_what_was_done_then(tmp_path):
    run = begun(tmp_path / "run")
    with pytest.raises(ValueError, match=r"Expected optimizer 'sgd'.* Received: 'muon'"):
        resumed(run.path, optimizer="muon")
    resumed(run.path, optimizer="sgd").release()


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
    run.release()
    run.finish({"a": float("nan"), "b": [float("inf"), 1.5]})
    assert json.loads((run / "metrics.json").read_text()) == {"a": None, "b": [None, 1.5]}


def test_looking_at_a_folder_writes_nothing(tmp_path):
    RunFolder.check(tmp_path / "new" / "run", resume=False)
    assert not list(tmp_path.iterdir())


def begun(path, **settings):
    """Begin a run and leave it."""
    with RunFolder(path, {**CONFIG, **settings}, resume=False) as run:
        return run


def resumed(path, **settings):
    return RunFolder(path, {**CONFIG, **settings}, resume=True)


def test_one_process_at_a_time_works_in_a_folder(tmp_path):
    run = RunFolder(tmp_path / "run", CONFIG, resume=False)
    for look in (RunFolder.check, lambda path, resume: RunFolder(path, CONFIG, resume)):
        with pytest.raises(ValueError, match=rf"no other process .*process {os.getpid()} on"):
            look(run.path, True)
    run.release()
    resumed(run.path).release()


def test_a_lock_dies_with_its_process(tmp_path):
    begun(tmp_path / "run")
    held = tmp_path / "run" / "checkpoints" / "lock"
    hold = f"import fcntl; file = open({str(held)!r}, 'a+'); fcntl.flock(file, fcntl.LOCK_EX)"
    script = f"{hold}; print('held', flush=True); import time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        with pytest.raises(ValueError, match="no other process"):
            resumed(tmp_path / "run")
        process.kill()
    resumed(tmp_path / "run").release()


def test_what_a_start_that_failed_leaves_is_no_run(tmp_path, monkeypatch):
    def full(*rest):
        raise OSError(28, "No space left on device")

    path = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        with pytest.raises(OSError, match="No space"):
            RunFolder(path, CONFIG, resume=False)
    assert not path.exists()
    # A process that was killed at once leaves more.
    (path / "checkpoints").mkdir(parents=True)
    for name in ("lock", ".partial-1-config.json"):
        (path / "checkpoints" / name).write_text("")
    (path / ".partial-1-config.json").write_text("{")
    RunFolder(path, CONFIG, resume=False).finish({})
    assert sorted(os.listdir(path)) == ["config.json", "metrics.json"]


@pytest.mark.parametrize("content", [b"", b'{"seed": 1', b"[]", b"\xff\x00", b'{"seed": 1}', None])
def test_settings_that_are_damaged_are_those_of_the_copy(tmp_path, content, caplog):
    run = begun(tmp_path / "run")
    path = run / "config.json"
    (run.checkpoints / "timing.json").write_text("{}")  # so that it had begun
    whole = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(ValueError, match="Expected seed 0, with which"):
        resumed(path.parent, seed=1)
    resumed(path.parent).release()
    assert path.read_bytes() == whole
    assert "config.json is missing or damaged. It is written again." in caplog.text


def test_settings_that_are_nowhere_whole_are_named_with_a_way_out(tmp_path):
    run = begun(tmp_path / "run")
    for path in (run / "config.json", *run.checkpoints.glob("config.*.json")):
        path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"JSON in .*config\.json.*empty.* Remove the folder"):
        resumed(run.path)


def test_numbers_that_a_run_can_do_without_do_not_stop_it(tmp_path, caplog):
    run = begun(tmp_path / "run")
    run.record_environment({"tensorflow": "2.20.0"})
    (run.checkpoints / "timing.json").write_text('{"vae": ')
    with resumed(run.path) as again:
        assert again.timing == {}
        found = again.record_environment({"tensorflow": "2.21.0"})
    assert found == {"tensorflow": "2.21.0", "begun_with": {"tensorflow": "2.20.0"}}
    assert "timing.json" in caplog.text
    assert "begun with tensorflow 2.20.0 (now 2.21.0)" in caplog.text


@pytest.mark.parametrize("metrics", ["", '{"clean"'])
def test_metrics_that_are_damaged_are_written_again_while_that_is_possible(tmp_path, metrics):
    run = begun(tmp_path / "run")
    (run / "metrics.json").write_text(metrics)
    resumed(run.path).finish({"a": 1})
    assert json.loads((run / "metrics.json").read_text()) == {"a": 1}
    (run / "metrics.json").write_text(metrics)
    with pytest.raises(ValueError, match="finished run, which is not overwritten"):
        resumed(run.path)


def test_checkpoints_that_a_kill_left_to_a_finished_run_are_removed(tmp_path):
    run = begun(tmp_path / "run")
    (run / "metrics.json").write_text("{}")
    with pytest.raises(ValueError, match="finished run"):
        resumed(run.path)
    assert sorted(os.listdir(run.path)) == ["config.json", "metrics.json"]


def test_the_finished_folder_of_another_program_is_left_as_it_is(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    files = {
        "config.json": '{"model": "bert"}',
        "metrics.json": "{}",
        "checkpoints/100.pt": "weights",
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match="finished run"):
        RunFolder.check(tmp_path, resume=False)
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {*files}


def test_what_lies_elsewhere_may_move_but_not_change(tmp_path):
    settings = {"dataset": "/a", "data_digest": "1", "vae": "b", "vae_digest": "2"}
    run = begun(tmp_path / "run", **settings)
    moved = {**settings, "dataset": "/elsewhere", "vae": "moved"}
    run.path.rename(tmp_path / "moved")
    resumed(tmp_path / "moved", **moved).release()
    with pytest.raises(ValueError, match=r"Expected dataset to hold what it held .*/elsewhere"):
        resumed(tmp_path / "moved", **{**moved, "data_digest": "3"})
    with pytest.raises(ValueError, match=r"Expected vae to hold what it held"):
        resumed(tmp_path / "moved", **{**moved, "vae_digest": "3"})


def test_a_run_of_an_earlier_version_is_refused(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text(json.dumps(CONFIG))
    with pytest.raises(ValueError, match="begun by an earlier one"):
        resumed(tmp_path / "run", data_digest="1")
    assert os.listdir(tmp_path / "run") == ["config.json"]  # what is refused is left as it was
    resumed(tmp_path / "run").release()


def test_what_is_kept_is_of_these_settings_alone(tmp_path):
    run = begun(tmp_path / "run")
    with run.kept.writing("state.npz") as partial:
        partial.write_bytes(b"1")
    assert resumed(run.path).kept.find("state.npz") is not None
    other = begun(tmp_path / "other", seed=1)
    [state] = run.kept.named("state.npz")
    state.rename(other.checkpoints / state.name)
    assert other.kept.find("state.npz") is None


def test_who_comes_too_late_leaves_the_folder_to_the_other(tmp_path):
    run = RunFolder(tmp_path / "run", CONFIG, resume=False)
    for path in (run / "config.json", *run.checkpoints.glob("config.*")):
        path.unlink()  # as if it had not got so far yet
    with pytest.raises(ValueError, match="no other process"):
        resumed(run.path)
    assert (run.checkpoints / "lock").exists()
    run.release()
