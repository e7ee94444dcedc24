"""Files appear whole or not at all."""

import json
import math

import pytest

from tf_varmixup.files import whole, write_bytes, write_json, write_text


def test_a_file_takes_the_place_of_the_one_before(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "one\n")
    write_text(path, "zwei ü\r\n")
    assert path.read_bytes() == "zwei ü\r\n".encode()
    write_bytes(path, b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]


def test_until_all_is_written_the_file_is_as_it_was(tmp_path):
    path = tmp_path / "model.keras"
    path.write_text("before")
    with whole(path) as partial:
        assert partial.parent == tmp_path
        assert partial.suffix == ".keras"
        partial.write_text("after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_where_writing_fails_the_file_stays_and_no_part_is_left(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("before")

    def fail():
        with whole(path) as partial:
            partial.write_text("half of")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]


def test_a_part_that_was_never_written_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), whole(tmp_path / "a.txt"):
        pass
    assert not list(tmp_path.iterdir())


def test_json_has_null_for_what_is_not_finite(tmp_path):
    path = tmp_path / "metrics.json"
    write_json(path, {"a": math.nan, "b": [math.inf, 1.5, (-math.inf,)], "c": {"d": 1}})
    assert json.loads(path.read_text()) == {"a": None, "b": [None, 1.5, [None]], "c": {"d": 1}}
    assert path.read_text().endswith("}\n")


def test_what_is_no_json_leaves_the_file_alone(tmp_path):
    path = tmp_path / "metrics.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
