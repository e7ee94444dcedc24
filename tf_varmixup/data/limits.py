"""What a dataset must keep to, checked before anything long begins, and resizing to it."""

import contextlib
import pathlib
from typing import Any

import numpy as np
import psutil
import tensorflow as tf

SMALLEST_SIDE = 8
# Where Linux says what a container may use, in its second and first version.
_CONTAINER = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def check_image_shape(name: str, shape: tuple[int, ...]) -> None:
    """Raise ValueError unless images are at least 8 x 8 and have 1 or 3 channels.

    Args:
        name: Whose images they are, for the message.
        shape: `(H, W, C)`.

    Raises:
        ValueError: If the shape is another.

    Example:
        >>> check_image_shape("digits", (8, 8, 1))
    """
    height, width, channels = shape
    if min(height, width) < SMALLEST_SIDE:
        raise ValueError(
            f"Expected images of {name!r} of at least {SMALLEST_SIDE} x {SMALLEST_SIDE}. "
            f"Received: {height} x {width}. Enlarge them with image_size."
        )
    if channels not in (1, 3):
        raise ValueError(
            f"Expected images of {name!r} with 1 or 3 channels. Received: {channels} channels."
        )


def fits_in_memory(count: int, shape: tuple[int, ...]) -> bool:
    """Return whether images, a byte per value, take at most half of the memory.

    They are kept once, and the other half is for models and for everything else.

    Args:
        count: How many.
        shape: `(H, W, C)`.

    Example:
        >>> fits_in_memory(1797, (8, 8, 1))
        True
    """
    return _needed(count, shape) <= _half_of_memory()


def check_memory(name: str, count: int, shape: tuple[int, ...], streams: bool = False) -> None:
    """Raise ValueError if images, a byte per value, exceed half of the memory.

    Args:
        name: Whose images they are, for the message.
        count: How many.
        shape: `(H, W, C)`.
        streams: Whether they could be streamed instead.

    Raises:
        ValueError: If they are too large.

    Example:
        >>> check_memory("digits", 1797, (8, 8, 1))
    """
    if not fits_in_memory(count, shape):
        raise ValueError(
            f"Expected images of {name!r} that fit into half of the memory "
            f"({_half_of_memory() / 2**30:.1f} GiB). Received: {count} images of "
            f"{' x '.join(map(str, shape))}, {_needed(count, shape) / 2**30:.1f} GiB. Shrink them "
            f"with image_size{', or stream them' * streams}."
        )


def _needed(count: int, shape: tuple[int, ...]) -> int:
    return count * int(np.prod(shape, dtype=np.int64))


def _half_of_memory() -> int:
    """Half of the machine's memory, or of what its container may use."""
    limits = [psutil.virtual_memory().total]
    for file in _CONTAINER:
        with contextlib.suppress(OSError, ValueError):  # where there is no limit, it is no number
            limits.append(int(pathlib.Path(file).read_text(encoding="ascii")))
    return min(limits) // 2


def resize(images: Any, image_size: int | tuple[int, int] | None) -> tf.Tensor:
    """Resize images, without keeping the aspect ratio.

    Bilinear with antialiasing: in shrinking, every pixel is a weighted mean of the area it
    replaces.

    Args:
        images: `uint8` tensor or array `(H, W, C)` or `(B, H, W, C)`.
        image_size: The new height and width, one number where they are the same, or None to leave
            the images as they are.

    Returns:
        A `uint8` tensor.

    Example:
        >>> resize(np.zeros((1, 64, 48, 3), np.uint8), 32).shape
        TensorShape([1, 32, 32, 3])
    """
    if image_size is None:
        return tf.convert_to_tensor(images)
    sizes = (image_size, image_size) if isinstance(image_size, int) else image_size
    resized = tf.image.resize(images, sizes, "bilinear", antialias=True)
    return tf.cast(tf.round(tf.clip_by_value(resized, 0.0, 255.0)), tf.uint8)
