"""Wide residual networks."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from tf_varmixup.checks import check_count
from tf_varmixup.keras_settings import check_keras_settings

from .arguments import check_image_shape, check_num_classes
from .fused_batch_normalization import FusedBatchNormalization


def wide_resnet(
    depth: int = 28,
    width: int = 10,
    image_shape: Sequence[int] = (32, 32, 3),
    num_classes: int = 10,
) -> keras.Model:
    """Build the wide residual network WRN-depth-width.

    Its three stages have 16, 32 and 64 times `width` channels and are made of pre-activation
    blocks.

    Args:
        depth: 6 n + 4 for n blocks per stage, for instance 16, 28 or 40.
        width: Widening factor, a positive integer.
        image_shape: `(H, W, C)`, C 1 or 3.
        num_classes: Number of classes K, at least 2.

    Returns:
        A `keras.Model` from images `(B, H, W, C)` in 0..255 to `float32` logits `(B, K)`, whose
        stages end in layers named `stage1`, `stage2` and `stage3`.

    Raises:
        ValueError: For a depth that is not 6 n + 4, a width below 1, another shape, or fewer than 2
            classes.

    Example:
        >>> wide_resnet(10, 1).name
        'wrn-10-1'

    Source:
        Zagoruyko and Komodakis, "Wide Residual Networks", arXiv 1605.07146.
    """
    check_keras_settings()
    check_depth_and_width(depth, width)
    inputs = keras.Input(check_image_shape(image_shape), name="images")
    x = layers.Rescaling(4.0 / 255.0, -2.0, dtype="float32", name="center")(inputs)
    x = _convolution(x, 16, 1, "stem")
    blocks = (depth - 4) // 6
    for stage in range(1, 4):
        for block in range(1, blocks + 1):
            name = f"stage{stage}_block{block}"
            strides = 2 if stage > 1 and block == 1 else 1
            end = f"stage{stage}" if block == blocks else f"{name}_add"
            x = _block(x, 8 * 2**stage * width, strides, name, end)
    x = _activation(x, "head")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(check_num_classes(num_classes), dtype="float32", name="logits")(x)
    return keras.Model(inputs, x, name=f"wrn-{depth}-{width}")


def check_depth_and_width(depth: int, width: int) -> None:
    """Raise ValueError if there is no WRN-depth-width.

    Args:
        depth: Expected 6 n + 4 with n at least 1.
        width: Expected a positive integer.

    Raises:
        ValueError: If one of them is another.

    Example:
        >>> check_depth_and_width(16, 4)
    """
    if check_count("depth", depth) < 10 or (depth - 4) % 6:
        raise ValueError(
            "Expected depth to be 6 n + 4 with n at least 1, such as 16, 28 or 40. "
            f"Received: {depth!r}."
        )
    check_count("width", width)


def _block(x: Any, channels: int, strides: int, name: str, end: str) -> Any:
    y = _activation(x, f"{name}_1")
    shortcut = x
    if strides != 1 or x.shape[-1] != channels:
        shortcut = layers.Conv2D(
            channels,
            1,
            strides,
            use_bias=False,
            kernel_initializer="he_normal",
            name=f"{name}_shortcut",
        )(y)
    y = _convolution(y, channels, strides, f"{name}_conv1")
    y = _convolution(_activation(y, f"{name}_2"), channels, 1, f"{name}_conv2")
    return layers.Add(name=end)([y, shortcut])


def _activation(x: Any, name: str) -> Any:
    x = FusedBatchNormalization(name=f"{name}_norm")(x)
    return layers.Activation("relu", name=f"{name}_relu")(x)


def _convolution(x: Any, channels: int, strides: int, name: str) -> Any:
    return layers.Conv2D(
        channels,
        3,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
