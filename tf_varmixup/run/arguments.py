"""What the project's command lines have in common: one line for bad input, and types of arguments
that say what they expect."""

import argparse
import math


class OneLineParser(argparse.ArgumentParser):
    """An argument parser that answers bad input with one line and exit status 2.

    Example:
        >>> parser = OneLineParser(prog="train.py", allow_abbrev=False)
    """

    def error(self, message):
        self.exit(2, f"{self.prog}: error: {' '.join(message.split())}\n")


def whole_number(smallest):
    """Return an argument type: a whole number of at least `smallest`."""

    def parse(text):
        if not text.removeprefix("-").isdecimal() or int(text) < smallest:
            raise argparse.ArgumentTypeError(
                f"expected a whole number of at least {smallest}, received {text!r}"
            )
        return int(text)

    return parse


def positive(text):
    """Argument type: a positive number."""
    number = _number(text)
    if not 0.0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"expected a positive number, received {text!r}")
    return number


def share(text):
    """Argument type: a number of at least 0 and below 1."""
    number = _number(text)
    if not 0.0 <= number < 1.0:
        raise argparse.ArgumentTypeError(
            f"expected a number of at least 0 and below 1, received {text!r}"
        )
    return number


def _number(text):
    try:
        return float(text)
    except ValueError:
        return math.nan
