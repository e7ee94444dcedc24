"""The flags of a training, read off the recipe's fields and the methods' parameters."""

import argparse
import dataclasses
import inspect
import os
import shlex
import sys
import typing
from collections.abc import Sequence
from typing import Any

from tf_varmixup.checks import suggestion
from tf_varmixup.commands.arguments import OneLineParser, flag_options
from tf_varmixup.methods.signatures import (
    MethodSignature,
    Parameter,
    method_signature,
    method_signatures,
)
from tf_varmixup.run.presets import recommended, with_recommended
from tf_varmixup.run.recipe import Recipe


def parse_recipe(arguments: Sequence[str] | None = None, program: str = "train.py") -> Recipe:
    """Read the command line into a recipe.

    Args:
        arguments: List of strings; None is the process's own.
        program: What the messages call the program.

    Returns:
        A `Recipe`; `command` is the command line itself.

    Raises:
        SystemExit: With status 2 and one line on standard error, for an unknown flag, a bad value,
            or a parameter that the method does not have; with status 0 for `--help`.

    Example:
        >>> parse_recipe(["--dataset", "digits", "--method", "mixup", "--alpha", "0.2"]).method
        'mixup'
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # where a method of the user's own lies
    parser = _recipe_parser(program)
    method = _chosen_method(parser, arguments)
    offered = _offered(method)
    try:
        _add_parameters(parser, offered)
    except ValueError as error:
        parser.error(f"argument --method: {error}")
    given = vars(parser.parse_args(arguments))
    own = {parameter.name for parameter in method.parameters}
    parameters = {name: given.pop(name) for name in offered if name in given}
    for name in parameters:
        if name not in own:
            parser.error(
                f"argument --{name}: {method.name} has no such parameter; it has "
                f"{', '.join(sorted(own)) or 'none'}.{suggestion(name, own)}"
            )
    defaults = {
        one.name: one.default
        for one in method.parameters
        if one.default is not inspect.Parameter.empty
    }
    if missing := own - defaults.keys() - parameters.keys():
        parser.error(f"{method.name} needs the argument --{sorted(missing)[0]}")
    command = shlex.join(arguments)
    run = "python train.py" if program == "train.py" else program
    try:
        return Recipe(
            **given,
            method_parameters=with_recommended(method.name, defaults, parameters),
            command=f"{run} {command}",
        )
    except (ValueError, ImportError) as error:
        parser.error(str(error))


def _recipe_parser(program: str) -> OneLineParser:
    parser = OneLineParser(
        prog=program,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Train a variational autoencoder and, on its latent vicinity, a classifier; "
        "measure, export and report it.",
        epilog="methods:\n"
        + "\n".join(f"  {one.name:26}{one.summary}" for one in method_signatures().values())
        + "\n  NAME+NAME                 Several methods, one after the other or each for a share "
        "(--combine).",
    )
    hints = typing.get_type_hints(Recipe, include_extras=True)
    for field in dataclasses.fields(Recipe):
        if "help" in field.metadata:
            _add_field(parser, field, hints[field.name])
    return parser


def _add_field(
    parser: argparse.ArgumentParser, field: dataclasses.Field[Any], annotation: Any
) -> None:
    options = flag_options(annotation, field.metadata.get("smallest", 1))
    if "metavar" in field.metadata and "action" not in options:
        options["metavar"] = field.metadata["metavar"]
    help = field.metadata["help"]
    if field.default is dataclasses.MISSING:
        options["required"] = True
    elif field.default is False:
        options = {"action": "store_true"}  # to resume is never the default to be switched off
    else:
        options["default"] = field.default
        if isinstance(field.default, tuple):
            help += f" (default: {' '.join(field.default)})"
        elif field.default is not None:
            help += f" (default: {field.default})"
    parser.add_argument(f"--{field.name}", help=help, **options)


def _chosen_method(parser: OneLineParser, arguments: Sequence[str]) -> MethodSignature:
    """Find the method first, since its parameters are flags too."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    first.add_argument("--method", default="varmixup")
    try:
        name = first.parse_known_args(arguments)[0].method
    except argparse.ArgumentError:
        name = "varmixup"  # the whole parser says what is wrong
    try:
        return method_signature(name)
    except (ValueError, SyntaxError) as error:
        parser.error(f"argument --method: {error}")


def _offered(method: MethodSignature) -> dict[str, tuple[Parameter, list[str]]]:
    """Return each parameter by name with the methods that have it; the chosen one's come first."""
    signatures = {method.name: method, **method_signatures()}
    offered: dict[str, tuple[Parameter, list[str]]] = {}
    for signature in signatures.values():
        for parameter in signature.parameters:
            offered.setdefault(parameter.name, (parameter, []))[1].append(signature.name)
    return offered


def _add_parameters(
    parser: argparse.ArgumentParser, offered: dict[str, tuple[Parameter, list[str]]]
) -> None:
    group = parser.add_argument_group("parameters of methods")
    taken = {action.dest for action in parser._actions}
    for name, (parameter, methods) in offered.items():
        if name in taken:
            raise ValueError(
                f"Expected the parameters of {methods[0]} to have names of their own. "
                f"Received: {name!r}, which is a setting of every run."
            )
        text = parameter.help.rstrip(".").replace("%", "%%")
        default = ""
        if parameter.default is not inspect.Parameter.empty:
            others = [
                f"; {method}: {values[name]}"
                for method in methods
                if name in (values := recommended(method))
            ]
            default = f" (default: {parameter.default}{''.join(others)})"
        group.add_argument(
            f"--{name}",
            default=argparse.SUPPRESS,
            help=f"{', '.join(sorted(methods))}: {text}{default}",
            **flag_options(parameter.annotation, 0),
        )
