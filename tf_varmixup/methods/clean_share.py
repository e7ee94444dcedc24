"""A part of each batch that stays as it is."""

from collections.abc import Callable

import tensorflow as tf


def keep_clean(
    share: float,
    images: tf.Tensor,
    labels: tf.Tensor,
    sample: Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]],
) -> tuple[tf.Tensor, tf.Tensor]:
    """Keep a share of a batch as it is, and draw the others from their vicinity.

    The first rows are kept, so the batch must be shuffled. The others know nothing of them: they
    are drawn as a batch of their own.

    Args:
        share: Share of the batch, at least 0 and below 1; halves of an image round to the even
            number.
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        labels: `float32 (B, K)`.
        sample: Function from the images and labels that are not kept to those drawn for them.

    Returns:
        Images `float32 (B, H, W, C)` and labels `float32 (B, K)`.

    Example:
        >>> images, labels = np.full((4, 8, 8, 1), 100, "uint8"), np.eye(4)
        >>> black = lambda images, labels: (0.0 * tf.cast(images, tf.float32), labels)
        >>> keep_clean(0.5, images, labels, black)[0][:, 0, 0, 0].numpy().tolist()
        [100.0, 100.0, 0.0, 0.0]
    """
    labels = tf.cast(labels, tf.float32)
    if share == 0.0:
        return sample(images, labels)
    count = tf.shape(images)[0]
    clean = tf.cast(tf.round(share * tf.cast(count, tf.float32)), tf.int32)
    # Some processors' convolutions give wrong shapes for no images, so one that is to stay may be
    # drawn and dropped.
    first = tf.maximum(tf.minimum(clean, count - 1), 0)
    drawn_images, drawn_labels = (
        values[clean - first :] for values in sample(images[first:], labels[first:])
    )
    kept = tf.cast(images[:clean], tf.float32)
    return tf.concat([kept, drawn_images], 0), tf.concat([labels[:clean], drawn_labels], 0)
