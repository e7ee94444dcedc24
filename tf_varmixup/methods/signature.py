"""What is known of a method without importing it."""

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A parameter of a method.

    Attributes:
        name: Its name in the constructor.
        annotation: Its type: float, int, bool, str, a Literal, or a type of `tf_varmixup.checks`.
        default: Its value where none is given, `inspect.Parameter.empty` where one must be.
        help: What the docstring says about it.
    """

    name: str
    annotation: Any
    default: Any
    help: str


@dataclasses.dataclass(frozen=True)
class MethodSignature:
    """The name of a method, where it is defined, and its parameters.

    Attributes:
        name: Such as `"mixup"`, `"module:Class"` for a method outside the library, or
            `"mixup+gaussian"` for a composition.
        module: Name of the module that defines it.
        class_name: Name of its class.
        summary: First line of its docstring.
        parameters: All `Parameter`s but those that the run provides.
        needs_autoencoder: Whether its constructor takes an autoencoder.
        parts: The signatures of the methods that a composition is made of.
    """

    name: str
    module: str
    class_name: str
    summary: str
    parameters: tuple[Parameter, ...]
    needs_autoencoder: bool
    parts: tuple["MethodSignature", ...] = ()
