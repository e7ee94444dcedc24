"""The standard augmentation of small images: zero padding, random crop, horizontal flip."""

from typing import Any

import tensorflow as tf

from tf_varmixup.checks import check_count
from tf_varmixup.draws import split


def augment(
    images: Any,
    seed: tf.Tensor,
    flip: bool = True,
    padding: int | None = None,
    place: tuple[Any, Any] | None = None,
) -> tf.Tensor:
    """Shift every image by a few pixels, and mirror half of the images left to right.

    Images are padded with zeros, cropped to the original size at a random place, and flipped with
    probability one half. Each image has its own draws; they depend on `seed` and its place in the
    batch.

    Source: He et al., "Deep Residual Learning for Image Recognition", 2016, section 4.2.

    Args:
        images: `uint8` tensor or array `(B, H, W, C)`.
        seed: `int32` tensor `(2,)`.
        flip: Whether images may be mirrored; False never mirrors one.
        padding: The largest shift in pixels; None takes an eighth of the height, at least 1, which
            is 4 for CIFAR's 32.
        place: `(first, count)` if the images are a part of a batch of `count`, the first of which
            is number `first`; they are shifted and mirrored as in the whole batch. None if they are
            a batch.

    Returns:
        A `uint8` tensor `(B, H, W, C)`.

    Raises:
        ValueError: If `padding` is negative.

    Example:
        >>> seed = tf.constant([0, 7])
        >>> augment(np.zeros((4, 8, 8, 3), np.uint8), seed, flip=False).shape
        TensorShape([4, 8, 8, 3])
        >>> images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3)).astype("uint8")
        >>> last = augment(images[3:], seed, place=(3, 4))
        >>> bool(np.array_equal(last, augment(images, seed)[3:]))
        True
    """
    images = tf.convert_to_tensor(images)
    count, height, width, channels = tf.unstack(tf.shape(images))
    padding = tf.maximum(1, height // 8) if padding is None else check_count("padding", padding, 0)
    first, whole = place or (0, count)

    def draw(columns: tuple[int, ...], seed: tf.Tensor, low: Any, high: Any) -> tf.Tensor:
        draws = tf.random.stateless_uniform((whole, *columns), seed, low, high, tf.int32)
        return draws if place is None else draws[first : first + count]

    shift_seed, flip_seed = split(seed)
    shifts = draw((2, 1), shift_seed, -padding, padding + 1)
    columns = tf.range(width)[None]
    if flip:
        mirrored = draw((1,), flip_seed, 0, 2) == 1
        columns = tf.where(mirrored, width - 1 - columns, columns)
    rows, columns = tf.range(height) + shifts[:, 0], columns + shifts[:, 1]

    # One gather over the batch's pixels, with a black one at the end that stands for the padding:
    # twice as fast as padding and cropping.
    black = count * height * width
    starts = tf.where(
        (rows >= 0) & (rows < height), (tf.range(count)[:, None] * height + rows) * width, black
    )
    columns = tf.where((columns >= 0) & (columns < width), columns, black)
    pixels = tf.concat(
        [tf.reshape(images, (black, channels)), tf.zeros((1, channels), images.dtype)], axis=0
    )
    augmented = tf.gather(pixels, tf.minimum(starts[:, :, None] + columns[:, None, :], black))
    return tf.ensure_shape(augmented, images.shape)
