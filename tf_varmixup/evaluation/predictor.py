"""Classifiers as the instrument sees them: images and their numbers in, logits out."""

import inspect
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from tf_varmixup.checks import check_positive
from tf_varmixup.images import VALUE_RANGE, check_value_range, to_unit


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
        model: Keras model from images `(B, H, W, C)` to logits or probabilities `(B, K)`. One whose
            `call` takes `indices` as well, such as `MixupInference`, is given them.
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
    call = getattr(model, "call", None)
    takes_indices = call is not None and "indices" in inspect.signature(call).parameters

    @tf.function(reduce_retracing=True)
    def predict(images: tf.Tensor, *indices: tf.Tensor) -> tf.Tensor:
        outputs = model(to_unit(images) if in_unit else images, *indices, training=False)
        outputs = tf.cast(outputs, tf.float32)
        return outputs if from_logits else log_probabilities(outputs)

    if takes_indices:
        return predict
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
