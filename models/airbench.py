"""A fast convolutional network, the default classifier."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from tf_varmixup.checks import check_count
from tf_varmixup.keras_settings import check_keras_settings

from .arguments import check_image_shape, check_num_classes
from .dirac import Dirac
from .fused_batch_normalization import FusedBatchNormalization


def airbench(
    image_shape: Sequence[int] = (32, 32, 3),
    num_classes: int = 10,
    widths: Sequence[int] = (64, 256, 256),
) -> keras.Model:
    """Build the default classifier: the network of cifar10-airbench, made for a fast training.

    Of what was tried for a few minutes on a CPU, it is right most often (docs/performance.md). A
    small convolution at full resolution is followed by three stages of two convolutions with a
    maximum over 2 x 2 between them, each started as the identity as far as its channels allow.
    There are few normalizations and no residual sums: on a CPU what passes over memory costs as
    much as convolutions do. At 32 x 32 and the default widths that is 2 million parameters and 122
    million multiplications per image.

    It differs from the published network in three ways. The first convolution is learned: one that
    whitens patches, as published, amplifies fine detail, so that a little noise makes the
    classifier wrong, and is right no more often here. ReLU stands in for GELU, which TensorFlow
    computes twenty times slower on a CPU. Offsets learn at the common rate.

    Args:
        image_shape: `(H, W, C)`, H and W at least 2, C 1 or 3.
        num_classes: Number of classes K, at least 2.
        widths: Channels of the stages, of which there are as many.

    Returns:
        A `keras.Model` from images `(B, H, W, C)` in 0..255 to `float32` logits `(B, K)`, whose
        stages end in layers named `stage1`, `stage2` and so on.

    Raises:
        ValueError: For another shape, fewer than 2 classes, or a width that is not positive.

    Example:
        >>> airbench((28, 28, 1), 10, widths=(16, 32, 32)).output_shape
        (None, 10)

    Source:
        Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", arXiv 2404.00498.
    """
    check_keras_settings()
    image_shape = check_image_shape(image_shape, smallest=2)
    inputs = keras.Input(image_shape, name="images")
    x = layers.Rescaling(4.0 / 255.0, -2.0, dtype="float32", name="center")(inputs)
    x = layers.Conv2D(32, 2, use_bias=False, kernel_initializer="he_normal", name="stem")(x)
    x = _normalization(x, "stem")
    x = layers.Activation("relu", name="stem_relu")(x)
    # The last of an odd number of rows may go where there are many.
    padding = "same" if min(image_shape[:2]) < 16 else "valid"
    for stage, width in enumerate(widths, start=1):
        channels = check_count("widths", width)
        x = _convolution(x, channels, f"stage{stage}_conv1")
        x = layers.MaxPooling2D(2, padding=padding, name=f"stage{stage}_pool")(x)
        x = _normalization(x, f"stage{stage}_conv1")
        x = layers.Activation("relu", name=f"stage{stage}_conv1_relu")(x)
        x = _convolution(x, channels, f"stage{stage}_conv2")
        x = _normalization(x, f"stage{stage}_conv2")
        x = layers.Activation("relu", name=f"stage{stage}")(x)
    x = layers.GlobalMaxPooling2D(name="pool")(x)
    classes = check_num_classes(num_classes)
    x = layers.Dense(classes, use_bias=False, dtype="float32", name="head")(x)
    # Small logits at first: a high learning rate would throw the last layer about otherwise.
    x = layers.Rescaling(1 / 9, dtype="float32", name="logits")(x)
    return keras.Model(inputs, x, name="airbench")


def _convolution(x: Any, channels: int, name: str) -> Any:
    return layers.Conv2D(
        channels, 3, padding="same", use_bias=False, kernel_initializer=Dirac(), name=name
    )(x)


def _normalization(x: Any, name: str) -> Any:
    return FusedBatchNormalization(scale=False, name=f"{name}_norm")(x)
