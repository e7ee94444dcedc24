"""Residual networks in their CIFAR form: a 3 x 3 stem and no pooling before the stages."""

import keras
from keras import layers

from .fused_batch_normalization import FusedBatchNormalization

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}


def resnet(depth, image_shape=(32, 32, 3), num_classes=10):
    """Build ResNet-18 or ResNet-34 for small pictures: stages of 64, 128, 256 and 512 channels of
    basic blocks.

    Args:
        depth: 18 or 34.
        image_shape: `(H, W, C)`.
        num_classes: number of classes K.

    Returns:
        A `keras.Model` from `float32 (B, H, W, C)` in [0, 1] to `float32` logits `(B, K)`.

    Raises:
        ValueError: for another depth.

    Example:
        >>> resnet(18).count_params()
        11183562

    Source: He et al., "Deep Residual Learning for Image Recognition", arXiv 1512.03385.
    """
    if depth not in BLOCKS:
        raise ValueError(f"depth must be one of {', '.join(map(str, BLOCKS))}, received {depth!r}.")
    inputs = keras.Input(image_shape, name="images")
    x = layers.Rescaling(4.0 / 255.0, -2.0, dtype="float32", name="center")(inputs)
    x = _normalised_convolution(x, 64, 3, 1, "stem")
    x = layers.Activation("relu", name="stem_relu")(x)
    for stage, blocks in enumerate(BLOCKS[depth], start=1):
        for block in range(1, blocks + 1):
            x = _basic_block(
                x, 32 * 2**stage, 2 if stage > 1 and block == 1 else 1, f"stage{stage}_block{block}"
            )
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(
        inputs, layers.Dense(num_classes, dtype="float32", name="logits")(x), name=f"resnet{depth}"
    )


def _basic_block(x, channels, strides, name):
    shortcut = x
    if strides != 1 or x.shape[-1] != channels:
        shortcut = _normalised_convolution(x, channels, 1, strides, f"{name}_shortcut")
    x = _normalised_convolution(x, channels, 3, strides, f"{name}_conv1")
    x = layers.Activation("relu", name=f"{name}_relu1")(x)
    x = _normalised_convolution(x, channels, 3, 1, f"{name}_conv2")
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.Activation("relu", name=f"{name}_relu2")(x)


def _normalised_convolution(x, channels, kernel, strides, name):
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
