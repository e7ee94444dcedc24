"""`python -m tf_varmixup.corruptions`."""

import subprocess
import sys

import numpy as np
import pytest

from tf_varmixup.corruptions import __main__ as program

DIGITS = ["--dataset", "digits", "--max_pictures", "4"]


def test_from_the_command_line(tmp_path):
    command = [
        sys.executable,
        "-m",
        "tf_varmixup.corruptions",
        *DIGITS,
        "--output",
        str(tmp_path),
        "--corruptions",
        "fog",
        "contrast",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (
        "10 cells of 4 pictures" in done.stdout
        and "source: regenerated; constants: CIFAR-10-C" in done.stdout
    )
    assert {path.name for path in tmp_path.iterdir()} == {
        "fog.npy",
        "contrast.npy",
        "labels.npy",
        "origin.json",
        "contact_sheet.png",
    }
    assert np.load(tmp_path / "fog.npy").shape == (20, 8, 8, 1)


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        program.main(list(arguments))
    line = capsys.readouterr().err
    assert stopped.value.code == 2 and line.strip().count("\n") == 0, line
    return line


def test_bad_input(tmp_path, capsys):
    output = ["--output", str(tmp_path / "new")]
    assert "rain" in refused(capsys, *DIGITS, *output, "--corruptions", "rain")
    assert "cifar99" in refused(capsys, "--dataset", "cifar99", *output)
    assert "at least 1" in refused(capsys, "--dataset", "digits", "--max_pictures", "0", *output)
    assert "required: --output" in refused(capsys, *DIGITS)
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("x")
    assert "is a file" in refused(capsys, *DIGITS, "--output", str(tmp_path / "file"))
    assert "other files" in refused(capsys, *DIGITS, "--output", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_interrupted(tmp_path, capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "write_benchmark", interrupt)
    with pytest.raises(SystemExit) as stopped:
        program.main([*DIGITS, "--output", str(tmp_path / "new")])
    assert stopped.value.code == 130 and "the same command goes on" in capsys.readouterr().err
