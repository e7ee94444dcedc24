"""A run from the outside: its settings, its folder, the machine it runs on."""

from .folder import RunFolder
from .hardware import distribution_strategy, dtype_policy, environment
from .settings import parse_settings, resolve

__all__ = [
    "RunFolder",
    "distribution_strategy",
    "dtype_policy",
    "environment",
    "parse_settings",
    "resolve",
]
