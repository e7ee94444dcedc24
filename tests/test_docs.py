"""The Python of README.md and docs/ runs, page by page, and their commands have known flags."""

import dataclasses
import functools
import pathlib
import re
import shlex

import keras
import pytest

import models
from tf_varmixup import data
from tf_varmixup.commands import compare, corrupt, predict, study
from tf_varmixup.commands.evaluate_flags import parse_evaluation
from tf_varmixup.commands.recipe_flags import parse_recipe
from tf_varmixup.methods import method_signatures

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = re.compile(r'^--8<--(?: "|\n)([^\s:"`]+)', re.MULTILINE)
PROGRAMS = (
    "train.py",
    "../train.py",
    "tf_varmixup.corrupt",
    "tf_varmixup.evaluate",
    "tf_varmixup.predict",
    "tf_varmixup.compare",
    "tf_varmixup.study",
)
BLOCK = re.compile(
    r"(?P<marker><!-- not run: [^\n]+ -->\n)?^```(?P<language>\w+)\n(?P<code>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


def name_of(page):
    return str(page.relative_to(ROOT))


def blocks(page, language):
    text = page.read_text(encoding="utf-8")
    return [match for match in BLOCK.finditer(text) if match["language"] == language]


def runnable(page):
    return [match for match in blocks(page, "python") if not match["marker"]]


@pytest.fixture
def made_small(monkeypatch):
    """Every `fit` takes one epoch, datasets have few images, and networks few channels."""
    fit, load = keras.Model.fit, data.load_data

    def short(self, *args, **kwargs):
        return fit(self, *args, **{**kwargs, "epochs": 1, "verbose": 0})

    def few(*args, **kwargs):
        whole = load(*args, **kwargs)
        splits = {name: getattr(whole, name).take(100) for name in ("train", "validation", "test")}
        return dataclasses.replace(whole, **splits)

    monkeypatch.setattr(keras.Model, "fit", short)
    monkeypatch.setattr(data, "load_data", few)
    small = functools.partial(models.VariationalAutoencoder, width=8, blocks=1)
    monkeypatch.setattr(models, "VariationalAutoencoder", small)
    monkeypatch.setattr(models, "compact", functools.partial(models.compact, width=8))


def test_blocks_of_a_page_are_found():
    assert len(runnable(ROOT / "README.md")) == 1
    found = blocks(ROOT / "docs/guides/own_model.md", "python")
    first, second = [one["code"] for one in found if one["marker"]]
    assert "import torch" in first
    assert "examples/own_autoencoder.py" in second


@pytest.mark.slow
@pytest.mark.parametrize("page", [one for one in PAGES if runnable(one)], ids=name_of)
def test_python_of_a_page_runs(page, made_small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "page"}
    text = page.read_text(encoding="utf-8")
    for match in runnable(page):
        # Empty lines before it, so that a traceback names the line of the page.
        before = "\n" * text[: match.start("code")].count("\n")
        exec(compile(before + match["code"], name_of(page), "exec"), namespace)


def commands(page):
    """Return the arguments of every call of a command of this library on a page, by program."""
    for match in blocks(page, "sh"):
        for line in match["code"].replace("\\\n", "").splitlines():
            for part in line.split(" && "):
                words = shlex.split(part, comments=True)
                for program in PROGRAMS:
                    if program in words:
                        yield pathlib.Path(program).name, words[words.index(program) + 1 :]


@pytest.mark.parametrize("page", [one for one in PAGES if any(commands(one))], ids=name_of)
def test_commands_of_a_page_have_flags_that_exist(page, monkeypatch):
    monkeypatch.chdir(ROOT / "examples")  # where the method of the pages lies
    for program, arguments in commands(page):
        if program == "train.py":
            assert parse_recipe(arguments).dataset
        elif program == "tf_varmixup.evaluate":
            assert parse_evaluation(program, arguments).model
        elif program == "tf_varmixup.compare":
            assert compare._parser().parse_args(arguments).runs
        elif program == "tf_varmixup.predict":
            assert predict._parser(program).parse_args(arguments).images
        elif program == "tf_varmixup.study":
            assert study._parser().parse_args(arguments).study
        else:
            assert corrupt._parser().parse_args(arguments).dataset


def test_files_that_pages_show_exist():
    shown = {path for page in PAGES for path in SHOWN.findall(page.read_text(encoding="utf-8"))}
    assert {"CHANGELOG.md", "CONTRIBUTING.md", "examples/digits.py"} <= shown
    assert all((ROOT / path).is_file() for path in shown)


def test_every_method_has_its_section():
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    assert [name for name in method_signatures() if f"\n## {name}\n" not in text] == []
