"""Vicinal distributions, one a file: what a training batch becomes.

A new one is a file in this folder with a class that derives from `VicinalDistribution` and names
its `method`; nothing else needs to know.
"""

import importlib
import inspect
import pkgutil

from .erm import EmpiricalRisk
from .latent import LatentVicinity
from .mixup import Mixup
from .mixup_reconstruction import MixupReconstruction
from .pairwise import PairwiseVicinity, interpolate
from .reconstruction import Reconstruction
from .varmixup import VarMixup
from .vicinal_distribution import VicinalDistribution

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = [
    "EmpiricalRisk",
    "LatentVicinity",
    "Mixup",
    "MixupReconstruction",
    "PairwiseVicinity",
    "Reconstruction",
    "VarMixup",
    "VicinalDistribution",
    "create",
    "interpolate",
    "methods",
    "settings_of",
]


def methods():
    """Return the known methods: a dict from name to class, in alphabetical order.

    A class that inherits its `method` is no method of its own; of two siblings with the same name
    the later one counts.

    Example:
        >>> list(methods())
        ['erm', 'mixup', 'mixup_reconstruction', 'reconstruction', 'varmixup']
    """

    def descendants(cls):
        for child in cls.__subclasses__():
            yield child
            yield from descendants(child)

    named = {
        cls.method: cls for cls in descendants(VicinalDistribution) if cls.__dict__.get("method")
    }
    return dict(sorted(named.items()))


def settings_of(method):
    """Return the names of the settings that a method takes, such as `alpha` or `autoencoder`.

    Args:
        method: name of a method.

    Returns:
        A frozenset of strings.

    Raises:
        ValueError: for an unknown method; the message lists the known ones.

    Example:
        >>> sorted(settings_of("mixup"))
        ['alpha', 'lambda_per']
    """
    if method not in methods():
        raise ValueError(f"unknown method {method!r}; known are {', '.join(methods())}.")
    constructors = (
        base.__init__ for base in methods()[method].__mro__ if issubclass(base, VicinalDistribution)
    )
    parameters = (
        parameter
        for constructor in constructors
        for parameter in inspect.signature(constructor).parameters.values()
    )
    return frozenset(
        parameter.name
        for parameter in parameters
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ) - {"self"}


def create(method, **settings):
    """Create a vicinal distribution by the name of its method.

    Args:
        method: name of a method.
        **settings: values for the settings of any method; those that this one does not take are
            left out, so that one set of settings serves a comparison of methods.

    Returns:
        A `VicinalDistribution`.

    Raises:
        ValueError: for an unknown method or a bad setting.

    Example:
        >>> create("varmixup", autoencoder=autoencoder, alpha=1.0)
    """
    taken = settings_of(method)
    return methods()[method](**{name: value for name, value in settings.items() if name in taken})
