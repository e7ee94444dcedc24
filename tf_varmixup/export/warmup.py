"""Requests that TensorFlow Serving sends to a model before it serves anybody."""

import os
from collections.abc import Iterable, Sequence

import tensorflow as tf

# Where TensorFlow Serving looks for them in a SavedModel.
WARMUP = "assets.extra/tf_serving_warmup_requests"
BATCHES = (1, 32)  # what is slow is the first call of each shape


def write_warmup_requests(
    file: str | os.PathLike[str],
    image_shape: Sequence[int],
    signatures: Iterable[str] = ("serving_default",),
    batches: Sequence[int] = BATCHES,
) -> None:
    """Write requests, black images, as TensorFlow Serving reads them.

    They are messages `PredictionLog` of TensorFlow Serving in a TFRecord file, written here field
    by field: its Python package would be a requirement for a hundred bytes.

    Args:
        file: The file.
        image_shape: `(H, W, C)`.
        signatures: Names of signatures that take images.
        batches: Numbers of images, one request each for every signature.

    Example:
        >>> write_warmup_requests("requests", (32, 32, 3))
        >>> len(list(tf.data.TFRecordDataset("requests")))
        2
    """
    with tf.io.TFRecordWriter(os.fspath(file)) as writer:
        for signature in signatures:
            for count in batches:
                writer.write(_prediction_log(signature, (count, *image_shape)))


def _prediction_log(signature: str, shape: Sequence[int]) -> bytes:
    images = tf.make_tensor_proto(0, tf.uint8, shape)  # one value fills the shape
    entry = _field(1, b"images") + _field(2, images.SerializeToString())
    model = _field(3, signature.encode())
    request = _field(1, model) + _field(2, entry)  # model_spec, inputs
    return _field(6, _field(1, request))  # predict_log, request


def _field(number: int, content: bytes) -> bytes:
    """Return a field of a protocol buffer that has a length: text, bytes or another message."""
    assert len(content) < 128, "a length of one byte"
    return bytes([number << 3 | 2, len(content)]) + content
