"""The forms in which Keras hands labels, predictions and weights to a metric, reduced to one.

A label that is none, or a shape that only fits by broadcasting, must not end in a number that looks
like a metric. Shapes are checked while a graph is traced and values where they can be seen; inside
a graph, where nothing can be raised under XLA, a bad row gets the weight NaN.
"""

from typing import Any

import tensorflow as tf


def as_probabilities(predictions: Any, from_logits: bool) -> tf.Tensor:
    """Convert a classifier's outputs to `float32` probabilities.

    Args:
        predictions: `(B, K)` logits or probabilities of any floating type, K at least 2.
        from_logits: Whether they are logits.

    Returns:
        A `float32` tensor `(B, K)`.

    Raises:
        ValueError: If the predictions are not `(B, K)` with K at least 2, or values that can be
            seen are no probabilities where these are expected.

    Example:
        >>> as_probabilities([[0.0, 0.0]], from_logits=True).numpy().tolist()
        [[0.5, 0.5]]
    """
    predictions = tf.cast(predictions, tf.float32)
    if predictions.shape.rank != 2 or predictions.shape[1] == 1:
        raise ValueError(
            "Expected predictions of shape (B, num_classes) with at least 2 classes. "
            f"Received: shape {predictions.shape}."
        )
    if from_logits:
        return tf.nn.softmax(predictions)
    if _seen(predictions) and not bool(tf.reduce_all(_are_probabilities(predictions))):
        raise ValueError(
            "Expected predictions that are probabilities. "
            f"Received: {float(tf.reduce_min(predictions)):g} to "
            f"{float(tf.reduce_max(predictions)):g}. If they are logits, say from_logits=True."
        )
    return predictions


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
    labels = _checked(labels)
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
    labels = _checked(labels)
    if _is_sparse(labels, num_classes):
        return tf.one_hot(as_sparse(labels, num_classes), num_classes, dtype=tf.float32)
    return tf.cast(labels, tf.float32)


def as_weights(
    sample_weight: Any, labels: Any, predictions: tf.Tensor, from_logits: bool
) -> tf.Tensor:
    """Convert Keras' sample weights to one `float32` weight per image, NaN where a row is bad.

    Bad is a label that is no class number, or a prediction that is no probability where one is
    expected; a weight of 0 leaves it out.

    Args:
        sample_weight: `(B,)`, `(B, 1)`, a scalar, or None for 1 each.
        labels: Class numbers `(B,)` or `(B, 1)`, or one-hot or soft labels `(B, K)`.
        predictions: Logits or probabilities `(B, K)`.
        from_logits: Whether they are logits.

    Returns:
        A `float32` tensor `(B,)`.

    Raises:
        ValueError: If weights or labels are more or fewer than the predictions, or a label that can
            be seen is no class number.

    Example:
        >>> as_weights(None, [0, 1], tf.zeros((2, 3)), from_logits=True).numpy().tolist()
        [1.0, 1.0]
    """
    count = tf.shape(predictions)[0]
    labels = _checked(labels)
    _check_count("labels", labels, predictions)
    if sample_weight is None:
        weights = tf.ones([count], tf.float32)
    else:
        sample_weight = tf.cast(sample_weight, tf.float32)
        if sample_weight.shape.rank == 0:
            weights = tf.fill([count], sample_weight)
        else:
            _check_count("sample_weight", sample_weight, predictions)
            weights = tf.reshape(sample_weight, [-1])
    valid, unused = _are_labels(labels, predictions), tf.equal(weights, 0.0)
    # Stacking refuses counts that are only known when the graph runs, where | would broadcast.
    valid = tf.reduce_any(tf.stack([valid, unused, tf.zeros([count], tf.bool)]), axis=0)
    if _seen(valid) and not bool(tf.reduce_all(valid)):
        _refuse(labels, tf.where(~valid)[0, 0], predictions.shape[1])
    if not from_logits:
        predictions = tf.cast(predictions, tf.float32)
        valid &= tf.reduce_all(_are_probabilities(predictions), axis=-1) | unused
    return tf.where(valid, weights, float("nan"))


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


def _checked(labels: Any) -> tf.Tensor:
    labels = tf.convert_to_tensor(labels)
    if not (labels.dtype.is_integer or labels.dtype.is_floating or labels.dtype.is_bool):
        raise ValueError(
            "Expected labels that are class numbers, one-hot or soft. "
            f"Received: type {labels.dtype.name}."
        )
    return labels


def _are_labels(labels: tf.Tensor, predictions: tf.Tensor) -> tf.Tensor:
    """Say of each row whether it is a class number, or finite where it is a distribution."""
    values = tf.cast(labels, tf.float32)
    if _is_sparse(labels, predictions.shape[1]):
        values = tf.reshape(values, [-1])
        below = values < tf.cast(tf.shape(predictions)[1], tf.float32)
        return below & (values >= 0.0) & tf.equal(values, tf.floor(values))
    return tf.reduce_all(tf.math.is_finite(values), axis=-1)


def _refuse(labels: tf.Tensor, row: tf.Tensor, num_classes: int) -> None:
    label = labels[int(row)].numpy().tolist()
    label = label[0] if isinstance(label, list) and len(label) == 1 else label
    hint = " Class numbers start at 0." if label == num_classes else ""
    raise ValueError(f"Expected labels in 0 ... {num_classes - 1}. Received: {label}.{hint}")


def _are_probabilities(values: tf.Tensor) -> tf.Tensor:
    # NaN passes: it makes the metric NaN by itself.
    return ~((values < -1e-3) | (values > 1.001))


def _check_count(name: str, values: tf.Tensor, predictions: tf.Tensor) -> None:
    count, given = predictions.shape[0], values.shape[0] if values.shape.rank else None
    if None not in (count, given) and count != given:
        raise ValueError(f"Expected {name} for {count} predictions. Received: {given}.")


def _seen(values: tf.Tensor) -> bool:
    return not tf.is_symbolic_tensor(values)
