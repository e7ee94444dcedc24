"""Classifiers as the instrument sees them: images and their numbers in, logits out."""

import inspect
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from tf_varmixup.checks import check_choice, check_positive
from tf_varmixup.images import VALUE_RANGE, VALUE_RANGES, to_unit
from tf_varmixup.metrics.batch import comes_from_softmax

# What networks of any origin take: many of `keras.applications` are made for (-1, 1).
MODEL_RANGES = (*VALUE_RANGES, (-1, 1))


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
    value_range: tuple[int, int] | None = None,
) -> Predictor:
    """Make a predictor of a Keras model, in inference mode.

    Args:
        model: Keras model from images `(B, H, W, C)` to logits or probabilities `(B, K)`. One whose
            `call` takes `indices` as well, such as `MixupInference`, is given them.
        from_logits: Whether it returns logits. Of probabilities the logits are taken where the
            model ends in a softmax of Keras, and else the logarithm, of which the softmax is the
            probabilities again.
        value_range: (0, 255), or (0, 1) or (-1, 1) for a model that takes images in that range;
            None for that of a `VicinalClassifier`, and (0, 255) of other models.

    Returns:
        A `Predictor`, traced once per shape.

    Raises:
        ValueError: If the range is another; at the first call, if logits are expected and the model
            ends in a softmax.

    Example:
        >>> model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])
        >>> predict = model_predictor(model)
        >>> predict(np.full((2, 8, 8, 1), 7, "uint8"), np.arange(2)).shape
        TensorShape([2, 64])
    """
    if value_range is None:
        value_range = getattr(model, "value_range", VALUE_RANGE)
    value_range = check_model_range(value_range)
    call = getattr(model, "call", None)
    takes_indices = call is not None and "indices" in inspect.signature(call).parameters

    @tf.function(reduce_retracing=True)
    def predict(images: tf.Tensor, *indices: tf.Tensor) -> tf.Tensor:
        outputs = model(in_range(images, value_range), *indices, training=False)
        if from_logits:
            if comes_from_softmax(outputs):
                raise ValueError(
                    "Expected a model that returns logits. Received: one that ends in a softmax. "
                    "If it returns probabilities, say from_logits=False."
                )
            return tf.cast(outputs, tf.float32)
        # Keras keeps them beside a softmax, for its losses: of a probability of 1 in float32 the
        # logarithm has no gradient.
        logits = getattr(outputs, "_keras_logits", None)
        if logits is not None and outputs.op.type == "Softmax":
            return tf.cast(logits, tf.float32)
        return log_probabilities(tf.cast(outputs, tf.float32))

    if takes_indices:
        return predict
    return lambda images, indices: predict(images)


def check_model_range(value_range: Any) -> tuple[int, int]:
    """Return the range of a model's images as a tuple, one of `MODEL_RANGES`, or raise ValueError.

    Example:
        >>> check_model_range([-1, 1])
        (-1, 1)
    """
    given = tuple(value_range) if isinstance(value_range, list | tuple) else value_range
    return check_choice("value_range", given, MODEL_RANGES)


def in_range(images: Any, value_range: tuple[int, int]) -> Any:
    """Convert images in 0..255 to the range that a model takes.

    Args:
        images: Tensor or array `(B, H, W, C)` in 0..255.
        value_range: One of `MODEL_RANGES`.

    Returns:
        The images as they are for (0, 255), or a `float32` tensor.

    Example:
        >>> float(in_range(np.full((1, 8, 8, 1), 255), (-1, 1))[0, 0, 0, 0])
        1.0
    """
    if value_range == VALUE_RANGE:
        return images
    return to_unit(images) if value_range == (0, 1) else 2.0 * to_unit(images) - 1.0


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
