"""What attacks on a whole dataset share: batches of one size, and starts by the image's number."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.attacks import point_of_ball
from tf_varmixup.data.labels import check_class_numbers, class_numbers
from tf_varmixup.evaluation.numbered_draws import numbered_uniforms

Classify = Callable[[tf.Tensor], tf.Tensor]


def padded_batches(rows: np.ndarray, batch_size: int) -> Iterator[tuple[np.ndarray, int]]:
    """Divide rows into batches of exactly one size, so that a function is traced once.

    Args:
        rows: Integer array `(N,)`.
        batch_size: B, a positive integer.

    Yields:
        Rows `(B,)`, and how many of them count: the last batch repeats its final row.

    Example:
        >>> [(batch.tolist(), count) for batch, count in padded_batches(np.arange(3), 2)]
        [([0, 1], 2), ([2, 2], 1)]
    """
    for first in range(0, len(rows), batch_size):
        batch = rows[first : first + batch_size]
        yield np.pad(batch, (0, batch_size - len(batch)), mode="edge"), len(batch)


def numbered_starts(
    images: tf.Tensor, indices: tf.Tensor, norm: str, radius: float, seed: tf.Tensor
) -> tf.Tensor:
    """Draw perturbations uniformly from a ball, for each image by its number.

    Args:
        images: Tensor `(B, ...)` whose shape they have, which must be known but for B.
        indices: `int32 (B,)`, the numbers of the images in the dataset.
        norm: `"linf"` or `"l2"`.
        radius: Radius of the ball.
        seed: `int32 (2,)`.

    Returns:
        A `float32` tensor `(B, ...)`, whatever else is in the batch.

    Example:
        >>> images, seed = tf.zeros((3, 8, 8, 1)), draws.run_seed(0)
        >>> together = numbered_starts(images, tf.range(3), "l2", 0.5, seed)
        >>> alone = numbered_starts(images[:1], tf.constant([2]), "l2", 0.5, seed)
        >>> bool(np.allclose(alone[0], together[2]))
        True
    """
    shape = images.shape[1:]
    point_seed, share_seed = draws.split(seed)
    uniforms = numbered_uniforms(indices, math.prod(shape), point_seed)
    shares = numbered_uniforms(indices, 1, share_seed)[:, 0]
    return point_of_ball(tf.reshape(uniforms, (-1, *shape)), shares, norm, radius)


def checked_labels(images: Any, labels: Any) -> np.ndarray:
    """Return class numbers `int64 (N,)`, or raise ValueError unless there is one per image.

    Args:
        images: Array `(N, ...)`.
        labels: Class numbers `(N,)` or one-hot `(N, K)`.

    Returns:
        The class numbers.

    Raises:
        ValueError: If they are none, differ in number from the images, or there are none.

    Example:
        >>> checked_labels(np.zeros((2, 8, 8, 1)), np.eye(2)).tolist()
        [0, 1]
    """
    labels = class_numbers(labels)
    if not len(labels) or len(labels) != len(images):
        raise ValueError(
            "Expected one label for each of at least one image. "
            f"Received: {len(images)} images and {len(labels)} labels."
        )
    return labels


def checked_logits(logits: tf.Tensor, labels: np.ndarray) -> int:
    """Return the number of classes of logits, or raise ValueError unless they fit the labels.

    Args:
        logits: `float32 (B, K)`, eager.
        labels: Class numbers of the whole dataset.

    Returns:
        K.

    Raises:
        ValueError: If the logits have another shape, or too few classes.

    Example:
        >>> checked_logits(tf.zeros((2, 3)), np.array([0, 2]))
        3
    """
    if len(logits.shape) != 2:
        raise ValueError(f"Expected classify to return (B, K). Received: shape {logits.shape}.")
    check_class_numbers(labels, logits.shape[1])
    return int(logits.shape[1])


def checked_numbers(values: tf.Tensor) -> np.ndarray:
    """Return what a classifier gave as an array, or raise ValueError if a value is not a number.

    Args:
        values: Eager tensor.

    Returns:
        An array.

    Raises:
        ValueError: If a value is NaN.

    Example:
        >>> checked_numbers(tf.constant([1.0, np.inf])).tolist()
        [1.0, inf]
    """
    array = np.asarray(values)
    if np.isnan(array).any():
        raise ValueError("Expected classify to return numbers. Received: NaN.")
    return array
