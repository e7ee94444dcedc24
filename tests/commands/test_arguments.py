"""Flags read off annotations, and bad ones answered with one line."""

import pathlib
from typing import Literal

import pytest

from tf_varmixup.checks import Count, Fraction, NotNegative, Positive, Share
from tf_varmixup.commands.arguments import OneLineParser, flag_options


def parser_of(annotation, smallest=1):
    parser = OneLineParser(prog="program", allow_abbrev=False)
    parser.add_argument("--flag", **flag_options(annotation, smallest))
    return parser


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (Positive, "0.5", 0.5),
        (Positive | None, "1e-3", 0.001),
        (NotNegative, "0", 0.0),
        (Share, "0", 0.0),
        (Fraction, "1", 1.0),
        (Count, "12", 12),
        (int, "3", 3),
        (int | None, "3", 3),
        (float, "-2.5", -2.5),
        (str, "two words", "two words"),
        (pathlib.Path | None, "a/b", pathlib.Path("a/b")),
        (Literal["mean", "sample"], "sample", "sample"),
        (Literal["image", "batch"], "picture", "image"),  # what it was called before
    ],
    ids=str,
)
def test_a_flag_has_the_type_of_its_annotation(annotation, text, value):
    found = parser_of(annotation).parse_args(["--flag", text]).flag
    assert found == value
    assert type(found) is type(value)


def test_a_bool_is_switched_on_and_off():
    parser = parser_of(bool | None)
    assert parser.parse_args(["--flag"]).flag is True
    assert parser.parse_args(["--no-flag"]).flag is False
    assert parser.parse_args([]).flag is None


@pytest.mark.parametrize(
    ("annotation", "text", "words"),
    [
        (Positive, "0", "positive number, received '0'"),
        (Positive, "nan", "positive number, received 'nan'"),
        (Positive, "inf", "positive number, received 'inf'"),
        (Positive, "much", "positive number, received 'much'"),
        (NotNegative, "-0.1", "number of at least 0, received '-0.1'"),
        (NotNegative, "inf", "number of at least 0, received 'inf'"),
        (Fraction, "1.01", "from 0 to 1, received '1.01'"),
        (Share, "1", "below 1, received '1'"),
        (Share, "-0.1", "at least 0 and below 1, received '-0.1'"),
        (Count, "0", "whole number of at least 1, received '0'"),
        (Count, "2.0", "whole number of at least 1, received '2.0'"),
        (Count, "²", "whole number of at least 1, received '²'"),
        (float, "nan", "a number, received 'nan'"),
        (Literal["mean", "sample"], "samples", "'samples'"),
    ],
    ids=str,
)
def test_a_bad_value_gets_one_line_and_status_2(annotation, text, words, capsys):
    with pytest.raises(SystemExit) as stopped:
        parser_of(annotation).parse_args([f"--flag={text}"])
    assert stopped.value.code == 2
    line = capsys.readouterr().err
    assert line.startswith("program: error: argument --flag: ")
    assert words in line
    assert line.count("\n") == 1


def test_an_unknown_flag_is_answered_with_the_nearest(capsys):
    with pytest.raises(SystemExit) as stopped:
        parser_of(int).parse_args(["--falg", "3"])
    assert stopped.value.code == 2
    expected = "program: error: unrecognized arguments: --falg 3. Did you mean '--flag'?\n"
    assert capsys.readouterr().err == expected
