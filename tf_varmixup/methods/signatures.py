"""The names and parameters of all methods, read from their files without importing TensorFlow.

A method's parameters are those of its constructor. The command line takes its flags from here, and
so answers `--help` in a fraction of the time that the classes themselves would take to import.
"""

import ast
import dataclasses
import functools
import importlib.machinery
import importlib.util
import inspect
import pathlib
import re
import typing
from typing import Any

from tf_varmixup import checks
from tf_varmixup.checks import suggestion
from tf_varmixup.methods.composed_signature import composed_signature
from tf_varmixup.methods.signature import MethodSignature, Parameter

# What the run provides, and no user does: the trained autoencoder.
PROVIDED = ("autoencoder",)
_TYPES = {**vars(checks), "Literal": typing.Literal}


@functools.cache
def method_signatures() -> dict[str, MethodSignature]:
    """Return the signatures of the library's methods by name, in alphabetical order.

    Example:
        >>> method_signatures()["mixup"].class_name
        'Mixup'
    """
    folder = pathlib.Path(__file__).parent
    found = [
        signature
        for path in sorted(folder.glob("*.py"))
        for signature in _read(path, f"{__package__}.{path.stem}")
    ]
    return {signature.name: signature for signature in sorted(found, key=lambda one: one.name)}


def method_signature(name: str) -> MethodSignature:
    """Find the signature of one method.

    Args:
        name: A name of the library's, `"module:Class"` for a registered class of one's own in a
            module that Python finds, or several with `+` between them for their composition.

    Returns:
        A `MethodSignature`.

    Raises:
        ValueError: If there is no such method; the message lists those that there are.

    Example:
        >>> [parameter.name for parameter in method_signature("mixup").parameters]
        ['alpha', 'lambda_per', 'clean_share']
    """
    if "+" in name:
        return composed_signature([method_signature(part) for part in name.split("+")])
    if ":" in name:
        return _outside(name)
    known = method_signatures()
    if name not in known:
        raise ValueError(
            f"Expected a method, one of {', '.join(known)}, or module:Class. Received: {name!r}."
            + suggestion(name, known)
        )
    return known[name]


def _outside(name: str) -> MethodSignature:
    module, _, class_name = name.partition(":")
    try:
        spec = importlib.util.find_spec(module) if module else None
    except (ImportError, ValueError):
        spec = None
    if spec is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
        raise ValueError(f"Expected module:Class with a Python module. Received: {name!r}.")
    found = {one.class_name: one for one in _read(pathlib.Path(spec.loader.path), module)}
    if class_name not in found:
        registered = ", ".join(found) or "none"
        raise ValueError(
            f"Expected a class of {module} with @register. Received: {class_name!r}; "
            f"registered there: {registered}."
        )
    return dataclasses.replace(found[class_name], name=name)


def _read(path: pathlib.Path, module: str) -> list[MethodSignature]:
    """Read the registered classes of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return [
        _signature(node, name, module, path)
        for node in tree.body
        if isinstance(node, ast.ClassDef) and (name := _registered_name(node)) is not None
    ]


def _registered_name(node: ast.ClassDef) -> str | None:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and decorator.args:
            function = decorator.func
            called = function.attr if isinstance(function, ast.Attribute) else None
            if isinstance(function, ast.Name):
                called = function.id
            if called == "register":
                return str(ast.literal_eval(decorator.args[0]))
    return None


def _signature(node: ast.ClassDef, name: str, module: str, path: pathlib.Path) -> MethodSignature:
    docstring = inspect.cleandoc(ast.get_docstring(node) or "")
    constructor = next(
        (one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"),
        None,
    )
    arguments = [] if constructor is None else _arguments(constructor, path)
    return MethodSignature(
        name=name,
        module=module,
        class_name=node.name,
        summary=docstring.split("\n")[0],
        parameters=tuple(
            Parameter(argument, annotation, default, _help(docstring, argument))
            for argument, annotation, default in arguments
            if argument not in PROVIDED
        ),
        needs_autoencoder=any(argument in PROVIDED for argument, _, _ in arguments),
    )


def _arguments(constructor: ast.FunctionDef, path: pathlib.Path) -> list[tuple[str, Any, Any]]:
    """Return the name, type and default of each argument but self and **kwargs."""
    arguments = constructor.args
    positional = [*arguments.posonlyargs, *arguments.args][1:]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults += arguments.defaults
    pairs = [
        *zip(positional, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    found = []
    for argument, node in pairs:
        default = inspect.Parameter.empty if node is None else _default(argument, node, path)
        found.append((argument.arg, _annotation(argument, default, path), default))
    return found


def _default(argument: ast.arg, node: ast.expr, path: pathlib.Path) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise ValueError(
            f"Expected a number, a word, True, False or None as the default of {argument.arg} in "
            f"{path}. Received: {ast.unparse(node)}."
        ) from error


def _annotation(argument: ast.arg, default: Any, path: pathlib.Path) -> Any:
    if argument.arg in PROVIDED:
        return None
    if argument.annotation is None:
        known = isinstance(default, float | int | str)
        return type(default) if known else str
    try:
        # The types of `checks` and Literal; nothing else in the file is known here.
        return eval(ast.unparse(argument.annotation), dict(_TYPES))
    except NameError as error:
        raise ValueError(
            f"Expected a built-in type, a Literal or a type of tf_varmixup.checks for "
            f"{argument.arg} in {path}. Received: {ast.unparse(argument.annotation)}."
        ) from error


def _help(docstring: str, argument: str) -> str:
    """Return what the Args section says about an argument, in one line."""
    match = re.search(
        rf"^    {re.escape(argument)}: (.*?)(?=^ {{0,4}}\S|\Z)", docstring, re.DOTALL | re.MULTILINE
    )
    return " ".join(match[1].split()) if match else ""
