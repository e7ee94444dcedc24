"""What every operation does with its arguments."""

from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup.images import check_images, to_uint8

MAX_LEVEL = 10


def prepare(images: Any) -> tf.Tensor:
    """Return images of any type as `uint8`, `(B, H, W, C)`, or raise ValueError.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255, C 1 or 3.

    Returns:
        A `uint8` tensor of the same shape.

    Example:
        >>> prepare(np.full((1, 2, 2, 1), 7.6)).numpy().ravel().tolist()
        [8, 8, 8, 8]
    """
    images = tf.convert_to_tensor(images)
    check_images(images)
    if not images.shape[1:].is_fully_defined():
        raise ValueError(
            f"Expected images (B, H, W, C) with known H, W and C. Received: shape {images.shape}."
        )
    return to_uint8(images)


def magnitudes(level: Any, largest: float, images: tf.Tensor) -> tf.Tensor:
    """Scale levels of 0..10 to what an operation does at most.

    Args:
        level: Number, or numbers `(B,)`.
        largest: Magnitude at level 10.
        images: The batch that they are for.

    Returns:
        A `float64` tensor `(B,)`, since a level's last digit may decide what a pixel becomes.

    Example:
        >>> magnitudes(2.5, 30, tf.zeros((2, 8, 8, 1))).numpy().tolist()
        [7.5, 7.5]
    """
    if not tf.is_tensor(level):
        level = np.asarray(level, np.float64)
    return _per_image("level", tf.cast(level, tf.float64), images) * largest / MAX_LEVEL


def signs(sign: Any, images: tf.Tensor) -> tf.Tensor:
    """Return a sign per image.

    Args:
        sign: 1 or -1, or as many `(B,)`.
        images: The batch that they are for.

    Returns:
        A `float64` tensor `(B,)`.

    Example:
        >>> signs(-1, tf.zeros((2, 8, 8, 1))).numpy().tolist()
        [-1.0, -1.0]
    """
    return _per_image("sign", tf.cast(sign, tf.float64), images)


def rounded(product: tf.Tensor) -> tf.Tensor:
    """Return a product as it is, rounded before a number is added to it.

    XLA would make one instruction of a product and a sum, with another last digit. It does not
    across the bound that stands here and is never reached.

    Args:
        product: Floating tensor.

    Returns:
        A tensor of the same values.

    Example:
        >>> float(rounded(tf.constant(3.0)))
        3.0
    """
    return tf.minimum(product, 1e30)


def _per_image(name: str, values: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
    if values.shape.rank not in (0, 1):
        raise ValueError(f"Expected {name} to be a number or (B,). Received: shape {values.shape}.")
    return tf.broadcast_to(values, tf.shape(images)[:1])
