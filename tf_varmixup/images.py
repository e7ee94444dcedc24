"""The border of images: 0..255 at every public door, [0, 1] where distributions are computed.

What an image's values mean never depends on its dtype, since Keras casts `uint8` to `float32` on
the way into `Sequential`, functional models and `predict`.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup.checks import check_choice

VALUE_RANGE = (0, 255)
VALUE_RANGES = (VALUE_RANGE, (0, 1))
_NORMALIZED = 5.0  # what images in [0, 1] hardly exceed in standard deviations


def to_unit(images: Any) -> tf.Tensor:
    """Convert images in 0..255 to `float32` in [0, 1].

    Args:
        images: Tensor or array `(..., H, W, C)` of any number type, in 0..255.

    Returns:
        A `float32` tensor of the same shape.

    Example:
        >>> float(to_unit(np.full((1, 8, 8, 1), 255.0))[0, 0, 0, 0])
        1.0
    """
    return tf.cast(images, tf.float32) * (1.0 / 255.0)


def from_unit(images: Any) -> tf.Tensor:
    """Convert images in [0, 1] to `float32` in 0..255, clipping what lies outside.

    Args:
        images: Tensor or array `(..., H, W, C)` of a floating type.

    Returns:
        A `float32` tensor of the same shape.

    Example:
        >>> float(from_unit(np.full((1, 8, 8, 1), 0.5, "float32"))[0, 0, 0, 0])
        127.5
    """
    return tf.clip_by_value(tf.cast(images, tf.float32), 0.0, 1.0) * 255.0


def to_uint8(images: Any) -> tf.Tensor:
    """Convert images in 0..255 to `uint8`: round to the nearest level and clip what lies outside.

    Args:
        images: Tensor or array `(..., H, W, C)` of any number type, in 0..255.

    Returns:
        A `uint8` tensor of the same shape.

    Example:
        >>> int(to_uint8(np.full((1, 8, 8, 1), 127.5, "float32"))[0, 0, 0, 0])
        128
    """
    images = tf.convert_to_tensor(images)
    if images.dtype == tf.uint8:
        return images
    return tf.cast(tf.round(tf.clip_by_value(tf.cast(images, tf.float32), 0.0, 255.0)), tf.uint8)


def check_value_range(value_range: Any) -> tuple[int, int]:
    """Return a `value_range` as a tuple, (0, 255) or (0, 1), or raise ValueError."""
    given = tuple(value_range) if isinstance(value_range, list | tuple) else value_range
    return check_choice("value_range", given, VALUE_RANGES)


def check_images(images: Any, image_shape: tuple[int | None, ...] | None = None) -> None:
    """Raise ValueError unless a batch has the type and shape of images.

    Only what is known without looking at the values is checked, so that it works while a graph is
    traced; see `check_values` for the rest.

    Args:
        images: Tensor or array, expected `uint8` or floating, `(B, H, W, C)` with C 1 or 3.
        image_shape: `(H, W, C)` that they must have, or None.

    Raises:
        ValueError: If the type or shape is another.

    Example:
        >>> check_images(np.zeros((2, 8, 8, 1), "uint8"))
    """
    if isinstance(images, dict):
        raise ValueError(
            "Expected a batch (images, labels), images (B, H, W, C). "
            f"Received: a dict with the keys {', '.join(map(str, images))}."
        )
    if not hasattr(images, "shape") or not hasattr(images, "dtype"):
        raise ValueError(f"Expected images (B, H, W, C). Received: {type(images).__name__}.")
    dtype, shape = tf.as_dtype(images.dtype), tf.TensorShape(images.shape)
    if dtype != tf.uint8 and not dtype.is_floating:
        raise ValueError(
            f"Expected images of type uint8 or floating, in 0..255. Received: {dtype.name}."
        )
    if shape.rank is not None and shape.rank != 4:
        hint = " Add the channel axis: images[..., None]." if shape.rank == 3 else ""
        raise ValueError(f"Expected images (B, H, W, C). Received: shape {shape}.{hint}")
    if shape.rank == 4 and shape[3] not in (1, 3, None):
        raise ValueError(f"Expected images (B, H, W, C) with C 1 or 3. Received: shape {shape}.")
    if image_shape is not None and not shape[1:].is_compatible_with(image_shape):
        raise ValueError(
            f"Expected images of shape (B, {', '.join(map(str, image_shape))}). "
            f"Received: shape {shape}."
        )


def check_values(images: Any, value_range: tuple[int, int] = VALUE_RANGE) -> None:
    """Raise ValueError if the values of images cannot lie in the stated range.

    Where 0..255 is expected, floating values that never exceed 1 are refused, and those that look
    like images in [0, 1] after an augmentation or a normalization: up to 5, some of them negative
    or no whole levels. Nothing is said of images that are all 0.

    Args:
        images: Array or eager tensor of images.
        value_range: (0, 255) or (0, 1), the range that they should be in.

    Raises:
        ValueError: If a value lies outside, is not a number, or all are far below.

    Example:
        >>> check_values(np.full((1, 8, 8, 1), 200.0))
    """
    images = np.asarray(images)
    if images.size == 0:
        return
    low, high = float(images.min()), float(images.max())  # NaN if one value is
    top = value_range[1]
    # A level of slack for what interpolation and compression overshoot.
    slack = top / 255.0
    if not (-slack <= low and high <= top + slack):
        hint = " Scale the images, or say value_range=(0, 255)." if top == 1 and low >= 0 else ""
        raise ValueError(
            f"Expected images in {value_range[0]}..{top}. Received: {low:g} to {high:g}.{hint}"
        )
    if top != 255 or images.dtype == np.uint8 or not 0.0 < high <= _NORMALIZED:
        return
    if high <= 1.0 or low < 0.0 or np.any(images != np.round(images)):
        what = "[0, 1]" if high <= 1.0 and low >= 0.0 else "[0, 1], normalized or augmented"
        raise ValueError(
            f"Expected images in 0..255. Received: {low:g} to {high:g}, which looks like {what}. "
            "Multiply them by 255, or say value_range=(0, 1)."
        )
