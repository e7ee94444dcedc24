"""The encoder and the decoder of the variational autoencoder, as functional Keras models.

Both work in [0, 1] and at a quarter of the image's resolution, where a convolution costs a
sixteenth; for images of more than 64 x 64 pixels, and again of more than 128 x 128, they go on to
half of that with twice the channels, so that a pixel of a large image costs no more. They normalize
nothing: with residual branches that start at zero they train without it, and batch statistics would
tie an image's latent to the others of its batch.
"""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from tf_varmixup.checks import check_choice, check_count

from .arguments import check_image_shape

STRIDE = 4
# The most pixels for which a quarter of the resolution is coarse enough, and an eighth.
LARGEST = (64**2, 128**2)
LATENTS = ("spatial", "flat", "circles")
# Pairs much shorter than the root of it, which say nothing, are not made as long as the others.
SOFTNESS = 0.01


def latent_shape(
    image_shape: Sequence[int], latent: str, latent_size: int | None = None
) -> tuple[int, ...]:
    """Return the shape of a latent, and check the shape of the images.

    Args:
        image_shape: `(H, W, C)`, with H and W of at least 8 and C 1 or 3.
        latent: `"spatial"`, `"flat"` or `"circles"`.
        latent_size: Channels of a map (default 8 at a quarter of the resolution, 16 at an eighth
            and 32 at a sixteenth; twice as many of circles, which are pairs), length of a flat
            latent (default 128).

    Returns:
        A tuple, `(ceil(H / S), ceil(W / S), channels)` or `(length,)`, where the stride S is 4 up
        to 64 x 64 pixels, 8 up to 128 x 128, and 16 beyond.

    Raises:
        ValueError: For anything else.

    Example:
        >>> latent_shape((28, 28, 1), "spatial")
        (7, 7, 8)
        >>> latent_shape((224, 224, 3), "spatial")
        (14, 14, 32)
    """
    image_shape = check_image_shape(image_shape, smallest=8)
    check_choice("latent", latent, LATENTS)
    if latent_size is not None:
        latent_size = check_count("latent_size", latent_size)
    if latent == "flat":
        return (latent_size or 128,)
    deeper = 2 ** _halvings(image_shape)
    if latent == "spatial":
        return (*_grid(image_shape), latent_size or 8 * deeper)
    if latent_size is not None and latent_size % 2:
        raise ValueError(
            f"Expected latent_size to be even for circles, pairs. Received: {latent_size}."
        )
    return (*_grid(image_shape), latent_size or 16 * deeper)


def encoder_network(
    image_shape: Sequence[int], latent_shape: Sequence[int], width: int, blocks: int, dtype: Any
) -> keras.Model:
    """Build the network from images to posterior statistics.

    Args:
        image_shape: `(H, W, C)`.
        latent_shape: Shape of a latent, as from `latent_shape`.
        width: Channels of the hidden layers at a quarter of the resolution.
        blocks: Number of residual blocks where the latents are.
        dtype: Dtype policy of the layers; the output is `float32`.

    Returns:
        A `keras.Model` from `float32 (B, H, W, C)` in [0, 1] to `float32` means and logarithms of
        standard deviations, concatenated on the last axis.

    Example:
        >>> encoder_network((8, 8, 1), (2, 2, 3), 4, 1, "float32").output_shape
        (None, 2, 2, 6)
    """
    inputs = keras.Input(image_shape, dtype="float32", name="images")
    # Roughly centered images; overlapping patches keep the grid of strides out of the latents.
    x = layers.Rescaling(4.0, -2.0, dtype=dtype, name="center")(inputs)
    x = layers.Conv2D(width, 2 * STRIDE, STRIDE, padding="same", dtype=dtype, name="patches")(x)
    for level in range(_halvings(image_shape)):
        x = _residual_block(x, width, dtype, f"level{level + 1}")
        x = layers.Activation("relu", dtype=dtype, name=f"level{level + 1}_relu")(x)
        width *= 2
        x = layers.Conv2D(width, 4, 2, padding="same", dtype=dtype, name=f"halved{level + 1}")(x)
    for index in range(blocks):
        x = _residual_block(x, width, dtype, f"block{index + 1}")
    x = layers.Activation("relu", dtype=dtype, name="relu")(x)
    if len(latent_shape) == 1:
        x = layers.Flatten(dtype=dtype, name="flatten")(x)
        x = layers.Dense(2 * latent_shape[0], dtype="float32", name="statistics")(x)
    else:
        x = layers.Conv2D(2 * latent_shape[-1], 1, dtype="float32", name="statistics")(x)
    return keras.Model(inputs, x, name="encoder")


