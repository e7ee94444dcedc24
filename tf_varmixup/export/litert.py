"""A LiteRT (TensorFlow Lite) file for phones and small devices."""

import json
import os
import pathlib
import zipfile
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tf_varmixup.checks import check_installed
from tf_varmixup.export.conversion import ConversionError, check_conversion, reason, source
from tf_varmixup.files import whole


def export_litert(
    file: str | os.PathLike[str],
    saved_model: str | os.PathLike[str],
    classifier: keras.Model | None = None,
    images: np.ndarray | None = None,
) -> pathlib.Path:
    """Convert a SavedModel of `export_saved_model` to LiteRT, and check what comes out.

    The file has one signature, of `images`, `uint8 (B, H, W, C)`, to the outputs of
    `serving_default`, in `float32`, for any B. As LiteRT does it with metadata, it is at the same
    time a zip archive, of one file `metadata.json`, that of the SavedModel. It needs the extra
    `litert`.

    Args:
        file: The file to write, which usually ends in `.tflite`.
        saved_model: Folder of the SavedModel.
        classifier: The Keras model that was exported, which the file is compared with, of images in
            its own `value_range` or else in 0..255; None compares with the SavedModel.
        images: `uint8 (N, H, W, C)` to compare on; None takes noise.

    Returns:
        The file.

    Raises:
        ImportError: If the extra is not installed.
        ValueError: If there is no such SavedModel.
        ConversionError: If the converter cannot, or if the file has other labels, or probabilities
            that differ by more than 1e-4; nothing is written then.
    """
    check_installed("ai_edge_litert", "litert")
    of = source(saved_model)
    converter = tf.lite.TFLiteConverter.from_saved_model(
        os.fspath(of.folder), signature_keys=[of.signature]
    )
    try:
        content = converter.convert()
    except Exception as error:  # the converter's own kinds of errors are no public names
        raise ConversionError(f"Expected LiteRT to take the model: {reason(error)}") from error
    file = pathlib.Path(file)
    with whole(file) as partial:
        partial.write_bytes(content)
        with zipfile.ZipFile(partial, "a") as archive:
            archive.writestr("metadata.json", json.dumps(dict(of.metadata), ensure_ascii=False))
        check_conversion(_runner(partial), "LiteRT", of, classifier, images)
    return file


def _runner(file: pathlib.Path) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    run = Interpreter(os.fspath(file)).get_signature_runner()
    return lambda images: run(images=images)
