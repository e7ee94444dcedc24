"""`--export`: formats beside the SavedModel, whose converters are looked for before anything."""

import importlib.util

import pytest

from tf_varmixup.commands.recipe_flags import parse_recipe
from tf_varmixup.run import Recipe
from tf_varmixup.run.recipe import COMMAND, roles

DIGITS = ["--dataset", "digits"]


def refused(capsys, *arguments):
    """Parse bad arguments and return the one line that they are answered with."""
    with pytest.raises(SystemExit) as stopped:
        parse_recipe([*DIGITS, *arguments])
    assert stopped.value.code == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1, line
    return line


@pytest.mark.parametrize(("format", "package"), [("litert", "ai_edge_litert"), ("onnx", "tf2onnx")])
def test_a_format_whose_converter_is_not_installed_is_refused(capsys, monkeypatch, format, package):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == package else find(name)
    )
    line = refused(capsys, "--export", "savedmodel", format)
    assert package in line
    assert f"pip install tf-varmixup[{format}]" in line


def test_a_format_that_nobody_knows_is_refused(capsys):
    line = refused(capsys, "--export", "litert", "pmml")
    assert all(word in line for word in ("--export", "pmml", "savedmodel", "onnx")), line
    with pytest.raises(ValueError, match=r"export to be one of 'savedmodel'.* Received: 'pmml'"):
        Recipe("digits", export=("savedmodel", "pmml"))


def test_formats_are_those_of_a_command_and_of_no_experiment():
    assert parse_recipe(DIGITS).export == ("savedmodel",)
    assert parse_recipe([*DIGITS, "--export", "savedmodel"]).export == ("savedmodel",)
    assert roles()["export"] == COMMAND
