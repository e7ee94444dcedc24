"""Import the names of a package when they are first asked for.

TensorFlow takes seconds to import, which a command line that only answers `--help` should not cost.
"""

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the `__getattr__` and `__dir__` of a package whose names live elsewhere (PEP 562).

    Args:
        package: The package's `__name__`.
        homes: The module of each name, absolute.

    Returns:
        The two functions, to be assigned to `__getattr__` and `__dir__` in the package.

    Example:
        >>> find, names = lazy_names("json", {"JSONDecoder": "json.decoder"})
        >>> find("JSONDecoder").__name__
        'JSONDecoder'
    """

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)  # found at once the next time
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return find, names
