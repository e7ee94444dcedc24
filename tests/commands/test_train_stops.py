"""However a run is stopped, there is one line, and the run can be resumed."""

import os
import signal
import time

import pytest
import tensorflow as tf

from tf_varmixup.commands import train
from tf_varmixup.commands.console import terminated_as_interrupted
from tf_varmixup.commands.workers import as_worker
from tf_varmixup.run import Cluster, Recipe, RunFolder

# As a pipeline of streamed images says which file is broken.
UNREADABLE = tf.errors.InvalidArgumentError(
    None,
    None,
    "UnreadableImageError: Expected an image file. Received: a.jpg.\nTraceback (most recent ...",
)


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OSError(28, "No space left on device", "vae.keras"), 1, "No space left on device"),
        (MemoryError("Unable to allocate 9 GiB\nin two lines"), 1, "out of memory: Unable to"),
        (FloatingPointError("Try half the learning_rate."), 1, "Try half the --learning_rate."),
        (KeyboardInterrupt(), 130, "interrupted; what is done is kept in"),
        (UNREADABLE, 1, "error: Expected an image file. Received: a.jpg.; what is done is kept in"),
    ],
)
def test_each_reason_is_a_line(tmp_path, monkeypatch, capsys, error, status, said):
    def fail(**_):
        raise error

    monkeypatch.setattr(train, "carry_out", fail)
    run = RunFolder(tmp_path / "run", {"seed": 0}, resume=False)
    with pytest.raises(SystemExit) as stopped:
        train._carry_out("train.py", {"run": run, "cluster": Cluster()})
    assert stopped.value.code == status
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert said in line
    if not isinstance(error, FloatingPointError):
        assert "with --resume goes on" in line
    RunFolder(run.path, {"seed": 0}, resume=True).release()  # nobody holds it


def test_being_told_to_end_is_as_ctrl_c():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), terminated_as_interrupted():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before


def test_being_told_to_end_is_never_lost():
    class Closing:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.01)  # what comes here cannot be raised

    def close_and_go_on():
        Closing()
        time.sleep(10)

    with pytest.raises(KeyboardInterrupt), terminated_as_interrupted():
        close_and_go_on()


@pytest.mark.parametrize("content", [None, '{"cluster": {}}'])
def test_workers_without_a_cluster_are_refused_before_anything(
    tmp_path, monkeypatch, capsys, content
):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if content is not None:
        monkeypatch.setenv("TF_CONFIG", content)
    arguments = ["--dataset", "digits", "--strategy", "multi_worker"]
    with pytest.raises(SystemExit) as stopped:
        train.main([*arguments, "--run_dir", str(tmp_path / "run")], program="train.py")
    assert stopped.value.code == 2
    line = capsys.readouterr().err
    assert line.startswith("train.py: error: Expected the environment variable TF_CONFIG")
    assert line.count("\n") == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("error", [RuntimeError("what nobody expected"), SystemExit(3)])
def test_the_process_of_a_worker_ends_whatever_happened(monkeypatch, capsys, error):
    ended = []
    monkeypatch.setattr(os, "_exit", ended.append)
    with as_worker(Cluster(("a:1", "b:2"), 1)) as scratch:
        print("nobody reads this")
        scratch.mkdir()
        raise error
    assert ended == [3 if isinstance(error, SystemExit) else 1]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert ("what nobody expected" in captured.err) == isinstance(error, RuntimeError)
    assert not scratch.exists()


def test_a_worker_without_the_others_is_a_line(tmp_path, monkeypatch, capsys):
    def fail(**_):
        raise tf.errors.UnavailableError(None, None, "Collective ops is aborted by: ...")

    monkeypatch.setattr(train, "carry_out", fail)
    run = RunFolder(tmp_path / "run", {"seed": 0}, resume=False)
    with pytest.raises(tf.errors.UnavailableError):  # of one process it would be another fault
        train._carry_out("train.py", {"run": run, "cluster": Cluster()})
    parts = {"run": run, "recipe": Recipe("digits", run_dir=tmp_path / "shared")}
    for index, place in enumerate((run.path, f"{tmp_path / 'shared'} of the first worker")):
        with pytest.raises(SystemExit) as stopped:
            train._carry_out("train.py", {**parts, "cluster": Cluster(("a:1", "b:2"), index)})
        assert stopped.value.code == 1
        line = capsys.readouterr().err
        assert line.count("\n") == 1
        assert (
            f"another worker ended or cannot be reached; what is done is kept in {place}," in line
        )
