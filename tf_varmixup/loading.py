"""Load a `.keras` file with everything of this library registered."""

import os
import pathlib
import zipfile

import keras

from tf_varmixup import muon as muon  # an optimizer that a file may name
from tf_varmixup.siblings import sibling


def load_model(path: str | os.PathLike[str], compile: bool = True) -> keras.Model:
    """Load a model of this library, or any other, from a `.keras` file.

    Args:
        path: The file.
        compile: Whether to compile the model as it was when saved.

    Returns:
        A `keras.Model`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is not a `.keras` file, is damaged, or needs a class that was not
            imported.

    Example:
        >>> import tempfile
        >>> from models import compact
        >>> path = pathlib.Path(tempfile.mkdtemp(), "compact.keras")
        >>> compact((8, 8, 1), 10).save(path)
        >>> load_model(path).output_shape
        (None, 10)
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise FileNotFoundError(f"Expected a .keras file. Received: {path}, which does not exist.")
    if path.suffix != ".keras" or not path.is_file():
        raise ValueError(f"Expected a file ending in .keras. Received: {path}.")
    if path.stat().st_size == 0:
        raise ValueError(f"Expected a .keras file. Received: {path}, which is empty.")
    if not zipfile.is_zipfile(path):
        raise ValueError(
            f"Expected a .keras file. Received: {path}, which is of another kind or was cut off."
        )
    sibling("models")
    try:
        return keras.saving.load_model(path, compile=compile)
    except Exception as error:
        # Keras puts whole configurations around what was the matter.
        cause = str(error).split("Exception encountered:")[-1].split("Full object config")[0]
        reason = " ".join(cause.split())
        raise ValueError(
            f"Expected a .keras file that can be loaded. Received: {path}, which cannot: "
            f"{reason[:300] or type(error).__name__}"
        ) from error
