"""The encoder and the decoder of the variational autoencoder, as functional Keras models.

Both work in [0, 1] and at a quarter of the image's resolution, where a convolution costs a
sixteenth, and normalize nothing: with residual branches that start at zero they train without it,
and batch statistics would tie an image's latent to the others of its batch.
"""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from tf_varmixup.checks import check_choice, check_count

from .arguments import check_image_shape

STRIDE = 4
LATENTS = ("spatial", "flat", "circles")
# Pairs much shorter than the root of it, which say nothing, are not made as long as the others.
SOFTNESS = 0.01


def latent_shape(
    image_shape: Sequence[int], latent: str, latent_size: int | None = None
) -> tuple[int, ...]:
    """Return the shape of a latent, and check the shape of the images.

    Args:
        image_shape: `(H, W, C)`, with H and W from 8 to 64 and C 1 or 3.
        latent: `"spatial"`, `"flat"` or `"circles"`.
        latent_size: Channels of a map (default 8; 16 of circles, which are pairs), length of a flat
            latent (default 128).

    Returns:
        A tuple, `(ceil(H / 4), ceil(W / 4), channels)` or `(length,)`.

    Raises:
        ValueError: For anything else.

    Example:
        >>> latent_shape((28, 28, 1), "spatial")
        (7, 7, 8)
    """
    image_shape = check_image_shape(image_shape, smallest=8, largest=64)
    check_choice("latent", latent, LATENTS)
    if latent_size is not None:
        latent_size = check_count("latent_size", latent_size)
    if latent == "flat":
        return (latent_size or 128,)
    if latent == "spatial":
        return (*_grid(image_shape), latent_size or 8)
    if latent_size is not None and latent_size % 2:
        raise ValueError(
            f"Expected latent_size to be even for circles, pairs. Received: {latent_size}."
        )
    return (*_grid(image_shape), latent_size or 16)


def encoder_network(
    image_shape: Sequence[int], latent_shape: Sequence[int], width: int, blocks: int, dtype: Any
) -> keras.Model:
    """Build the network from images to posterior statistics.

    Args:
        image_shape: `(H, W, C)`.
        latent_shape: Shape of a latent, as from `latent_shape`.
        width: Channels of the hidden layers.
        blocks: Number of residual blocks.
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
        width: Channels of the hidden layers.
        blocks: Number of residual blocks.
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
    (rows, columns), channels = _grid(image_shape), image_shape[-1]
    inputs = x = keras.Input(latent_shape, dtype="float32", name="latents")
    if circles:
        x = _directions(x, latent_shape)
    if len(latent_shape) == 1:
        if width % 4:
            raise ValueError(
                f"Expected width to be a multiple of 4 for a flat latent. Received: {width!r}."
            )
        x = layers.Dense(rows * columns * width // 4, dtype=dtype, name="spread")(x)
        x = layers.Reshape((rows, columns, width // 4), dtype=dtype, name="grid")(x)
    x = layers.Conv2D(width, 3, padding="same", dtype=dtype, name="entry")(x)
    for index in range(blocks):
        x = _residual_block(x, width, dtype, f"block{index + 1}")
    x = layers.Activation("relu", dtype=dtype, name="relu")(x)
    # Sub-pixel convolution (Shi et al., arXiv 1609.05158): a transposed one doubles the time of
    # decoding on a CPU.
    x = layers.Conv2D(STRIDE**2 * channels, 3, padding="same", dtype=dtype, name="pixels")(x)
    squares = (rows, columns, STRIDE, STRIDE, channels)
    x = layers.Reshape(squares, dtype="float32", name="squares")(x)
    x = layers.Permute((1, 3, 2, 4, 5), dtype="float32", name="rows")(x)
    shuffled = (STRIDE * rows, STRIDE * columns, channels)
    x = layers.Reshape(shuffled, dtype="float32", name="shuffled")(x)
    excess = [STRIDE * rows - image_shape[0], STRIDE * columns - image_shape[1]]
    if any(excess):
        cropping = [(extra // 2, extra - extra // 2) for extra in excess]
        x = layers.Cropping2D(cropping, dtype="float32", name="crop")(x)
    x = layers.Rescaling(0.25, 0.5, dtype="float32", name="uncenter")(x)
    return keras.Model(inputs, x, name="decoder")


def _grid(image_shape: Sequence[int]) -> tuple[int, int]:
    return math.ceil(image_shape[0] / STRIDE), math.ceil(image_shape[1] / STRIDE)


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
