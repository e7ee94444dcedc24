"""What a command prints."""

import pytest

from tf_varmixup.commands.console import in_flags, progress_over, say, stop


def test_a_stage_has_a_line_of_its_own(capsys):
    say("vae", "PSNR [20] dB")
    assert capsys.readouterr().out == "       vae  PSNR [20] dB\n"


def test_stopping_prints_one_line_and_exits(capsys):
    with pytest.raises(SystemExit) as stopped:
        stop("train.py", "error:\n  two lines", status=2)
    assert stopped.value.code == 2
    assert capsys.readouterr().err == "train.py: error: two lines\n"


def test_progress_takes_whatever_is_done():
    with progress_over(2, "cells") as advance:
        advance("fog")
        advance(None)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Expected run_dir to be a folder.", "Expected --run_dir to be a folder."),
        ("Go on with resume=True.", "Go on with --resume."),
        ("Expected --run_dir once.", "Expected --run_dir once."),
        ("my_run_dir and run_directory stay", "my_run_dir and run_directory stay"),
        ("seed is a word, too", "seed is a word, too"),
        ("/home/run_dir/x", "/home/run_dir/x"),
    ],
)
def test_parameters_become_flags(message, expected):
    assert in_flags(message, ["run_dir", "seed"]) == expected