def decoder_network(
    image_shape: Sequence[int],
    latent_shape: Sequence[int],
    width: int,
    blocks: int,
    dtype: Any,
    circles: bool = False,
) -> keras.Model:
    """Build the network from latents to images.

    Args:
        image_shape: `(H, W, C)`.
        latent_shape: Shape of a latent.
        width: Channels of the hidden layers at a quarter of the resolution.
        blocks: Number of residual blocks where the latents are.
        dtype: Dtype policy of the layers; the output is `float32`.
        circles: Whether only the direction of each pair of channels is decoded.

    Returns:
        A `keras.Model` from `float32 (B, *latent_shape)` to `float32 (B, H, W, C)` around [0, 1],
        not clipped.

    Raises:
        ValueError: For a flat latent and a width that is not a multiple of 4.

    Example:
        >>> decoder_network((9, 8, 1), (3, 2, 3), 4, 1, "float32").output_shape
        (None, 9, 8, 1)
    """
    grid, channels = _grid(image_shape), image_shape[-1]
    if len(latent_shape) == 1 and width % 4:
        raise ValueError(
            f"Expected width to be a multiple of 4 for a flat latent. Received: {width!r}."
        )
    halvings = _halvings(image_shape)
    width *= 2**halvings
    inputs = x = keras.Input(latent_shape, dtype="float32", name="latents")
    if circles:
        x = _directions(x, latent_shape)
    if len(latent_shape) == 1:
        x = layers.Dense(math.prod(grid) * width // 4, dtype=dtype, name="spread")(x)
        x = layers.Reshape((*grid, width // 4), dtype=dtype, name="grid")(x)
    x = layers.Conv2D(width, 3, padding="same", dtype=dtype, name="entry")(x)
    for index in range(blocks):
        x = _residual_block(x, width, dtype, f"block{index + 1}")
    x = layers.Activation("relu", dtype=dtype, name="relu")(x)
    for level in reversed(range(halvings)):
        width //= 2
        x = layers.Conv2D(4 * width, 1, dtype=dtype, name=f"doubled{level + 1}")(x)
        x = _shuffled(x, 2, width, dtype, f"level{level + 1}")
        x = _residual_block(x, width, dtype, f"level{level + 1}")
        x = layers.Activation("relu", dtype=dtype, name=f"level{level + 1}_relu")(x)
    # A transposed convolution doubles the time of decoding on a CPU.
    x = layers.Conv2D(STRIDE**2 * channels, 3, padding="same", dtype=dtype, name="pixels")(x)
    x = _shuffled(x, STRIDE, channels, "float32")
    excess = [found - wanted for found, wanted in zip(x.shape[1:3], image_shape, strict=False)]
    if any(excess):
        cropping = [(extra // 2, extra - extra // 2) for extra in excess]
        x = layers.Cropping2D(cropping, dtype="float32", name="crop")(x)
    x = layers.Rescaling(0.25, 0.5, dtype="float32", name="uncenter")(x)
    return keras.Model(inputs, x, name="decoder")


def _halvings(image_shape: Sequence[int]) -> int:
    """Return how often the resolution is halved after the first quarter."""
    pixels = image_shape[0] * image_shape[1]
    return sum(pixels > largest for largest in LARGEST)


def _grid(image_shape: Sequence[int]) -> tuple[int, int]:
    stride = STRIDE * 2 ** _halvings(image_shape)
    return math.ceil(image_shape[0] / stride), math.ceil(image_shape[1] / stride)


def _shuffled(x: Any, stride: int, channels: int, dtype: Any, name: str | None = None) -> Any:
    """Make squares of pixels of the channels of each position.

    Sub-pixel convolution (Shi et al., arXiv 1609.05158) is this after a convolution.
    """
    _, rows, columns, _ = x.shape
    names = [f"{name}_{part}" if name else part for part in ("squares", "rows", "shuffled")]
    squares = (rows, columns, stride, stride, channels)
    larger = (stride * rows, stride * columns, channels)
    x = layers.Reshape(squares, dtype=dtype, name=names[0])(x)
    x = layers.Permute((1, 3, 2, 4, 5), dtype=dtype, name=names[1])(x)
    return layers.Reshape(larger, dtype=dtype, name=names[2])(x)


def _directions(x: Any, latent_shape: Sequence[int]) -> Any:
    """Divide each pair of channels by its root mean square."""
    *grid, channels = latent_shape
    x = layers.Reshape((*grid, channels // 2, 2), dtype="float32", name="pairs")(x)
    x *= keras.ops.rsqrt(keras.ops.mean(keras.ops.square(x), -1, keepdims=True) + SOFTNESS)
    return layers.Reshape(latent_shape, dtype="float32", name="directions")(x)


def _residual_block(x: Any, width: int, dtype: Any, name: str) -> Any:
    y = layers.Conv2D(
        width, 3, padding="same", activation="relu", dtype=dtype, name=f"{name}_conv1"
    )(x)
    y = layers.Conv2D(width, 1, kernel_initializer="zeros", dtype=dtype, name=f"{name}_conv2")(y)
    return layers.Add(dtype=dtype, name=f"{name}_add")([x, y])
