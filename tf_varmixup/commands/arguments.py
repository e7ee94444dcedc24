"""What the command lines share: one line for bad input, and flags read off annotations."""

import argparse
import math
import types
import typing
from collections.abc import Callable
from typing import Any, NoReturn

from tf_varmixup.checks import (
    FORMER_WORDS,
    Fraction,
    NotNegative,
    Positive,
    Share,
    suggestion,
)


class OneLineParser(argparse.ArgumentParser):
    """An argument parser that answers bad input with one line and exit status 2.

    Example:
        >>> parser = OneLineParser(prog="train.py", allow_abbrev=False)
    """

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as argparse does; an unknown flag is answered with the nearest one."""
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            hint = suggestion(unknown[0].split("=")[0], self._option_string_actions)
            self.error(f"unrecognized arguments: {' '.join(unknown)}.{hint}")
        return found

    def error(self, message: str) -> NoReturn:
        """Print the message in one line on standard error and exit with status 2."""
        self.exit(2, f"{self.prog}: error: {' '.join(message.split())}\n")


def flag_options(annotation: Any, smallest: int = 1) -> dict[str, Any]:
    """Return what `add_argument` must be told for a parameter of a type.

    Args:
        annotation: float, int, bool, str, a path, a Literal, a type of `tf_varmixup.checks`, or
            one of these or None, or a tuple of any number of one.
        smallest: The least that an integer may be.

    Returns:
        A dict of keyword arguments of `argparse.ArgumentParser.add_argument`.

    Example:
        >>> flag_options(typing.Literal["mean", "sample"])["choices"]
        ('mean', 'sample')
    """
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        [annotation] = [one for one in typing.get_args(annotation) if one is not type(None)]
    if typing.get_origin(annotation) is tuple:
        return {"nargs": "+", **flag_options(typing.get_args(annotation)[0], smallest)}
    if typing.get_origin(annotation) is typing.Literal:
        return {"choices": typing.get_args(annotation), "type": _word}
    if annotation is Positive:
        return {"type": positive, "metavar": "X"}
    if annotation is NotNegative:
        return {"type": not_negative, "metavar": "X"}
    if annotation is Share:
        return {"type": share, "metavar": "S"}
    if annotation is Fraction:
        return {"type": fraction, "metavar": "S"}
    if typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if annotation is bool:
        return {"action": argparse.BooleanOptionalAction}
    if annotation is int:
        return {"type": whole_number(smallest), "metavar": "N"}
    if annotation is float:
        return {"type": number, "metavar": "X"}
    return {"type": annotation, "metavar": "TEXT"}


def whole_number(smallest: int) -> Callable[[str], int]:
    """Return an argument type: a whole number of at least `smallest`."""

    def parse(text: str) -> int:
        if not text.removeprefix("-").isdecimal() or int(text) < smallest:
            raise argparse.ArgumentTypeError(
                f"expected a whole number of at least {smallest}, received {text!r}"
            )
        return int(text)

    return parse


def number(text: str) -> float:
    """Argument type: a finite number."""
    value = _number(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"expected a number, received {text!r}")
    return value


def positive(text: str) -> float:
    """Argument type: a positive number."""
    value = _number(text)
    if not 0.0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"expected a positive number, received {text!r}")
    return value


def not_negative(text: str) -> float:
    """Argument type: a number of at least 0."""
    value = _number(text)
    if not 0.0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number of at least 0, received {text!r}")
    return value


def fraction(text: str) -> float:
    """Argument type: a number from 0 to 1."""
    value = _number(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, received {text!r}")
    return value


def share(text: str) -> float:
    """Argument type: a number of at least 0 and below 1."""
    value = _number(text)
    if not 0.0 <= value < 1.0:
        raise argparse.ArgumentTypeError(
            f"expected a number of at least 0 and below 1, received {text!r}"
        )
    return value


def _word(text: str) -> str:
    return FORMER_WORDS.get(text, text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
