"""The arguments of `corrupt`, checked."""

import operator
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup.checks import check_choice
from tf_varmixup.corruptions.names import CORRUPTIONS, SEVERITIES
from tf_varmixup.draws import run_seed

SMALLEST_SIDE = 8


def check_cell(corruption: str, severity: int) -> int:
    """Return the severity as a Python integer, or raise ValueError for an unknown cell.

    Args:
        corruption: Expected to be one of `CORRUPTIONS`.
        severity: Expected to be an integer, NumPy's included, from 1 to 5.

    Returns:
        The severity.

    Raises:
        ValueError: If there is no such corruption or severity.

    Example:
        >>> check_cell("fog", np.int64(3))
        3
    """
    check_choice("corruption", corruption, CORRUPTIONS)
    try:
        number = None if isinstance(severity, (bool, np.bool_)) else operator.index(severity)
    except TypeError:
        number = None
    if number not in SEVERITIES:
        raise ValueError(f"Expected severity to be an integer from 1 to 5. Received: {severity!r}.")
    return number


def check_images(images: tf.Tensor | np.ndarray) -> None:
    """Raise ValueError unless a batch of images can be corrupted.

    Args:
        images: Tensor or array, expected `uint8 (B, H, W, C)` with H and W at least 8 and C 1 or 3.

    Raises:
        ValueError: If the type or shape is another.

    Example:
        >>> check_images(np.zeros((2, 8, 8, 1), "uint8"))
    """
    if images.dtype != np.uint8:
        raise ValueError(
            f"Expected images of type uint8. Received: {images.dtype.name}. "
            "Convert them with tf_varmixup.images.to_uint8."
        )
    shape = tuple(images.shape)
    if len(shape) != 4:
        hint = " Add the channel axis: images[..., None]." if len(shape) == 3 else ""
        raise ValueError(f"Expected images (B, H, W, C). Received: shape {shape}.{hint}")
    _, height, width, channels = shape
    if channels not in (1, 3):
        raise ValueError(f"Expected images (B, H, W, C) with C 1 or 3. Received: shape {shape}.")
    if height is None or width is None or min(height, width) < SMALLEST_SIDE:
        raise ValueError(
            f"Expected images of a known size of at least {SMALLEST_SIDE} x {SMALLEST_SIDE} "
            f"pixels. Received: {height} x {width}."
        )


def checked_seed(seed: Any) -> tf.Tensor:
    """Return a Python integer or an `int32` tensor `(2,)` as the latter, or raise ValueError."""
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool):
        return run_seed(int(seed))
    if not tf.is_tensor(seed) or seed.dtype != tf.int32 or tuple(seed.shape) != (2,):
        raise ValueError(
            f"Expected seed to be a Python integer or an int32 tensor (2,). Received: {seed!r}."
        )
    return seed


def checked_indices(indices: Any, count: int | None) -> tf.Tensor:
    """Return indices as `int32`, or raise unless they can be the numbers of `count` images.

    The count is None where it is not known.
    """
    known: Any = (
        indices if tf.is_tensor(indices) and not hasattr(indices, "numpy") else np.asarray(indices)
    )
    fits = len(known.shape) == 0 or (
        len(known.shape) == 1 and (None in (count, known.shape[0]) or known.shape[0] == count)
    )
    is_integer = known.dtype.is_integer if tf.is_tensor(known) else known.dtype.kind in "iu"
    is_negative = isinstance(known, np.ndarray) and is_integer and known.size and known.min() < 0
    if not fits or not is_integer or is_negative:
        raise ValueError(
            f"Expected indices to be one integer, or one for each of {count} images, none "
            f"negative. Received: {indices!r}."
        )
    return tf.cast(known, tf.int32)
