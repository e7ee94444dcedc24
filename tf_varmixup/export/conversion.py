"""What conversions of a SavedModel share: what is converted, and the check of what came out."""

import dataclasses
import os
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tf_varmixup.export.precision import in_float32
from tf_varmixup.export.saved_model import read_metadata
from tf_varmixup.images import to_unit

TOLERANCE = 1e-4  # by which probabilities may differ
_CHECKED = 16  # images of noise


class ConversionError(RuntimeError):
    """A converter failed, or what it made classifies otherwise than what it was made of.

    Example:
        >>> raise ConversionError("Expected the probabilities of the classifier.")
        Traceback (most recent call last):
            ...
        tf_varmixup.export.conversion.ConversionError: Expected the probabilities of the classifier.
    """


@dataclasses.dataclass(frozen=True)
class Source:
    """A SavedModel of this library, to be converted.

    Attributes:
        folder: Its folder.
        metadata: What it says that it serves.
    """

    folder: pathlib.Path
    metadata: Mapping[str, Any]

    @property
    def signature(self) -> str:
        """The name of the signature that computes in `float32`."""
        return self.metadata["float32_signature"]


def source(saved_model: str | os.PathLike[str]) -> Source:
    """Return a SavedModel of this library, or raise ValueError if it is none that converts."""
    folder = pathlib.Path(saved_model)
    metadata = read_metadata(folder)
    if "float32_signature" not in metadata:
        raise ValueError(
            "Expected a SavedModel as export_saved_model of this version writes it. "
            f"Received: {folder}."
        )
    return Source(folder, metadata)


def check_conversion(
    converted: Callable[[np.ndarray], Mapping[str, np.ndarray]],
    format: str,
    of: Source,
    classifier: keras.Model | None,
    images: np.ndarray | None,
) -> None:
    """Raise ConversionError unless a converted classifier has the labels and probabilities.

    Args:
        converted: Function of `uint8` images to the outputs by name.
        format: What the error calls what was converted.
        of: What was converted.
        classifier: As of `export_litert`.
        images: As of `export_litert`.
    """
    if images is None:
        shape = (_CHECKED, *of.metadata["image_shape"])
        images = np.random.RandomState(0).randint(0, 256, shape).astype("uint8")
    if classifier is None:
        # The model must outlive its signature, which does not keep it.
        model = tf.saved_model.load(os.fspath(of.folder))
        expected = model.signatures[of.signature](images=tf.constant(images))
        expected = expected["probabilities"].numpy()
    else:
        takes_units = getattr(classifier, "value_range", None) == (0, 1)
        with in_float32(classifier):
            given = to_unit(images) if takes_units else tf.cast(images, tf.float32)
            logits = tf.cast(classifier(given, training=False), tf.float32)
        expected = tf.nn.softmax(logits / of.metadata["temperature"]).numpy()
    for count in (len(images), 1):  # any number of images at once
        answer = converted(images[:count])
        difference = np.abs(answer["probabilities"] - expected[:count]).max()
        # Of two classes that are as probable as each other either may be the label.
        chosen = np.take_along_axis(expected[:count], np.asarray(answer["label"])[:, None], 1)
        behind = (expected[:count].max(1) - chosen[:, 0]).max()
        # A difference of NaN is not at most anything.
        if not (difference <= TOLERANCE and behind <= TOLERANCE):
            raise ConversionError(
                f"Expected the {format} model to have the labels and, within {TOLERANCE:g}, the "
                f"probabilities of the classifier. Received: {difference:.2g} off, and labels up "
                f"to {behind:.2g} less probable."
            )


def reason(error: Exception) -> str:
    """Return the first lines of what a converter says, which goes on with a trace."""
    return " ".join(str(error).split())[:300] or type(error).__name__
