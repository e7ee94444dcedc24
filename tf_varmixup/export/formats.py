"""A classifier in several formats at once."""

import os
import pathlib
from collections.abc import Collection

import keras
import numpy as np

from tf_varmixup.export.litert import export_litert
from tf_varmixup.export.onnx import export_onnx

_OTHERS = {"litert": ("classifier.tflite", export_litert), "onnx": ("classifier.onnx", export_onnx)}


def export_formats(
    saved_model: str | os.PathLike[str],
    formats: Collection[str],
    classifier: keras.Model | None = None,
    images: np.ndarray | None = None,
) -> list[pathlib.Path]:
    """Convert a SavedModel into other formats, `classifier.tflite` and `classifier.onnx` beside it.

    Args:
        saved_model: Folder of the SavedModel.
        formats: Any of "litert" and "onnx"; others need no conversion.
        classifier: As of `export_litert`.
        images: As of `export_litert`.

    Returns:
        A list of the SavedModel and of what was written.

    Raises:
        ImportError: If an extra is not installed.
        ValueError: If there is no such SavedModel.
        ConversionError: As of `export_litert`.

    Example:
        >>> [path.name for path in export_formats("saved_model", ["savedmodel"])]
        ['saved_model']
    """
    saved_model = pathlib.Path(saved_model)
    written = [saved_model]
    for format, (name, convert) in _OTHERS.items():
        if format in formats:
            written.append(convert(saved_model.with_name(name), saved_model, classifier, images))
    return written
