"""An ONNX file, which many other runtimes take."""

import json
import logging
import os
import pathlib
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tf_varmixup.checks import check_installed
from tf_varmixup.export.conversion import ConversionError, check_conversion, reason, source
from tf_varmixup.files import whole

OPSET = 18


def export_onnx(
    file: str | os.PathLike[str],
    saved_model: str | os.PathLike[str],
    classifier: keras.Model | None = None,
    images: np.ndarray | None = None,
) -> pathlib.Path:
    """Convert a SavedModel of `export_saved_model` to ONNX, and check what comes out.

    The model takes `images`, `uint8 (B, H, W, C)`, and returns the outputs of `serving_default`, in
    `float32`, for any B. Its `metadata_props` have the entries of the SavedModel's metadata as
    JSON. It needs the extra `onnx`.

    Args:
        file: The file to write, which usually ends in `.onnx`.
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
    for package in ("tf2onnx", "onnxruntime"):
        check_installed(package, "onnx")
    import tf2onnx

    of = source(saved_model)
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    model = tf.saved_model.load(os.fspath(of.folder))
    specification = tf.TensorSpec((None, *of.metadata["image_shape"]), tf.uint8, name="images")

    @tf.function(input_signature=[specification])
    def serve(images: tf.Tensor) -> dict[str, tf.Tensor]:
        return model.signatures[of.signature](images=images)

    try:
        converted, _ = tf2onnx.convert.from_function(serve, [specification], opset=OPSET)
    except Exception as error:  # of any kind
        raise ConversionError(f"Expected ONNX to take the model: {reason(error)}") from error
    for value in (*converted.graph.input, *converted.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    for name, entry in of.metadata.items():
        text = json.dumps(entry, ensure_ascii=False)
        converted.metadata_props.add(key=name, value=text)
    content = converted.SerializeToString()
    check_conversion(_runner(content), "ONNX", of, classifier, images)
    file = pathlib.Path(file)
    with whole(file) as partial:
        partial.write_bytes(content)
    return file


def _runner(content: bytes) -> Any:
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda images: dict(zip(names, session.run(names, {"images": images}), strict=True))
