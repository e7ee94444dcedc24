"""Wide residual networks."""

import keras
from keras import layers

from .fused_batch_normalization import FusedBatchNormalization


def wide_resnet(depth=28, width=10, image_shape=(32, 32, 3), num_classes=10):
    """Build WRN-depth-width: three stages of pre-activation blocks with 16, 32 and 64 times `width`
    channels.

    Args:
        depth: 6 n + 4 for n blocks a stage, for instance 16, 28 or 40.
        width: widening factor, a positive integer.
        image_shape: `(H, W, C)`.
        num_classes: number of classes K.

    Returns:
        A `keras.Model` from `float32 (B, H, W, C)` in [0, 1] to `float32` logits `(B, K)`.

    Raises:
        ValueError: for a depth that is not 6 n + 4 or a width below 1.

    Example:
        >>> wide_resnet(16, 4).name
        'wrn-16-4'

    Source: Zagoruyko and Komodakis, "Wide Residual Networks", arXiv 1605.07146.
    """
    check_depth_and_width(depth, width)
    inputs = keras.Input(image_shape, name="images")
    x = layers.Rescaling(4.0 / 255.0, -2.0, dtype="float32", name="center")(inputs)
    x = _convolution(x, 16, 1, "stem")
    for stage in range(1, 4):
        for block in range(1, (depth - 4) // 6 + 1):
            x = _block(
                x,
                8 * 2**stage * width,
                2 if stage > 1 and block == 1 else 1,
                f"stage{stage}_block{block}",
            )
    x = _activation(x, "head")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(
        inputs,
        layers.Dense(num_classes, dtype="float32", name="logits")(x),
        name=f"wrn-{depth}-{width}",
    )


def check_depth_and_width(depth, width):
    """Raise ValueError if there is no WRN-depth-width."""
    if depth < 10 or (depth - 4) % 6:
        raise ValueError(
            f"depth must be 6 n + 4 with n at least 1, such as 16, 28 or 40; received {depth!r}."
        )
    if width < 1:
        raise ValueError(f"width must be at least 1, received {width!r}.")


def _block(x, channels, strides, name):
    y = _activation(x, f"{name}_1")
    if strides == 1 and x.shape[-1] == channels:
        shortcut = x
    else:
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
    return layers.Add(name=f"{name}_add")([y, shortcut])


def _activation(x, name):
    return layers.Activation("relu", name=f"{name}_relu")(
        FusedBatchNormalization(name=f"{name}_norm")(x)
    )


def _convolution(x, channels, strides, name):
    return layers.Conv2D(
        channels,
        3,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
