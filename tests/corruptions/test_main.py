"""`python -m tf_varmixup.corrupt`, formerly `tf_varmixup.corruptions`."""

import resource
import runpy
import subprocess
import sys

import numpy as np
import pytest

from tf_varmixup.commands import corrupt as program

DIGITS = ["--dataset", "digits", "--max_images", "4"]


def run(module, *arguments):
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.slow
def test_from_the_command_line_by_the_former_names(tmp_path, monkeypatch, capsys):
    options = ["--dataset", "digits", "--max_pictures", "4", "--output", str(tmp_path)]
    arguments = [*options, "--corruptions", "fog", "contrast"]
    monkeypatch.setattr(sys, "argv", ["tf_varmixup.corruptions", *arguments])
    runpy.run_module("tf_varmixup.corruptions", run_name="__main__")
    printed = capsys.readouterr().out
    assert printed.startswith(f"10 cells of 4 images in {tmp_path}; ")
    assert "source: regenerated; constants: CIFAR-10-C" in printed
    assert {path.name for path in tmp_path.iterdir()} == {
        "fog.npy",
        "contrast.npy",
        "labels.npy",
        "origin.json",
        "contact_sheet.png",
    }
    assert np.load(tmp_path / "fog.npy").shape == (20, 8, 8, 1)


@pytest.mark.parametrize("arguments", [["--help"], ["--dataset", "digits", "--outptu", "x"]])
def test_help_and_a_bad_flag_answer_within_two_seconds(arguments):
    def processor_time():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = processor_time()
    done = run("tf_varmixup.corrupt", *arguments)
    assert processor_time() - before < 2.0
    if arguments == ["--help"]:
        assert done.returncode == 0
        assert "--max_images N" in done.stdout
        assert "picture" not in done.stdout
    else:
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        program.main(list(arguments))
    line = capsys.readouterr().err
    assert stopped.value.code == 2
    assert line.strip().count("\n") == 0, line
    return line


def test_bad_input(tmp_path, capsys):
    output = ["--output", str(tmp_path / "new")]
    assert "rain" in refused(capsys, *DIGITS, *output, "--corruptions", "rain")
    assert "Received: ('fog', 'fog')" in refused(
        capsys, *DIGITS, *output, "--corruptions", "fog", "fog"
    )
    assert "cifar99" in refused(capsys, "--dataset", "cifar99", *output)
    assert "at least 1" in refused(capsys, "--dataset", "digits", "--max_images", "0", *output)
    assert "required: --output" in refused(capsys, *DIGITS)
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("x")
    assert "is a file" in refused(capsys, *DIGITS, "--output", str(tmp_path / "file"))
    assert "other files" in refused(capsys, *DIGITS, "--output", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_interrupted(tmp_path, capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("tf_varmixup.corruptions.write_benchmark", interrupt)
    with pytest.raises(SystemExit) as stopped:
        program.main([*DIGITS, "--output", str(tmp_path / "new")])
    assert stopped.value.code == 130
    assert "the same command goes on" in capsys.readouterr().err
