"""Methods by their names."""

import importlib
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import keras

from tf_varmixup.checks import suggestion
from tf_varmixup.methods.composed_signature import parameters_by_part
from tf_varmixup.methods.method import Method
from tf_varmixup.methods.signature import MethodSignature
from tf_varmixup.methods.signatures import method_signature
from tf_varmixup.methods.vicinal_composition import compose

_Class = TypeVar("_Class", bound=type[Method])


def register(name: str) -> Callable[[_Class], _Class]:
    """Make a decorator that gives a method its name and makes it known to Keras.

    Args:
        name: What the command line calls the method, such as `"mixup"`.

    Returns:
        A decorator for subclasses of `Method`.

    Example:
        >>> from tf_varmixup.methods import VicinalDistribution
        >>> @register("negative")
        ... class Negative(VicinalDistribution):
        ...     def sample(self, images, labels, seed):
        ...         return 255.0 - tf.cast(images, tf.float32), labels
        >>> Negative().method
        'negative'
    """

    def decorate(cls: _Class) -> _Class:
        cls.method = name
        package = cls.__module__.split(".")[0]
        return keras.saving.register_keras_serializable(package=package)(cls)

    return decorate


def method_class(name: str) -> type[Method]:
    """Import the class of a method.

    Args:
        name: Name of a method, `"module:Class"`, or several with `+` between them, each of which is
            imported.

    Returns:
        A subclass of `Method`, for several `Composition`.

    Raises:
        ValueError: If there is no such method.

    Example:
        >>> method_class("mixup").__name__
        'Mixup'
    """
    signature = method_signature(name)
    for part in signature.parts:
        method_class(part.name)
    return getattr(importlib.import_module(signature.module), signature.class_name)


def create(method: str | type[Method], **parameters: Any) -> Method:
    """Create a method by its name.

    Args:
        method: Name of a method, `"module:Class"`, several with `+` between them for their
            composition, or a subclass of `Method`.
        **parameters: Values for the parameters of its constructor. A composition has those of
            `compose` and of all its methods; what several of them have is called after the method
            and the parameter, such as `mixup_clean_share`.

    Returns:
        A `Method`.

    Raises:
        ValueError: If there is no such method, it has no such parameter, a value is bad, or the
            methods cannot be composed.

    Example:
        >>> create("mixup", alpha=0.2)
        Mixup(alpha=0.2, lambda_per='image', clean_share=0.0)
        >>> create("erm+mixup", alpha=0.2).parts
        (EmpiricalRisk(), Mixup(alpha=0.2, lambda_per='image', clean_share=0.0))
    """
    if isinstance(method, str) and "+" in method:
        return _create_composition(method_signature(method), parameters)
    cls = method_class(method) if isinstance(method, str) else method
    known = [
        parameter.name
        for parameter in inspect.signature(cls).parameters.values()
        if parameter.kind is not parameter.VAR_KEYWORD
    ]
    _check_known(cls.method, parameters, known)
    return cls(**parameters)


def _create_composition(signature: MethodSignature, parameters: dict[str, Any]) -> Method:
    provided = ["autoencoder"] if signature.needs_autoencoder else []
    known = [*provided, *(one.name for one in signature.parameters)]
    _check_known(signature.name, parameters, known)
    by_part = parameters_by_part(signature.parts, parameters)
    for part, own in zip(signature.parts, by_part, strict=True):
        if part.needs_autoencoder and "autoencoder" in parameters:
            own["autoencoder"] = parameters["autoencoder"]
    parts = [create(part.name, **own) for part, own in zip(signature.parts, by_part, strict=True)]
    own = {name: parameters[name] for name in ("combine", "shares") if name in parameters}
    return compose(parts, **own)


def _check_known(method: str | None, parameters: Iterable[str], known: list[str]) -> None:
    """Raise ValueError for the name of a parameter that a method does not have."""
    for name in parameters:
        if name not in known:
            longer = [one for one in known if one.endswith(f"_{name}")]
            hint = f" There is {' and '.join(longer)}." if longer else suggestion(name, known)
            raise ValueError(
                f"Expected a parameter of {method}: {', '.join(known) or 'it has none'}. "
                f"Received: {name!r}.{hint}"
            )
