"""The encoder and the decoder of the variational autoencoder, as functional Keras models.

Both work at a quarter of the picture's resolution, where a convolution costs a sixteenth, and
    normalise nothing: with residual branches
that start at zero they train without it, and batch statistics would tie a picture's code to the
others of its batch.
"""

import math

import keras
from keras import layers

STRIDE = 4


def latent_shape(image_shape, latent, latent_size=None):
    """Return the shape of a latent, and check the shape of the pictures.

    Args:
        image_shape: `(H, W, C)`, with H and W from 8 to 64 and C 1 or 3.
        latent: `"spatial"` or `"flat"`.
        latent_size: channels of a spatial latent (default 8), length of a flat one (default 128).

    Returns:
        A tuple, `(ceil(H / 4), ceil(W / 4), channels)` or `(length,)`.

    Raises:
        ValueError: for anything else.

    Example:
        >>> latent_shape((28, 28, 1), "spatial")
        (7, 7, 8)
    """
    if (
        len(image_shape) != 3
        or not all(8 <= size <= 64 for size in image_shape[:2])
        or image_shape[2] not in (1, 3)
    ):
        raise ValueError(
            f"image_shape must be (H, W, C) with H and W from 8 to 64 and C 1 or 3, received {tuple(image_shape)}."
        )
    if latent_size is not None and not latent_size > 0:
        raise ValueError(f"latent_size must be positive, received {latent_size!r}.")
    if latent == "spatial":
        return (*_grid(image_shape), latent_size or 8)
    if latent == "flat":
        return (latent_size or 128,)
    raise ValueError(f"latent must be 'spatial' or 'flat', received {latent!r}.")


def encoder_network(image_shape, latent_shape, width, blocks, dtype):
    """Build the network from pictures to posterior statistics.

    Args:
        image_shape: `(H, W, C)`.
        latent_shape: shape of a latent, as from `latent_shape`.
        width: channels of the hidden layers.
        blocks: number of residual blocks.
        dtype: dtype policy of the layers; the output is `float32`.

    Returns:
        A `keras.Model` from `float32 (B, H, W, C)` in [0, 1] to `float32` means and logarithms of
        standard deviations, concatenated on the last axis.
    """
    inputs = keras.Input(image_shape, dtype="float32", name="images")
    # Pictures in [0, 1] are centred roughly; overlapping patches keep the grid of strides out of
    # the codes.
    x = layers.Rescaling(4.0, -2.0, dtype=dtype, name="centre")(inputs)
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


def decoder_network(image_shape, latent_shape, width, blocks, dtype):
    """Build the network from latents to pictures.

    Args:
        image_shape: `(H, W, C)`.
        latent_shape: shape of a latent.
        width: channels of the hidden layers.
        blocks: number of residual blocks.
        dtype: dtype policy of the layers; the output is `float32`.

    Returns:
        A `keras.Model` from `float32 (B, *latent_shape)` to `float32 (B, H, W, C)`, not clipped.
    """
    inputs = x = keras.Input(latent_shape, dtype="float32", name="latents")
    if len(latent_shape) == 1:
        height, wide = _grid(image_shape)
        x = layers.Dense(height * wide * width // 4, dtype=dtype, name="spread")(x)
        x = layers.Reshape((height, wide, width // 4), dtype=dtype, name="grid")(x)
    x = layers.Conv2D(width, 3, padding="same", dtype=dtype, name="entry")(x)
    for index in range(blocks):
        x = _residual_block(x, width, dtype, f"block{index + 1}")
    x = layers.Activation("relu", dtype=dtype, name="relu")(x)
    # Sub-pixel convolution (Shi et al., arXiv 1609.05158): a transposed one doubles the time of
    # decoding on a CPU.
    x = layers.Conv2D(STRIDE**2 * image_shape[-1], 3, padding="same", dtype=dtype, name="pixels")(x)
    height, wide = _grid(image_shape)
    x = layers.Reshape(
        (height, wide, STRIDE, STRIDE, image_shape[-1]), dtype="float32", name="squares"
    )(x)
    x = layers.Permute((1, 3, 2, 4, 5), dtype="float32", name="rows")(x)
    x = layers.Reshape(
        (STRIDE * height, STRIDE * wide, image_shape[-1]), dtype="float32", name="shuffled"
    )(x)
    excess = [
        STRIDE * cells - size for cells, size in zip(_grid(image_shape), image_shape, strict=False)
    ]
    if any(excess):
        x = layers.Cropping2D(
            [(extra // 2, extra - extra // 2) for extra in excess], dtype="float32", name="crop"
        )(x)
    x = layers.Rescaling(0.25, 0.5, dtype="float32", name="uncentre")(x)
    return keras.Model(inputs, x, name="decoder")


def _grid(image_shape):
    return tuple(math.ceil(size / STRIDE) for size in image_shape[:2])


def _residual_block(x, width, dtype, name):
    y = layers.Conv2D(
        width, 3, padding="same", activation="relu", dtype=dtype, name=f"{name}_conv1"
    )(x)
    y = layers.Conv2D(width, 1, kernel_initializer="zeros", dtype=dtype, name=f"{name}_conv2")(y)
    return layers.Add(dtype=dtype, name=f"{name}_add")([x, y])
