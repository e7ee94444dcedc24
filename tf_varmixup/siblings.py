"""The packages beside the library: `models` and `callbacks`."""

import importlib
import types


def sibling(name: str) -> types.ModuleType:
    """Import a package that lies beside the library in a checkout, and inside it in a wheel.

    The library imports neither of them anywhere else: a loaded `.keras` file needs the classes of
    `models`, and a run needs both.

    Args:
        name: `"models"` or `"callbacks"`.

    Returns:
        The package.

    Example:
        >>> sibling("models").compact((8, 8, 1), 10).name
        'compact'
    """
    try:
        return importlib.import_module(f"tf_varmixup.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"tf_varmixup.{name}":
            raise
        return importlib.import_module(name)
