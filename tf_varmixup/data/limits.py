"""What a data set must keep to, checked before anything long begins, and how pictures are resized
to it."""

import numpy as np
import psutil
import tensorflow as tf

SMALLEST_SIDE = 8


def check_image_shape(name, shape):
    """Raise ValueError unless pictures of `shape` `(H, W, C)` are at least 8 x 8 and have 1 or 3
    channels.

    Example:
        >>> check_image_shape("digits", (8, 8, 1))
    """
    height, width, channels = shape
    if min(height, width) < SMALLEST_SIDE:
        raise ValueError(
            f"pictures of {name!r} are {height} x {width}; at least {SMALLEST_SIDE} x {SMALLEST_SIDE} are needed"
        )
    if channels not in (1, 3):
        raise ValueError(f"pictures of {name!r} have {channels} channels; 1 or 3 are expected")


def check_memory(name, count, shape):
    """Raise ValueError if `count` pictures of `shape` `(H, W, C)`, a byte a value, exceed half of
    the physical memory.

    Example:
        >>> check_memory("cifar10", 60_000, (32, 32, 3))
    """
    needed = count * int(np.prod(shape, dtype=np.int64))
    available = psutil.virtual_memory().total // 2
    if needed > available:
        raise ValueError(
            f"{name!r} needs {needed / 2**30:.1f} GiB for {count} pictures of {' x '.join(map(str, shape))}, "
            f"more than half of the memory ({available / 2**30:.1f} GiB); a smaller image_size (--image_size) may fit"
        )


def resize(images, image_size):
    """Resize pictures to a square, without keeping the aspect ratio.

    Bilinear with antialiasing: in shrinking, every pixel is a weighted mean of the area it
        replaces.

    Args:
        images: `uint8` tensor `(H, W, C)` or `(B, H, W, C)`.
        image_size: int, the new height and width, or None to leave the pictures as they are.

    Returns:
        A `uint8` tensor.

    Example:
        >>> resize(np.zeros((1, 64, 48, 3), np.uint8), 32).shape
        TensorShape([1, 32, 32, 3])
    """
    if image_size is None:
        return tf.convert_to_tensor(images)
    resized = tf.image.resize(images, (image_size, image_size), "bilinear", antialias=True)
    return tf.cast(tf.round(tf.clip_by_value(resized, 0.0, 255.0)), tf.uint8)
