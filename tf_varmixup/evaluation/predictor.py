"""Classifiers as the instrument sees them: images and their numbers in, logits out."""

import importlib
import os
import pathlib
import sys
from collections.abc import Callable
from typing import Any, Protocol


import numpy as np
import tensorflow as tf

from tf_varmixup.checks import check_positive
from tf_varmixup.images import VALUE_RANGE, check_value_range, to_unit
from tf_varmixup.loading import load_model

SIGNATURE = "serving_default"


class Predictor(Protocol):
    """What is measured: a function of images and of their numbers in the dataset.

    The numbers keep whatever a predictor draws independent of the batch; most ignore them.
    """

    def __call__(self, images: tf.Tensor, indices: tf.Tensor) -> tf.Tensor:
        """Classify a batch.

        Args:
            images: `uint8 (B, H, W, C)`.
            indices: `int32 (B,)`, the number of each image in the dataset.

        Returns:
            Logits `float32 (B, K)`.
        """


def model_predictor(
    model: Callable[..., Any],
    from_logits: bool = True,
    value_range: tuple[int, int] = VALUE_RANGE,
) -> Predictor:
    """Make a predictor of a Keras model, in inference mode.

    Args:
        model: Keras model from images `(B, H, W, C)` to logits or probabilities `(B, K)`.
        from_logits: Whether it returns logits. Of probabilities the logarithm is taken, of which
            the softmax is the probabilities again.
        value_range: (0, 255), or (0, 1) for a model that takes images in [0, 1].

    Returns:
        A `Predictor`, traced once per shape.

    Example:
        >>> model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])
        >>> predict = model_predictor(model)
        >>> predict(np.full((2, 8, 8, 1), 7, "uint8"), np.arange(2)).shape
        TensorShape([2, 64])
    """
    in_unit = check_value_range(value_range) != VALUE_RANGE

    @tf.function(reduce_retracing=True)
    def predict(images: tf.Tensor) -> tf.Tensor:
        outputs = model(to_unit(images) if in_unit else images, training=False)
        outputs = tf.cast(outputs, tf.float32)
        return outputs if from_logits else log_probabilities(outputs)

    return lambda images, indices: predict(images)


def log_probabilities(probabilities: tf.Tensor) -> tf.Tensor:
    """Return the logarithm of probabilities, with that of 0 kept finite.

    Args:
        probabilities: `float32 (B, K)`.

    Returns:
        Logits, `float32 (B, K)`.

    Example:
        >>> bool(np.isfinite(log_probabilities(tf.constant([[0.0, 1.0]]))).all())
        True
    """
    return tf.math.log(tf.maximum(probabilities, np.finfo(np.float32).tiny))


def at_temperature(predict: Predictor, temperature: float) -> Predictor:
    """Make a predictor whose logits are those of another one, divided by a temperature.

    Args:
        predict: A `Predictor`.
        temperature: Positive number.

    Returns:
        A `Predictor`.

    Example:
        >>> warm = at_temperature(lambda images, indices: tf.constant([[2.0, 4.0]]), 2.0)
        >>> warm(None, None).numpy().tolist()
        [[1.0, 2.0]]
    """
    temperature = check_positive("temperature", temperature)
    return lambda images, indices: predict(images, indices) / temperature


def load_predictor(
    path: str | os.PathLike[str],
    from_logits: bool = True,
    value_range: tuple[int, int] = VALUE_RANGE,
) -> Predictor:
    """Load a classifier from wherever it is.

    Args:
        path: A run's folder, a `.keras` file, a SavedModel's folder with one image input in the
            signature `serving_default`, or `"module:function"`, a `Predictor` in a module that
            Python finds. Of a SavedModel's outputs the one called `logits`, or the only one, counts.
        from_logits: Whether a `.keras` file or a SavedModel of another origin returns logits.
        value_range: The range of the images that they take, (0, 255) or (0, 1).

    Returns:
        A `Predictor`.

    Raises:
        FileNotFoundError: If there is nothing at the path.
        ValueError: If it is none of these, or damaged.

    Example:
        >>> from models import compact
        >>> compact((8, 8, 1), 10).save("classifier.keras")
        >>> predict = load_predictor("classifier.keras")
        >>> predict(np.zeros((2, 8, 8, 1), "uint8"), np.arange(2)).shape
        TensorShape([2, 10])
    """
    text = os.fspath(path)
    file = pathlib.Path(text)
    if not file.exists() and ":" in text:
        return _function(text)
    if not file.exists():
        raise FileNotFoundError(
            "Expected a run, a .keras file, a SavedModel or module:function. "
            f"Received: {text}, which does not exist."
        )
    if (file / "classifier.keras").is_file():
        return model_predictor(load_model(file / "classifier.keras"))
    if file.suffix == ".keras":
        return model_predictor(load_model(file), from_logits, value_range)
    if (file / "saved_model.pb").is_file():
        return _saved_model(file, from_logits, value_range)
    raise ValueError(
        f"Expected a run, a .keras file, a SavedModel or module:function. Received: {text}."
    )


def _function(text: str) -> Predictor:
    module, _, name = text.partition(":")
    sys.path.insert(0, os.getcwd())
    try:
        function = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"Expected module:function. Received: {text} ({error}).") from error
    finally:
        sys.path.pop(0)
    if not callable(function):
        raise ValueError(f"Expected {text} to be a function. Received: {type(function).__name__}.")
    return function


def _saved_model(
    folder: pathlib.Path, from_logits: bool, value_range: tuple[int, int]
) -> Predictor:
    model = tf.saved_model.load(os.fspath(folder))
    if SIGNATURE not in model.signatures:
        raise ValueError(
            f"Expected a SavedModel with the signature {SIGNATURE!r}. Received: {folder} with "
            f"{', '.join(model.signatures) or 'none'}."
        )
    serve = model.signatures[SIGNATURE]
    inputs = serve.structured_input_signature[1]
    if len(inputs) != 1:
        raise ValueError(
            f"Expected a SavedModel with one input, the images. Received: {folder} with "
            f"{', '.join(inputs) or 'none'}."
        )
    [(name, spec)] = inputs.items()
    outputs = serve.structured_outputs
    chosen = "logits" if "logits" in outputs else next(iter(outputs)) if len(outputs) == 1 else None
    if chosen is None:
        raise ValueError(
            f"Expected a SavedModel with one output, or one called 'logits'. Received: {folder} "
            f"with {', '.join(outputs)}."
        )
    in_unit = check_value_range(value_range) != VALUE_RANGE

    def predict(images: tf.Tensor, indices: tf.Tensor) -> tf.Tensor:
        given = tf.cast(to_unit(images) if in_unit else images, spec.dtype)
        result = tf.cast(serve(**{name: given})[chosen], tf.float32)
        return result if from_logits or chosen == "logits" else log_probabilities(result)

    # The model must outlive its signature, which does not keep it.
    predict.model = model  # type: ignore[attr-defined]
    return predict
