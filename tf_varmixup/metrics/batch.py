"""The forms in which Keras hands labels, predictions and sample weights to a metric, reduced to
one."""

import tensorflow as tf


def as_probabilities(predictions, from_logits):
    """Convert a classifier's outputs to `float32` probabilities.

    Args:
        predictions: `(B, K)` logits or probabilities of any floating-point type, K at least 2.
        from_logits: whether they are logits.

    Returns:
        A `float32` tensor `(B, K)`.

    Raises:
        ValueError: if the predictions are not `(B, K)` with K at least 2.

    Example:
        >>> as_probabilities([[0.0, 0.0]], from_logits=True).numpy().tolist()
        [[0.5, 0.5]]
    """
    predictions = tf.cast(predictions, tf.float32)
    if predictions.shape.rank != 2 or predictions.shape[1] == 1:
        raise ValueError(
            f"expected predictions of shape (batch, num_classes) with at least 2 classes, received shape {predictions.shape}"
        )
    return tf.nn.softmax(predictions) if from_logits else predictions


def _is_sparse(labels, num_classes):
    """Tell sparse labels `(B,)` or `(B, 1)` from one-hot or soft ones `(B, K)` by their static
    shape."""
    if labels.shape.rank == 1 or (labels.shape.rank == 2 and labels.shape[1] == 1):
        return True
    if (
        labels.shape.rank == 2
        and None not in (labels.shape[1], num_classes)
        and labels.shape[1] == num_classes
    ):
        return False
    raise ValueError(
        f"expected labels of shape (batch,), (batch, 1) or (batch, {num_classes}), received shape {labels.shape}"
    )


def as_sparse(labels, num_classes):
    """Convert labels to class numbers.

    Args:
        labels: class numbers `(B,)` or `(B, 1)`, or one-hot or soft labels `(B, K)`, of which the
            largest entry counts.
        num_classes: K.

    Returns:
        An `int64` tensor `(B,)`.

    Raises:
        ValueError: if the labels have another shape.

    Example:
        >>> as_sparse([[0.3, 0.7], [1.0, 0.0]], num_classes=2).numpy().tolist()
        [1, 0]
    """
    labels = tf.convert_to_tensor(labels)
    if _is_sparse(labels, num_classes):
        return tf.cast(tf.reshape(labels, [-1]), tf.int64)
    return tf.argmax(labels, axis=-1)


def as_distribution(labels, num_classes):
    """Convert labels to a probability for each class; soft labels stay as they are.

    Args:
        labels: class numbers `(B,)` or `(B, 1)`, or one-hot or soft labels `(B, K)`.
        num_classes: K.

    Returns:
        A `float32` tensor `(B, K)`.

    Raises:
        ValueError: if the labels have another shape.

    Example:
        >>> as_distribution([1], num_classes=2).numpy().tolist()
        [[0.0, 1.0]]
    """
    labels = tf.convert_to_tensor(labels)
    if _is_sparse(labels, num_classes):
        return tf.one_hot(as_sparse(labels, num_classes), num_classes, dtype=tf.float32)
    return tf.cast(labels, tf.float32)


def as_weights(sample_weight, count):
    """Convert Keras' sample weights to one `float32` weight a sample.

    Args:
        sample_weight: `(B,)`, `(B, 1)`, a scalar, or None for 1 each.
        count: B, an integer or a scalar tensor.

    Returns:
        A `float32` tensor `(B,)`.

    Example:
        >>> as_weights(None, 2).numpy().tolist()
        [1.0, 1.0]
    """
    if sample_weight is None:
        return tf.ones([count], tf.float32)
    sample_weight = tf.cast(sample_weight, tf.float32)
    if sample_weight.shape.rank != 0:
        sample_weight = tf.reshape(sample_weight, [-1])
    return tf.broadcast_to(sample_weight, [count])
