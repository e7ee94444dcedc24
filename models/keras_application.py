"""The image classifiers of `keras.applications`, by name."""

import os
import types
import warnings
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from tf_varmixup.checks import suggestion
from tf_varmixup.keras_settings import check_keras_settings

from .application_preprocessing import ApplicationPreprocessing
from .arguments import check_image_shape, check_num_classes


def application_names() -> list[str]:
    """Return the names of all networks of `keras.applications`.

    Example:
        >>> "EfficientNetV2B0" in application_names()
        True
    """
    return sorted(name for name, value in vars(keras.applications).items() if _is_network(value))


def keras_application(
    name: str,
    image_shape: Sequence[int] = (32, 32, 3),
    num_classes: int = 10,
    weights: str | os.PathLike[str] | None = None,
) -> keras.Model:
    """Build a classifier of `keras.applications` for images in 0..255.

    The network comes without its top; averages of its last map and one layer take that place. Gray
    images go into all three of its channels. It has no layers named `stage1`, `stage2`, ..., so
    that methods which mix hidden layers cannot train it.

    Args:
        name: The network's, such as `"EfficientNetV2B0"`.
        image_shape: `(H, W, C)`, C 1 or 3; most networks take no images below 32 x 32.
        num_classes: Number of classes K, at least 2.
        weights: A file of weights of the network without its top, as Keras publishes them
            (`..._notop.h5`); None for random ones.

    Returns:
        A `keras.Model` from images `(B, H, W, C)` in 0..255 to `float32` logits `(B, K)`.

    Raises:
        ValueError: For an unknown name, images that the network cannot take, or a file that is not
            of its weights.

    Example:
        >>> keras_application("MobileNetV2", (32, 32, 3), 10).output_shape
        (None, 10)
    """
    check_keras_settings()
    check_application(name, weights)
    height, width, channels = check_image_shape(image_shape)
    check_num_classes(num_classes)
    inputs = keras.Input((height, width, channels), name="images")
    x = layers.Concatenate(name="color")([inputs] * 3) if channels == 1 else inputs
    build = getattr(keras.applications, name)
    # Modules are named alike where Keras keeps them and where it publishes them.
    x = ApplicationPreprocessing(build.__module__.rpartition(".")[2], name="preprocess")(x)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "Skipping")  # what a file lacks would stay random
            network = build(
                include_top=False,
                weights=None if weights is None else os.fspath(weights),
                input_tensor=x,
                input_shape=(height, width, 3),
                pooling="avg",
            )
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        what = "" if weights is None else f" and the weights of {weights}"
        raise ValueError(
            f"Expected keras:{name} to take images of {height} x {width}{what}. Received: {reason}"
        ) from error
    logits = layers.Dense(num_classes, dtype="float32", name="logits")(network.output)
    return keras.Model(inputs, logits, name=name)


def check_application(name: str, weights: str | os.PathLike[str] | None = None) -> None:
    """Raise ValueError if there is no such network, or no file of weights.

    Args:
        name: The network's name.
        weights: A file, or None.
    """
    if name not in application_names():
        raise ValueError(
            "Expected a network of keras.applications, such as EfficientNetV2B0. "
            f"Received: {name!r}.{suggestion(name, application_names())}"
        )
    if weights is not None and not os.path.isfile(weights):
        raise ValueError(f"Expected a file of weights. Received: {weights}, which is none.")


def _is_network(value: Any) -> bool:
    return isinstance(value, types.FunctionType) and value.__name__[:1].isupper()
