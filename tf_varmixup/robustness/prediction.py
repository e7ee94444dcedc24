"""Pictures in, logits out: pipelines whose batches all have one size, and the loop that runs a classifier over them."""

import numpy as np
import tensorflow as tf


def picture_batches(images, batch_size, corrupt=None):
    """Make a pipeline of equally large batches, corrupted on the way if asked.

    The pictures are spread over as many batches as `batch_size` requires at least, all of one size; the last ones repeat the final picture
    where the number does not divide, and `collect_logits` drops these. So a compiled classifier sees one shape, and is traced once. The
    corruption runs in parallel ahead of the classifier.

    Args:
        images: array `(N, H, W, C)`.
        batch_size: largest size of a batch, a positive integer.
        corrupt: None, or a graph function `(images (B, H, W, C), indices (B,)) -> images`, the indices being the pictures' numbers.

    Returns:
        A `tf.data.Dataset` of batches.

    Raises:
        ValueError: if there are no pictures or `batch_size` is not a positive integer.

    Example:
        >>> next(iter(picture_batches(np.zeros((5, 32, 32, 3), "uint8"), batch_size=4))).shape
        TensorShape([3, 32, 32, 3])
    """
    if isinstance(batch_size, bool) or not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
        raise ValueError(f"batch_size must be a positive integer, received {batch_size!r}")
    if len(images) < 1:
        raise ValueError("expected at least one picture, received none")
    num_batches = -(-len(images) // batch_size)
    size = -(-len(images) // num_batches)
    indices = np.minimum(np.arange(num_batches * size), len(images) - 1).reshape(num_batches, size)
    with tf.device("CPU:0"):
        images = tf.convert_to_tensor(images)

    def batch(rows, images):
        pictures = tf.gather(images, rows)
        return pictures if corrupt is None else tf.ensure_shape(corrupt(pictures, rows), pictures.shape)

    # The pictures are handed in and not captured: a function outlives its pipeline, and would keep them.
    source = tf.data.Dataset.zip(tf.data.Dataset.from_tensor_slices(indices), tf.data.Dataset.from_tensors(images).repeat())
    return source.map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(tf.data.AUTOTUNE)


def collect_logits(predict, batches, count):
    """Run a classifier over a pipeline of `picture_batches`.

    Args:
        predict: callable from a batch `(B, H, W, C)` to logits `(B, K)`.
        batches: a `tf.data.Dataset` of batches.
        count: number of pictures, fewer than the pipeline holds by its repeats.

    Returns:
        A `float32` array `(count, K)`.

    Raises:
        ValueError: if `predict` does not return `(B, K)`.

    Example:
        >>> collect_logits(predict, picture_batches(images, 500), len(images)).shape
        (10000, 10)
    """
    parts = []
    for batch in batches:
        logits = np.asarray(tf.cast(predict(batch), tf.float32))
        if logits.ndim != 2 or len(logits) != len(batch):
            raise ValueError(f"predict must return logits of shape ({len(batch)}, num_classes), received shape {logits.shape}")
        parts.append(logits)
    return np.concatenate(parts)[:count]


def predict_logits(predict, split, batch_size=500):
    """Run a classifier over the clean pictures of a split.

    Args:
        predict: callable from a `uint8` batch `(B, H, W, C)` to logits `(B, K)`; all batches have one shape.
        split: a `Split`; only its `images` count.
        batch_size: largest size of a batch.

    Returns:
        A `float32` array `(N, K)`.

    Raises:
        ValueError: if there are no pictures, `batch_size` is not a positive integer, or `predict` does not return `(B, K)`.

    Example:
        >>> predict = tf.function(lambda images: model(images, training=False))
        >>> classification_summary(predict_logits(predict, data.test), data.test.labels)
    """
    return collect_logits(predict, picture_batches(split.images, batch_size), len(split.images))
