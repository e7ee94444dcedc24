"""What tests of commands share."""

import pathlib

import pytest

from tests.harness.studies import STUDY, Launcher, WideConsole
from tf_varmixup.commands import study_compare, study_stages


@pytest.fixture
def launcher(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rich.get_console", lambda: WideConsole())
    launcher = Launcher()
    monkeypatch.setattr(study_stages, "launch", launcher)
    monkeypatch.setattr(study_compare, "launch", launcher)
    pathlib.Path("small.toml").write_text(STUDY)
    return launcher
