"""Pictures in, logits out: the loop that runs a classifier over batches of one size."""

import numpy as np
import tensorflow as tf


def even_batch_size(count, batch_size):
    """Spread pictures evenly over as many batches as the largest batch size requires.

    Args:
        count: number of pictures.
        batch_size: largest size of a batch, a positive integer.

    Returns:
        The size of each batch.

    Raises:
        ValueError: if there are no pictures or `batch_size` is not a positive integer.

    Example:
        >>> even_batch_size(9, 4)
        3
    """
    if (
        isinstance(batch_size, bool)
        or not isinstance(batch_size, (int, np.integer))
        or batch_size < 1
    ):
        raise ValueError(f"batch_size must be a positive integer, received {batch_size!r}")
    if count < 1:
        raise ValueError("expected at least one picture, received none")
    return -(-count // -(-count // batch_size))


def collect_logits(predict, images, batch_size):
    """Run a classifier over pictures in batches of exactly one size, so that a compiled classifier
    is traced once.

    Args:
        predict: callable from a batch `(B, H, W, C)` to logits `(B, K)`.
        images: tensor or array `(N, H, W, C)`.
        batch_size: B, a positive integer; the last batch repeats the final picture where it is not
            full, and the repeats are dropped.

    Returns:
        A `float32` array `(N, K)`.

    Raises:
        ValueError: if `predict` does not return `(B, K)`.

    Example:
        >>> collect_logits(predict, images, 500).shape
        (10000, 10)
    """
    parts = []
    for start in range(0, len(images), batch_size):
        batch = tf.convert_to_tensor(images[start : start + batch_size])
        if len(batch) < batch_size:
            batch = tf.gather(batch, tf.minimum(tf.range(batch_size), len(batch) - 1))
        logits = np.asarray(tf.cast(predict(batch), tf.float32))
        if logits.ndim != 2 or len(logits) != batch_size:
            raise ValueError(
                f"predict must return logits of shape ({batch_size}, num_classes), received shape {logits.shape}"
            )
        parts.append(logits)
    return np.concatenate(parts)[: len(images)]


def predict_logits(predict, split, batch_size=500):
    """Run a classifier over the clean pictures of a split.

    Args:
        predict: callable from a `uint8` batch `(B, H, W, C)` to logits `(B, K)`; all batches have
            one shape.
        split: a `Split`; only its `images` count.
        batch_size: largest size of a batch.

    Returns:
        A `float32` array `(N, K)`.

    Raises:
        ValueError: if there are no pictures, `batch_size` is not a positive integer, or `predict`
            does not return `(B, K)`.

    Example:
        >>> predict = tf.function(lambda images: model(images, training=False))
        >>> classification_summary(predict_logits(predict, data.test), data.test.labels)
    """
    return collect_logits(predict, split.images, even_batch_size(len(split.images), batch_size))
