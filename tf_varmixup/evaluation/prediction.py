"""Run a classifier over images in batches of one size."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup.checks import check_count
from tf_varmixup.evaluation.predictor import Predictor
from tf_varmixup.streaming import StreamedImages


def even_batch_size(count: int, batch_size: int) -> int:
    """Spread images evenly over as many batches as the largest batch size requires.

    Args:
        count: Number of images.
        batch_size: Largest size of a batch.

    Returns:
        The size of each batch.

    Raises:
        ValueError: If there are no images or `batch_size` is not a positive integer.

    Example:
        >>> even_batch_size(9, 4)
        3
    """
    batch_size = check_count("batch_size", batch_size)
    if count < 1:
        raise ValueError("Expected at least one image. Received: none.")
    return -(-count // -(-count // batch_size))


def collect_logits(
    predict: Predictor, images: Any, batch_size: int, first_index: int = 0
) -> np.ndarray:
    """Run a classifier over images in batches of exactly one size, so that it is traced once.

    Args:
        predict: A `Predictor`.
        images: Tensor or array `(N, H, W, C)`, or `StreamedImages`.
        batch_size: B, a positive integer; the last batch repeats the final image where it is not
            full, and the repeats are dropped.
        first_index: Number of the first image in the dataset, which the others follow.

    Returns:
        A `float32` array `(N, K)`.

    Raises:
        ValueError: If `predict` does not return `(B, K)`.

    Example:
        >>> predict = lambda images, indices: tf.one_hot(indices, 3)
        >>> collect_logits(predict, np.zeros((3, 8, 8, 1), "uint8"), 2).argmax(1).tolist()
        [0, 1, 2]
    """
    parts, starts = [], range(0, len(images), batch_size)
    if isinstance(images, StreamedImages):
        batches: Iterable[Any] = images.parts(batch_size)
    else:
        batches = (images[start : start + batch_size] for start in starts)
    for start, given in zip(starts, batches, strict=True):
        batch = tf.convert_to_tensor(given)
        rows = tf.minimum(tf.range(batch_size), len(batch) - 1)
        if len(batch) < batch_size:
            batch = tf.gather(batch, rows)
        logits = np.asarray(tf.cast(predict(batch, first_index + start + rows), tf.float32))
        if logits.ndim != 2 or len(logits) != batch_size:
            raise ValueError(
                f"Expected predict to return logits ({batch_size}, K). "
                f"Received: shape {logits.shape}."
            )
        parts.append(logits)
    return np.concatenate(parts)[: len(images)]


def predict_logits(predict: Predictor, split: Any, batch_size: int = 500) -> np.ndarray:
    """Run a classifier over the clean images of a split.

    Args:
        predict: A `Predictor`.
        split: A `Split`; only its `images` count.
        batch_size: Largest size of a batch.

    Returns:
        A `float32` array `(N, K)`.

    Raises:
        ValueError: If there are no images, `batch_size` is not a positive integer, or `predict`
            does not return `(B, K)`.

    Example:
        >>> from tf_varmixup.data import Split
        >>> split = Split(np.zeros((3, 8, 8, 1), "uint8"), np.arange(3))
        >>> predict_logits(lambda images, indices: tf.one_hot(indices, 3), split).shape
        (3, 3)
    """
    return collect_logits(predict, split.images, even_batch_size(len(split.images), batch_size))
