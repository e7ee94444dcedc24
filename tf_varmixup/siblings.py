"""The packages beside the library: `models` and `callbacks`."""

import importlib
import importlib.util
import pathlib
import types


def sibling(name: str) -> types.ModuleType:
    """Import a package that lies beside the library in a checkout, and inside it in a wheel.

    The library imports neither of them anywhere else: a loaded `.keras` file needs the classes of
    `models`, and a run needs both.

    Args:
        name: `"models"` or `"callbacks"`.

    Returns:
        The package.

    Raises:
        ImportError: If it is not there, or another package has its name.

    Example:
        >>> sibling("models").__name__.split(".")[-1]
        'models'
    """
    inside = f"{__package__}.{name}"
    if importlib.util.find_spec(inside) is not None:
        return importlib.import_module(inside)
    module = importlib.import_module(name)
    beside = pathlib.Path(__file__).resolve().parents[1] / name
    if pathlib.Path(str(module.__file__)).resolve().parent != beside:
        raise ImportError(f"Expected the package {name} in {beside}. Received: {module.__file__}.")
    return module
