"""A small classifier for quick runs."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from tf_varmixup.checks import check_count
from tf_varmixup.keras_settings import check_keras_settings

from .arguments import check_image_shape, check_num_classes
from .fused_batch_normalization import FusedBatchNormalization


def compact(
    image_shape: Sequence[int] = (32, 32, 3), num_classes: int = 10, width: int = 48
) -> keras.Model:
    """Build a small residual network for a few epochs in a minute on a CPU.

    Nothing is computed at full resolution, where elementwise operations on a CPU cost as much as
    convolutions: a strided 4 x 4 convolution halves it at once. Three stages of `width`, 2 and 4
    times `width` channels each hold a convolution that changes the resolution and one residual
    convolution. At 32 x 32 and width 48 that is 0.65 million parameters and 22 million
    multiplications per image.

    Args:
        image_shape: `(H, W, C)`, C 1 or 3.
        num_classes: Number of classes K, at least 2.
        width: Channels of the first stage.

    Returns:
        A `keras.Model` from images `(B, H, W, C)` in 0..255 to `float32` logits `(B, K)`, whose
        stages end in layers named `stage1`, `stage2` and `stage3`.

    Raises:
        ValueError: For another shape, fewer than 2 classes, or a width that is not positive.

    Example:
        >>> compact((28, 28, 1), 10).output_shape
        (None, 10)
    """
    check_keras_settings()
    check_count("width", width)
    inputs = keras.Input(check_image_shape(image_shape), name="images")
    x = layers.Rescaling(4.0 / 255.0, -2.0, dtype="float32", name="center")(inputs)
    for stage, kernel in enumerate((4, 3, 3), start=1):
        channels = width * 2 ** (stage - 1)
        x = _convolution(x, channels, kernel, 2, f"stage{stage}_down")
        residual = _convolution(x, channels, 3, 1, f"stage{stage}_residual")
        x = layers.Add(name=f"stage{stage}")([x, residual])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(check_num_classes(num_classes), dtype="float32", name="logits")(x)
    return keras.Model(inputs, x, name="compact")


def _convolution(x: Any, channels: int, kernel: int, strides: int, name: str) -> Any:
    x = layers.Conv2D(
        channels,
        kernel,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    x = FusedBatchNormalization(name=f"{name}_norm")(x)
    return layers.Activation("relu", name=f"{name}_relu")(x)
