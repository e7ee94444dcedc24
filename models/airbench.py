"""A fast convolutional network, the default classifier."""

import keras
from keras import layers

from .dirac import Dirac
from .fused_batch_normalization import FusedBatchNormalization


def airbench(image_shape=(32, 32, 3), num_classes=10, widths=(64, 256, 256)):
    """Build the default classifier: the network of cifar10-airbench, which is made for accuracy per
    second of training.

    Of what was tried for a few minutes on a CPU, it is right most often (docs/performance.md). A
    small convolution at full resolution is followed by three stages of two convolutions with a
    maximum over 2 x 2 between them, each started as the identity as far as its channels
    allow. There are few normalisations and no residual sums: on a CPU what passes over memory costs
        as much as convolutions do. At 32 x 32
    and the default widths that is 2 million parameters and 122 million multiplications a picture.

    It differs from the published network in three ways. The first convolution is learned: one that
        whitens patches, as published, amplifies
    fine detail, so that a little noise makes the classifier wrong, and is right no more often here.
    ReLU stands in for GELU, which TensorFlow computes twenty times slower on a CPU. Offsets learn
    at the common rate.

    Args:
        image_shape: `(H, W, C)`, H and W at least 2.
        num_classes: number of classes K.
        widths: channels of the stages.

    Returns:
        A `keras.Model` from `float32 (B, H, W, C)` in [0, 1] to `float32` logits `(B, K)`.

    Example:
        >>> airbench((28, 28, 1), 10).output_shape
        (None, 10)

    Source: Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", arXiv 2404.00498.
    """
    inputs = keras.Input(image_shape, name="images")
    x = layers.Rescaling(4.0 / 255.0, -2.0, dtype="float32", name="center")(inputs)
    x = layers.Conv2D(32, 2, use_bias=False, kernel_initializer="he_normal", name="stem")(x)
    x = _activation(x, "stem")
    padding = (
        "same" if min(image_shape[:2]) < 16 else "valid"
    )  # the last of an odd number of rows may go where there are many
    for stage, channels in enumerate(widths, start=1):
        x = _convolution(x, channels, f"stage{stage}_conv1")
        x = layers.MaxPooling2D(2, padding=padding, name=f"stage{stage}_pool")(x)
        x = _activation(x, f"stage{stage}_conv1")
        x = _activation(_convolution(x, channels, f"stage{stage}_conv2"), f"stage{stage}_conv2")
    x = layers.GlobalMaxPooling2D(name="pool")(x)
    x = layers.Dense(num_classes, use_bias=False, dtype="float32", name="head")(x)
    # Small logits at first: a high learning rate would throw the last layer about otherwise.
    return keras.Model(
        inputs, layers.Rescaling(1 / 9, dtype="float32", name="logits")(x), name="airbench"
    )


def _convolution(x, channels, name):
    return layers.Conv2D(
        channels, 3, padding="same", use_bias=False, kernel_initializer=Dirac(), name=name
    )(x)


def _activation(x, name):
    return layers.Activation("relu", name=f"{name}_relu")(
        FusedBatchNormalization(scale=False, name=f"{name}_norm")(x)
    )
