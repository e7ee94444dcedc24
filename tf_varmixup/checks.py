"""Check arguments, with one wording for what was expected and what was received.

Every message of the library reads "Expected ... Received: ...". The annotations `Positive`,
`NotNegative`, `Share`, `Fraction` and `Count` say the same to the command line, which reads a
parameter's type off its annotation.
"""

import difflib
import functools
import importlib.util
import math
import numbers
import types
import typing
import warnings
from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

Positive = Annotated[float, "a positive number"]
NotNegative = Annotated[float, "a number of at least 0"]
Share = Annotated[float, "a number of at least 0 and below 1"]
Fraction = Annotated[float, "a number from 0 to 1"]
Count = Annotated[int, "a positive integer"]

# Values of parameters that were called otherwise in version 0.1, by their names of today.
FORMER_WORDS = {"picture": "image"}

_Function = TypeVar("_Function", bound=Callable[..., Any])


def check_positive(name: str, value: Any) -> float:
    """Return a positive finite number as a float.

    Args:
        name: What the error message calls it.
        value: The number.

    Returns:
        The number.

    Raises:
        ValueError: If it is not a positive finite number.

    Example:
        >>> check_positive("alpha", 1)
        1.0
    """
    if not _is_number(value) or not 0.0 < value < math.inf:
        raise ValueError(f"Expected {name} to be a positive number. Received: {value!r}.")
    return float(value)


def check_not_negative(name: str, value: Any) -> float:
    """Return a finite number of at least 0 as a float, or raise ValueError.

    Args:
        name: What the error message calls it.
        value: The number.

    Returns:
        The number.

    Raises:
        ValueError: If it is not a finite number of at least 0.

    Example:
        >>> check_not_negative("noise", 0)
        0.0
    """
    if not _is_number(value) or not 0.0 <= value < math.inf:
        raise ValueError(f"Expected {name} to be a number of at least 0. Received: {value!r}.")
    return float(value)


def check_fraction(name: str, value: Any) -> float:
    """Return a number from 0 to 1 as a float, or raise ValueError.

    Args:
        name: What the error message calls it.
        value: The number.

    Returns:
        The number.

    Raises:
        ValueError: If it is not a number from 0 to 1.

    Example:
        >>> check_fraction("residual", 1)
        1.0
    """
    if not _is_number(value) or not 0.0 <= value <= 1.0:
        raise ValueError(f"Expected {name} to be a number from 0 to 1. Received: {value!r}.")
    return float(value)


def check_share(name: str, value: Any) -> float:
    """Return a number in [0, 1) as a float, or raise ValueError.

    Args:
        name: What the error message calls it.
        value: The number.

    Returns:
        The number.

    Raises:
        ValueError: If it is not a number of at least 0 and below 1.

    Example:
        >>> check_share("clean_share", 0.5)
        0.5
    """
    if not _is_number(value) or not 0.0 <= value < 1.0:
        raise ValueError(
            f"Expected {name} to be a number of at least 0 and below 1. Received: {value!r}."
        )
    return float(value)


