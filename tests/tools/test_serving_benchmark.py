"""The benchmark of serving measures ways that say the same, and stops where one does not."""

import importlib.util
import pathlib

import numpy as np
import pytest

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "benchmarks" / "serving.py"
DEFAULT, FLOAT32 = "TensorFlow, serving_default", "TensorFlow, serving_float32"
PROBABILITIES = np.array([[0.6, 0.4], [0.5, 0.49999], [0.1, 0.9], [0.2, 0.8]])


@pytest.fixture(scope="module")
def program():
    spec = importlib.util.spec_from_file_location("serving", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answers(**labels):
    reference = {"probabilities": PROBABILITIES, "label": PROBABILITIES.argmax(1)}
    return {FLOAT32: reference, **{way: {"label": np.array(of)} for way, of in labels.items()}}


def test_either_of_two_classes_as_probable_as_each_other_may_be_the_label(program):
    given = answers(LiteRT=[0, 1, 1, 1], ONNX=[0, 0, 1, 1])
    shares = program.same_labels(given, FLOAT32)
    assert shares == {FLOAT32: 1.0, "LiteRT": 0.75, "ONNX": 1.0}


def test_a_less_probable_label_ends_the_program_but_in_half_precision(program):
    with pytest.raises(ValueError, match=r"serving_float32 by LiteRT. Received: one that is 0.2 "):
        program.same_labels(answers(LiteRT=[1, 0, 1, 1]), FLOAT32)
    of_half = answers(**{DEFAULT: [1, 0, 1, 1]})
    assert program.same_labels(of_half, FLOAT32)[DEFAULT] == 0.75
    of_default = {DEFAULT: of_half[FLOAT32], "LiteRT": {"label": np.array([1, 0, 1, 1])}}
    with pytest.raises(ValueError, match="serving_default by LiteRT"):
        program.same_labels(of_default, DEFAULT)


@pytest.mark.parametrize("channels", [1, 3])
def test_images_are_different_parts_of_photographs(program, channels):
    images = program.photographs(5, (9, 8, channels))
    assert (images.shape, images.dtype) == ((5, 9, 8, channels), np.uint8)
    assert len(np.unique(images, axis=0)) == 5


def test_ways_take_turns_and_first_calls_are_not_timed(program):
    calls = []

    def way(name):
        def serve(images):
            calls.append(name)
            labels = np.zeros(len(images), int)
            return {"probabilities": np.ones((len(images), 1)), "label": labels}

        return serve

    images = np.zeros((program.TIMED // 2, 8, 8, 1), np.uint8)
    rows = program.measured({"a": way("a"), "b": way("b")}, "a", images, rounds=2)
    # Labels are compared once; then each turn is a call to warm up and two that are timed.
    assert "".join(calls) == "ab" + "aaabbb" * 2
    assert [row["way"] for row in rows] == ["a", "b"]
    for row in rows:
        low, high = row["quartiles"]
        assert 0.0 < low <= row["seconds"] <= high
        assert row["rate"] == pytest.approx(len(images) / row["seconds"])
        assert row["same_labels"] == 1.0
