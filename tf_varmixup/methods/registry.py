"""Methods by their names."""

import importlib
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import keras

from tf_varmixup.checks import suggestion
from tf_varmixup.methods.method import Method
from tf_varmixup.methods.signatures import method_signature

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
        name: Name of a method, or `"module:Class"`.

    Returns:
        A subclass of `Method`.

    Raises:
        ValueError: If there is no such method.

    Example:
        >>> method_class("mixup").__name__
        'Mixup'
    """
    signature = method_signature(name)
    return getattr(importlib.import_module(signature.module), signature.class_name)


def create(method: str | type[Method], **parameters: Any) -> Method:
    """Create a method by its name.

    Args:
        method: Name of a method, `"module:Class"`, or a subclass of `Method`.
        **parameters: Values for the parameters of its constructor.

    Returns:
        A `Method`.

    Raises:
        ValueError: If there is no such method, it has no such parameter, or a value is bad.

    Example:
        >>> create("mixup", alpha=0.2)
        Mixup(alpha=0.2, lambda_per='image', clean_share=0.0)
    """
    cls = method_class(method) if isinstance(method, str) else method
    known = [
        parameter.name
        for parameter in inspect.signature(cls).parameters.values()
        if parameter.kind is not parameter.VAR_KEYWORD
    ]
    for name in parameters:
        if name not in known:
            raise ValueError(
                f"Expected a parameter of {cls.method}: {', '.join(known) or 'it has none'}. "
                f"Received: {name!r}.{suggestion(name, known)}"
            )
    return cls(**parameters)