def check_count(name: str, value: Any, smallest: int = 1) -> int:
    """Return an integer of at least `smallest`, NumPy's included, or raise ValueError.

    Args:
        name: What the error message calls it.
        value: The integer; a bool is none.
        smallest: The least that is allowed.

    Returns:
        The integer.

    Raises:
        ValueError: If it is not an integer, or too small.

    Example:
        >>> check_count("batch_size", 128)
        128
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < smallest:
        expected = "a positive integer" if smallest == 1 else f"an integer of at least {smallest}"
        raise ValueError(f"Expected {name} to be {expected}. Received: {value!r}.")
    return int(value)


def check_seed(seed: Any) -> int:
    """Return an integer as a Python integer, or raise ValueError.

    Args:
        seed: Python or NumPy integer, the seed of a run or a model.

    Returns:
        The integer.

    Raises:
        ValueError: If it is none; a number that is rounded would be another seed in silence.

    Example:
        >>> check_seed(0)
        0
    """
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral):
        raise ValueError(f"Expected seed to be an integer. Received: {seed!r}.")
    return int(seed)


def check_choice(name: str, value: Any, choices: Iterable[Any]) -> Any:
    """Return a value that is one of the choices, or raise ValueError with the nearest one.

    Args:
        name: What the error message calls it.
        value: The value.
        choices: The values that are allowed.

    Returns:
        The value.

    Raises:
        ValueError: If it is none of them.

    Example:
        >>> check_choice("latents", "mean", ("mean", "sample"))
        'mean'
    """
    choices = list(choices)
    if value not in choices:
        known = ", ".join(map(repr, choices))
        raise ValueError(
            f"Expected {name} to be one of {known}. Received: {value!r}."
            + suggestion(value, choices)
        )
    return value


def check_applies(name: str, value: Any, default: Any, applies: bool, where: str) -> None:
    """Raise ValueError if an argument is given where it has no effect.

    Args:
        name: What the error message calls it.
        value: Its value.
        default: The value that counts as not given.
        applies: Whether it has an effect.
        where: Words that say where it has.

    Raises:
        ValueError: If it is given and does not apply.

    Example:
        >>> check_applies("temperature", 1.0, 1.0, False, "where latents are drawn")
    """
    if value != default and not applies:
        raise ValueError(f"Expected {name} to be given only {where}. Received: {name}={value!r}.")


def check_annotated(name: str, annotation: Any, value: Any) -> None:
    """Raise ValueError unless a value is what an annotation says.

    Args:
        name: What the error message calls it.
        annotation: `Positive`, `NotNegative`, `Share`, `Fraction`, `Count` or a Literal, which are
            checked, or any other type; or one of these or None, or a tuple of any number of one.
        value: The value.

    Raises:
        ValueError: If it is none of the kind.

    Example:
        >>> check_annotated("epochs", Count | None, None)
    """
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        if value is None:
            return
        annotation = next(one for one in typing.get_args(annotation) if one is not type(None))
    if typing.get_origin(annotation) is tuple:
        for one in value:
            check_annotated(name, typing.get_args(annotation)[0], one)
    if typing.get_origin(annotation) is typing.Literal:
        check_choice(name, value, typing.get_args(annotation))
    for known, check in (
        (Positive, check_positive),
        (NotNegative, check_not_negative),
        (Share, check_share),
        (Fraction, check_fraction),
        (Count, check_count),
    ):
        if annotation is known:
            check(name, value)


def check_installed(package: str, extra: str) -> None:
    """Raise ImportError if a package that is no requirement of the library is not installed.

    Args:
        package: Name of the package, as it is imported.
        extra: The extra of the library that brings it.

    Raises:
        ImportError: If it is not installed.

    Example:
        >>> check_installed("numpy", "arrays")
    """
    if importlib.util.find_spec(package) is None:
        raise ImportError(
            f"Expected the package {package} to be installed, as by "
            f"`pip install tf-varmixup[{extra}]`. Received: no such package."
        )


def suggestion(word: Any, known: Iterable[Any]) -> str:
    """Return " Did you mean ...?" for the known word nearest to a mistyped one, or nothing.

    Args:
        word: What was received.
        known: What would have been right.

    Returns:
        A string to append to an error message; empty where nothing is near.

    Example:
        >>> suggestion("alfa", ["alpha", "latents"])
        " Did you mean 'alpha'?"
    """
    close = difflib.get_close_matches(str(word), [str(one) for one in known], n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def renamed(**names: str) -> Callable[[_Function], _Function]:
    """Make a decorator that still takes keyword arguments by the names they had before.

    Args:
        **names: The new name of each former one.

    Returns:
        A decorator for functions; a former name works with a `DeprecationWarning`.

    Example:
        >>> @renamed(max_pictures="max_images")
        ... def first(max_images=None):
        ...     return max_images
        >>> first(max_pictures=3)
        3
    """

    def decorate(function: _Function) -> _Function:
        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            for old, new in names.items():
                if old in kwargs:
                    if new in kwargs:
                        raise TypeError(f"Expected {new} alone. Received: {new} and {old}.")
                    warnings.warn(f"{old} is called {new} now", DeprecationWarning, stacklevel=2)
                    kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return called  # type: ignore[return-value]

    return decorate


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
