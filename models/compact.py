"""A small classifier for quick runs."""

import keras
from keras import layers

from .fused_batch_normalization import FusedBatchNormalization


def compact(image_shape=(32, 32, 3), num_classes=10, width=48):
    """Build a small residual network with one convolution a block, for a few epochs in a minute on
    a CPU.

    Nothing is computed at full resolution, where elementwise operations on a CPU cost as much as
        convolutions: a strided 4 x 4 convolution
    halves it at once. Three stages of `width`, 2 and 4 times `width` channels each hold a
    convolution that changes the resolution and one residual convolution. At 32 x 32 and width 48
    that is 0.65 million parameters and 22 million multiplications a picture.

    Args:
        image_shape: `(H, W, C)`.
        num_classes: number of classes K.
        width: channels of the first stage.

    Returns:
        A `keras.Model` from `float32 (B, H, W, C)` in [0, 1] to `float32` logits `(B, K)`.

    Example:
        >>> compact((28, 28, 1), 10).output_shape
        (None, 10)
    """
    inputs = keras.Input(image_shape, name="images")
    x = layers.Rescaling(4.0 / 255.0, -2.0, dtype="float32", name="center")(inputs)
    for stage, kernel in enumerate((4, 3, 3), start=1):
        channels = width * 2 ** (stage - 1)
        x = _convolution(x, channels, kernel, 2, f"stage{stage}_down")
        x = layers.Add(name=f"stage{stage}_add")(
            [x, _convolution(x, channels, 3, 1, f"stage{stage}_residual")]
        )
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(
        inputs, layers.Dense(num_classes, dtype="float32", name="logits")(x), name="compact"
    )


def _convolution(x, channels, kernel, strides, name):
    x = layers.Conv2D(
        channels,
        kernel,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    return layers.Activation("relu", name=f"{name}_relu")(
        FusedBatchNormalization(name=f"{name}_norm")(x)
    )
