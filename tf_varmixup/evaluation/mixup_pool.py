"""What images are mixed with at test time: a pool of training images, sorted by class."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import check_count
from tf_varmixup.data.labels import check_class_numbers
from tf_varmixup.evaluation.numbered_draws import numbered_uniforms


def choose_pool(labels: np.ndarray, num_classes: int, size: int, seed: int = 0) -> np.ndarray:
    """Choose images for a pool, as evenly over the classes as they allow.

    Args:
        labels: Class numbers `(N,)` of the images to choose from.
        num_classes: Number of classes.
        size: How many to choose; all where there are fewer.
        seed: Python integer, what the choice is drawn from.

    Returns:
        An `int64` array of indices, sorted by class.

    Raises:
        ValueError: If a class would be without an image.

    Example:
        >>> labels = np.array([1, 0, 0, 1, 0])
        >>> labels[choose_pool(labels, num_classes=2, size=4)].tolist()
        [0, 0, 1, 1]
    """
    size = check_count("pool_size", size)
    check_class_numbers(labels, num_classes)
    missing = sorted(set(range(num_classes)) - set(labels.tolist()))
    if missing:
        raise ValueError(
            f"Expected a pool with an image of each of the {num_classes} classes. "
            f"Received: none of class {', '.join(map(str, missing))}."
        )
    if size < num_classes:
        raise ValueError(
            f"Expected pool_size to be at least {num_classes}, an image of each class. "
            f"Received: {size}."
        )
    keys = draws.uniforms((len(labels),), draws.run_seed(seed)).numpy()
    shuffled = np.lexsort((keys, labels))
    counts = np.bincount(labels, minlength=num_classes)
    rank = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    # The first of every class, then the second of every class, and so on.
    chosen = np.lexsort((labels[shuffled], rank))[:size]
    return shuffled[np.sort(chosen)]


def partners_of_predicted_class(
    predicted: tf.Tensor, counts: Sequence[int], samples: int, indices: tf.Tensor, seed: tf.Tensor
) -> tf.Tensor:
    """Draw partners of the predicted class for each image.

    Args:
        predicted: Class numbers `int32 (B,)`.
        counts: How many images of each class are in the pool, which is sorted by class.
        samples: How many partners, S.
        indices: `int32 (B,)`, the numbers of the images, by which each draws.
        seed: `int32 (2,)`.

    Returns:
        Rows of the pool, `int32 (B, S)`.

    Example:
        >>> seed = draws.run_seed(0)
        >>> partners_of_predicted_class(tf.constant([1]), [3, 1], 2, [7], seed).numpy().tolist()
        [[3, 3]]
    """
    uniforms = numbered_uniforms(indices, samples, seed)
    return _members(tf.broadcast_to(predicted[:, None], tf.shape(uniforms)), counts, uniforms)


def partners_of_other_classes(
    predicted: tf.Tensor, counts: Sequence[int], samples: int, indices: tf.Tensor, seed: tf.Tensor
) -> tf.Tensor:
    """Draw classes other than the predicted one for each image, and partners of them.

    Args:
        predicted: Class numbers `int32 (B,)`.
        counts: How many images of each class are in the pool, which is sorted by class; at least
            two classes.
        samples: How many partners, S.
        indices: `int32 (B,)`, the numbers of the images, by which each draws.
        seed: `int32 (2,)`.

    Returns:
        Rows of the pool, `int32 (B, S)`.

    Example:
        >>> seed = draws.run_seed(0)
        >>> partners_of_other_classes(tf.constant([0]), [3, 1], 2, [7], seed).numpy().tolist()
        [[3, 3]]
    """
    of_class, of_member = tf.split(numbered_uniforms(indices, 2 * samples, seed), 2, axis=1)
    classes = _whole(of_class, len(counts) - 1)
    classes += tf.cast(classes >= predicted[:, None], tf.int32)
    return _members(classes, counts, of_member)


def _members(classes: tf.Tensor, counts: Sequence[int], uniforms: tf.Tensor) -> tf.Tensor:
    """Turn uniform draws into rows of the pool, each member of a class as likely."""
    sizes = np.asarray(counts, np.int32)
    first = np.cumsum(sizes, dtype=np.int32) - sizes
    return tf.gather(first, classes) + _whole(uniforms, tf.gather(sizes, classes))


def _whole(uniforms: tf.Tensor, count: int | tf.Tensor) -> tf.Tensor:
    """Turn uniform draws into integers from 0 to `count` - 1."""
    whole = tf.cast(uniforms * tf.cast(count, tf.float32), tf.int32)
    return tf.minimum(whole, count - 1)  # a draw just below 1 may round up
