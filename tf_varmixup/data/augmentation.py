"""The standard augmentation of small pictures: zero padding, random crop, horizontal flip."""

import tensorflow as tf

from tf_varmixup.draws import split


def augment(images, seed, flip=True, padding=None):
    """Shift every picture by a few pixels, black coming in at the edges, and mirror half of them
    left to right.

    The recipe of CIFAR: pad with zeros, crop the original size at a random place, flip with
        probability one half (He et al., "Deep Residual
    Learning for Image Recognition", 2016, section 4.2). Each picture has its own draws; they depend
    on `seed` and its place in the batch.

    Args:
        images: `uint8` tensor or array `(B, H, W, C)`.
        seed: `int32` tensor `(2,)`.
        flip: bool, whether pictures may be mirrored.
        padding: int, the largest shift in pixels; None takes an eighth of the height, at least 1,
            which is 4 for CIFAR's 32.

    Returns:
        A `uint8` tensor `(B, H, W, C)`.

    Raises:
        ValueError: if `padding` is negative.

    Example:
        >>> augment(images, fold(run_seed(0), step), flip=False)
    """
    images = tf.convert_to_tensor(images)
    count, height, width, channels = tf.unstack(tf.shape(images))
    padding = tf.maximum(1, height // 8) if padding is None else _checked(padding)
    shift_seed, flip_seed = split(seed)
    shifts = tf.random.stateless_uniform((count, 2, 1), shift_seed, -padding, padding + 1, tf.int32)
    columns = tf.range(width)[None]
    if flip:
        mirrored = tf.random.stateless_uniform((count, 1), flip_seed, 0, 2, tf.int32) == 1
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


def _checked(padding):
    if padding < 0:
        raise ValueError(f"padding must be at least 0, not {padding}")
    return padding
