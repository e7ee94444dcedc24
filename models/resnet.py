"""Residual networks in their CIFAR form: a 3 x 3 stem and no pooling before the stages."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from tf_varmixup.checks import check_choice
from tf_varmixup.keras_settings import check_keras_settings

from .arguments import check_image_shape, check_num_classes
from .fused_batch_normalization import FusedBatchNormalization

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}


def resnet(
    depth: int, image_shape: Sequence[int] = (32, 32, 3), num_classes: int = 10
) -> keras.Model:
    """Build ResNet-18 or ResNet-34 for small images.

    Its four stages have 64, 128, 256 and 512 channels and are made of basic blocks.

    Args:
        depth: 18 or 34.
        image_shape: `(H, W, C)`, C 1 or 3.
        num_classes: Number of classes K, at least 2.

    Returns:
        A `keras.Model` from images `(B, H, W, C)` in 0..255 to `float32` logits `(B, K)`, whose
        stages end in layers named `stage1` to `stage4`.

    Raises:
        ValueError: For another depth or shape, or fewer than 2 classes.

    Example:
        >>> resnet(18).count_params()
        11183562

    Source:
        He et al., "Deep Residual Learning for Image Recognition", arXiv 1512.03385.
    """
    check_keras_settings()
    check_choice("depth", depth, BLOCKS)
    inputs = keras.Input(check_image_shape(image_shape), name="images")
    x = layers.Rescaling(4.0 / 255.0, -2.0, dtype="float32", name="center")(inputs)
    x = _normalized_convolution(x, 64, 3, 1, "stem")
    x = layers.Activation("relu", name="stem_relu")(x)
    for stage, blocks in enumerate(BLOCKS[depth], start=1):
        for block in range(1, blocks + 1):
            name = f"stage{stage}_block{block}"
            strides = 2 if stage > 1 and block == 1 else 1
            end = f"stage{stage}" if block == blocks else f"{name}_relu2"
            x = _basic_block(x, 32 * 2**stage, strides, name, end)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(check_num_classes(num_classes), dtype="float32", name="logits")(x)
    return keras.Model(inputs, x, name=f"resnet{depth}")


def _basic_block(x: Any, channels: int, strides: int, name: str, end: str) -> Any:
    shortcut = x
    if strides != 1 or x.shape[-1] != channels:
        shortcut = _normalized_convolution(x, channels, 1, strides, f"{name}_shortcut")
    x = _normalized_convolution(x, channels, 3, strides, f"{name}_conv1")
    x = layers.Activation("relu", name=f"{name}_relu1")(x)
    x = _normalized_convolution(x, channels, 3, 1, f"{name}_conv2")
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.Activation("relu", name=end)(x)


def _normalized_convolution(x: Any, channels: int, kernel: int, strides: int, name: str) -> Any:
    x = layers.Conv2D(
        channels,
        kernel,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    return FusedBatchNormalization(name=f"{name}_norm")(x)
