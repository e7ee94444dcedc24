"""The forms in which Keras hands labels to a metric, reduced to one."""

from typing import Any

import tensorflow as tf


def as_sparse(labels: Any, num_classes: int) -> tf.Tensor:
    """Convert labels to class numbers.

    Args:
        labels: Class numbers `(B,)` or `(B, 1)`, or one-hot or soft labels `(B, K)`, of which the
            largest entry counts.
        num_classes: K.

    Returns:
        An `int64` tensor `(B,)`.

    Raises:
        ValueError: If the labels have another type or shape.

    Example:
        >>> as_sparse([[0.3, 0.7], [1.0, 0.0]], num_classes=2).numpy().tolist()
        [1, 0]
    """
    labels = checked(labels)
    if _is_sparse(labels, num_classes):
        return tf.cast(tf.reshape(labels, [-1]), tf.int64)
    return tf.argmax(labels, axis=-1)


def as_distribution(labels: Any, num_classes: int) -> tf.Tensor:
    """Convert labels to a probability for each class; soft labels stay as they are.

    Args:
        labels: Class numbers `(B,)` or `(B, 1)`, or one-hot or soft labels `(B, K)`.
        num_classes: K.

    Returns:
        A `float32` tensor `(B, K)`.

    Raises:
        ValueError: If the labels have another type or shape.

    Example:
        >>> as_distribution([1], num_classes=2).numpy().tolist()
        [[0.0, 1.0]]
    """
    labels = checked(labels)
    if _is_sparse(labels, num_classes):
        return tf.one_hot(as_sparse(labels, num_classes), num_classes, dtype=tf.float32)
    return tf.cast(labels, tf.float32)


def _is_sparse(labels: tf.Tensor, num_classes: int) -> bool:
    """Tell class numbers `(B,)` or `(B, 1)` from one-hot or soft labels `(B, K)` by their shape."""
    shape = labels.shape
    if shape.rank == 1 or (shape.rank == 2 and shape[1] == 1):
        return True
    if shape.rank == 2 and shape[1] is not None and shape[1] == num_classes:
        return False
    raise ValueError(
        f"Expected labels of shape (B,), (B, 1) or (B, {num_classes}). Received: shape {shape}."
    )


def checked(labels: Any) -> tf.Tensor:
    """Convert labels to a tensor.

    Args:
        labels: Labels of any form.

    Returns:
        A tensor of the type they have.

    Raises:
        ValueError: If they are strings or others that are no numbers.

    Example:
        >>> checked([1, 0]).dtype
        tf.int32
    """
    labels = tf.convert_to_tensor(labels)
    if not (labels.dtype.is_integer or labels.dtype.is_floating or labels.dtype.is_bool):
        raise ValueError(
            "Expected labels that are class numbers, one-hot or soft. "
            f"Received: type {labels.dtype.name}."
        )
    return labels


def are_labels(labels: tf.Tensor, predictions: tf.Tensor) -> tf.Tensor:
    """Say of each row whether it is a class number, or finite where it is a distribution.

    Args:
        labels: A tensor, class numbers `(B,)` or `(B, 1)`, or one-hot or soft labels `(B, K)`.
        predictions: Logits or probabilities `(B, K)`.

    Returns:
        A boolean tensor `(B,)`.

    Example:
        >>> are_labels(tf.constant([1, 3]), tf.zeros((2, 3))).numpy().tolist()
        [True, False]
    """
    values = tf.cast(labels, tf.float32)
    if _is_sparse(labels, predictions.shape[1]):
        values = tf.reshape(values, [-1])
        below = values < tf.cast(tf.shape(predictions)[1], tf.float32)
        return below & (values >= 0.0) & tf.equal(values, tf.floor(values))
    return tf.reduce_all(tf.math.is_finite(values), axis=-1)


def refuse(labels: tf.Tensor, row: int, num_classes: int) -> None:
    """Raise ValueError about a label that is no class number.

    Args:
        labels: The tensor of all labels.
        row: Which of them it is.
        num_classes: K.

    Raises:
        ValueError: Always.

    Example:
        >>> refuse(tf.constant([0, 3]), 1, num_classes=3)
        Traceback (most recent call last):
        ValueError: Expected labels in 0 ... 2. Received: 3. Class numbers start at 0.
    """
    label = labels[row].numpy().tolist()
    label = label[0] if isinstance(label, list) and len(label) == 1 else label
    hint = " Class numbers start at 0." if label == num_classes else ""
    raise ValueError(f"Expected labels in 0 ... {num_classes - 1}. Received: {label}.{hint}")
