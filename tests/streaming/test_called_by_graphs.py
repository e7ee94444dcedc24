import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tf_varmixup.streaming import called_by_graph, called_by_graphs


def test_calls_are_those_of_the_function_and_none_is_left_under_way():
    rows = tf.data.Dataset.range(20)
    doubled = rows.map(lambda row: called_by_graph(lambda one: 2 * one, [row], tf.int64))
    assert list(doubled.as_numpy_iterator()) == list(range(0, 40, 2))
    assert called_by_graphs._CALLS.running == 0


def test_what_fails_is_not_under_way_any_more():
    def fail(row):
        raise ValueError("Expected another row.")

    with pytest.raises((ValueError, tf.errors.OpError), match="Expected another row"):
        called_by_graph(fail, [tf.constant(1)], tf.int64)
    assert called_by_graphs._CALLS.running == 0


def test_at_the_end_nothing_is_worked_out_any_more(monkeypatch):
    calls = called_by_graphs._Calls()
    monkeypatch.setattr(called_by_graphs, "_CALLS", calls)
    function = called_by_graphs._Counted(lambda row: row + 1)
    assert function(np.int64(1)) == 2
    start = time.monotonic()
    calls.end()
    assert time.monotonic() - start < 5.0
    assert function(np.int64(7)) == 2  # what it returned last
    assert calls.running == 0


def test_the_end_waits_for_what_is_under_way(monkeypatch):
    calls, done = called_by_graphs._Calls(), []
    monkeypatch.setattr(called_by_graphs, "_CALLS", calls)
    begun = threading.Event()

    def slow(row):
        begun.set()
        time.sleep(1.0)
        done.append(row)

    thread = threading.Thread(target=called_by_graphs._Counted(slow), args=(3,))
    thread.start()
    begun.wait()
    calls.end()
    assert done == [3]
    thread.join()


@pytest.mark.slow
def test_a_program_ends_while_its_pipeline_works_ahead(tmp_path):
    for number in range(40):
        file = tmp_path / "ab"[number % 2] / f"{number}.png"
        file.parent.mkdir(exist_ok=True)
        Image.new("RGB", (300, 300), (number, 0, 0)).save(file)
    program = f"""
        from tf_varmixup.data import load_data, training_batches

        images = load_data({str(tmp_path)!r}, image_size=200, stream=True).train
        ahead = iter(training_batches(images, 8, 2, seed=0))
        print(next(ahead)[0].shape, flush=True)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    assert done.stdout == "(8, 200, 200, 3)\n"
    assert "Traceback" not in done.stderr
