"""Read pixels at other places of their image, as Pillow's affine transformation does."""

import tensorflow as tf

from tf_varmixup.augmentations.arguments import rounded


def centers(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return where the centers of the pixels lie.

    Args:
        images: Tensor `(B, H, W, C)`.

    Returns:
        `float64 (1, 1, W)`, pixels from the left, and `(1, H, 1)`, from the top.

    Example:
        >>> centers(tf.zeros((1, 2, 3, 1)))[0].numpy().ravel().tolist()
        [0.5, 1.5, 2.5]
    """
    height, width = images.shape[1:3]
    right, down = (tf.range(size, dtype=tf.float64) + 0.5 for size in (width, height))
    return right[None, None, :], down[None, :, None]


def shift(images: tf.Tensor, pixels: tf.Tensor, axis: int) -> tf.Tensor:
    """Read each pixel some whole pixels further on, black from outside.

    Args:
        images: `uint8 (B, H, W, C)`.
        pixels: `int32 (B,)`.
        axis: 1 for down, 2 for to the right.

    Returns:
        Images `uint8 (B, H, W, C)`.

    Example:
        >>> row = tf.constant([1, 2, 3], tf.uint8, (1, 1, 3, 1))
        >>> shift(row, tf.constant([1]), axis=2).numpy().ravel().tolist()
        [2, 3, 0]
    """
    _, height, width, channels = images.shape
    size = images.shape[axis]
    place = tf.range(size) + pixels[:, None]
    inside = (place >= 0) & (place < size)
    if axis == 1:  # whole rows
        index = _index(images, height, inside, place)
        return tf.reshape(
            tf.gather(_after_black(images, width * channels), index), tf.shape(images)
        )
    place, inside = place[:, None, :], inside[:, None, :]
    index = _index(images, height * width, inside, place + _along(tf.range(height) * width, 1))
    return tf.gather(_after_black(images, channels), index)


def interpolate(images: tf.Tensor, place: tf.Tensor, axis: int) -> tf.Tensor:
    """Read between two pixels along one axis, black from outside.

    Args:
        images: `uint8 (B, H, W, C)`.
        place: `float64 (B, H, W)` along the axis, the first pixel's center at 0.5.
        axis: 1 for down, 2 for to the right.

    Returns:
        Images `uint8 (B, H, W, C)`, without the fraction.

    Example:
        >>> row = tf.constant([1, 2, 3], tf.uint8, (1, 1, 3, 1))
        >>> place = tf.constant([1.5, 2.1, 3.0], tf.float64, (1, 1, 3))
        >>> interpolate(row, place, axis=2).numpy().ravel().tolist()
        [2, 2, 0]
    """
    _, height, width, channels = images.shape
    size, pixels = images.shape[axis], _after_black(images, channels)
    inside = (place >= 0.0) & (place < size)
    first, second, share = _neighbors(place, size)
    if axis == 1:
        first, second = width * first, width * second
        across = _along(tf.range(width), 2)
    else:
        across = _along(tf.range(height) * width, 1)
    start, end = (
        _read(pixels, _index(images, height * width, inside, one + across))
        for one in (first, second)
    )
    return tf.cast(_blend(start, end, share), tf.uint8)


def interpolate_both(images: tf.Tensor, right: tf.Tensor, down: tf.Tensor) -> tf.Tensor:
    """Read between four pixels, black from outside.

    Args:
        images: `uint8 (B, H, W, C)`.
        right: `float64 (B, H, W)`, places from the left, the first pixel's center at 0.5.
        down: `float64 (B, H, W)`, places from the top.

    Returns:
        Images `uint8 (B, H, W, C)`, without the fraction.

    Example:
        >>> images = tf.constant([1, 2, 3, 4], tf.uint8, (1, 2, 2, 1))
        >>> middle = tf.ones((1, 2, 2), tf.float64)
        >>> interpolate_both(images, middle, middle)[0, :, :, 0].numpy().tolist()
        [[2, 2], [2, 2]]
    """
    _, height, width, channels = images.shape
    pixels = _after_black(images, channels)
    inside = (right >= 0.0) & (right < width) & (down >= 0.0) & (down < height)
    left, next_right, to_right = _neighbors(right, width)
    top, bottom, to_bottom = _neighbors(down, height)

    def corner(row: tf.Tensor, column: tf.Tensor) -> tf.Tensor:
        return _read(pixels, _index(images, height * width, inside, row * width + column))

    upper, lower = (
        _blend(corner(row, left), corner(row, next_right), to_right) for row in (top, bottom)
    )
    return tf.cast(_blend(upper, lower, to_bottom), tf.uint8)


def _after_black(images: tf.Tensor, size: int) -> tf.Tensor:
    """Return all pixels, or rows, of so many values, and a black one before them."""
    return tf.pad(tf.reshape(images, (-1, size)), ((1, 0), (0, 0)))


def _index(images: tf.Tensor, size: int, inside: tf.Tensor, place: tf.Tensor) -> tf.Tensor:
    """Return where the parts of images, `size` in each, lie after the black one."""
    first = 1 + size * tf.range(tf.shape(images)[0])
    first = tf.reshape(first, (-1, *[1] * (len(place.shape) - 1)))
    # A product, as it is faster than a choice.
    return tf.cast(inside, tf.int32) * (first + place)


def _along(values: tf.Tensor, axis: int) -> tf.Tensor:
    return values[None, :, None] if axis == 1 else values[None, None, :]


def _neighbors(place: tf.Tensor, size: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return the two pixels around a place, and how far it is from the first to the second."""
    place = place - 0.5
    low = tf.floor(place)
    first = tf.cast(low, tf.int32)
    return tf.maximum(first, 0), tf.minimum(first + 1, size - 1), place - low


def _read(pixels: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.gather(pixels, index), tf.float64)


def _blend(start: tf.Tensor, end: tf.Tensor, share: tf.Tensor) -> tf.Tensor:
    return start + rounded((end - start) * share[..., None])
