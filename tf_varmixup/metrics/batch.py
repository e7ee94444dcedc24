"""The forms in which Keras hands labels, predictions and weights to a metric, reduced to one.

A label that is none, or a shape that only fits by broadcasting, must not end in a number that looks
like a metric. Shapes are checked while a graph is traced and values where they can be seen; inside
a graph, where nothing can be raised under XLA, a bad row gets the weight NaN. That probabilities
were given for logits takes more than one row to see: `ClassificationMetric` counts them.
"""

from typing import Any

import tensorflow as tf

from tf_varmixup.metrics.batch_labels import are_labels, checked, refuse


def as_probabilities(predictions: Any, from_logits: bool) -> tf.Tensor:
    """Convert a classifier's outputs to `float32` probabilities.

    Args:
        predictions: `(B, K)` logits or probabilities of any floating type, K at least 2.
        from_logits: Whether they are logits.

    Returns:
        A `float32` tensor `(B, K)`.

    Raises:
        ValueError: If the predictions are not `(B, K)` with K at least 2, are the output of a
            softmax where logits are expected, or can be seen to be no probabilities where these
            are.

    Example:
        >>> as_probabilities([[0.0, 0.0]], from_logits=True).numpy().tolist()
        [[0.5, 0.5]]
    """
    if from_logits and comes_from_softmax(predictions):
        raise ValueError(
            "Expected predictions that are logits. Received: the output of a softmax. "
            "If they are probabilities, say from_logits=False."
        )
    predictions = tf.cast(predictions, tf.float32)
    if predictions.shape.rank != 2 or predictions.shape[1] == 1:
        raise ValueError(
            "Expected predictions of shape (B, num_classes) with at least 2 classes. "
            f"Received: shape {predictions.shape}."
        )
    if from_logits:
        return tf.nn.softmax(predictions)
    if _seen(predictions) and not bool(tf.reduce_all(_are_probabilities(predictions))):
        row = predictions[int(tf.where(~_are_probabilities(predictions))[0, 0])]
        raise ValueError(
            "Expected predictions that are probabilities, from 0 to 1 and of sum 1. "
            f"Received: {float(tf.reduce_min(row)):g} to {float(tf.reduce_max(row)):g} of sum "
            f"{float(tf.reduce_sum(row)):g}. If they are logits, say from_logits=True."
        )
    return predictions


def comes_from_softmax(predictions: Any) -> bool:
    """Say whether a graph's tensor is a softmax, as far as this graph shows.

    Args:
        predictions: A tensor; of one whose values can be seen it is not known.

    Example:
        >>> comes_from_softmax(tf.nn.softmax([[0.0, 0.0]]))
        False
    """
    while tf.is_tensor(predictions) and not _seen(predictions):
        if predictions.op.type not in ("Cast", "Identity"):
            return bool(predictions.op.type == "Softmax")
        predictions = predictions.op.inputs[0]
    return False


def could_be_probabilities(predictions: Any) -> tuple[tf.Tensor, tf.Tensor]:
    """Tell rows that a softmax would give from rows that none gives.

    Args:
        predictions: `(B, K)` logits or probabilities of any floating type.

    Returns:
        A tuple of boolean tensors `(B,)`: rows that could be probabilities, and rows that could
        not. A one-hot row is neither, for a perfect classifier's logits may be such rows as well.

    Example:
        >>> could, could_not = could_be_probabilities([[0.3, 0.7], [2.0, -1.0], [0.0, 1.0]])
        >>> could.numpy().tolist(), could_not.numpy().tolist()
        ([True, False, False], [False, True, False])
    """
    # Sums over the first axis go along the rows, which is several times as fast.
    columns = tf.transpose(tf.cast(predictions, tf.float32))
    # bfloat16 is off by 1/512 of each entry.
    sums_to_one = tf.abs(tf.reduce_sum(columns, axis=0) - 1.0) < 4e-3
    could = sums_to_one & (tf.reduce_min(columns, axis=0) >= 0.0)
    others = tf.reduce_sum(tf.cast(tf.not_equal(columns, 0.0), tf.float32), axis=0)
    return could & tf.not_equal(others, 1.0), ~could


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
    labels = checked(labels)
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
    valid, unused = are_labels(labels, predictions), tf.equal(weights, 0.0)
    # Stacking refuses counts that are only known when the graph runs, where | would broadcast.
    valid = tf.reduce_any(tf.stack([valid, unused, tf.zeros([count], tf.bool)]), axis=0)
    if _seen(valid) and not bool(tf.reduce_all(valid)):
        refuse(labels, int(tf.where(~valid)[0, 0]), predictions.shape[1])
    if not from_logits:
        predictions = tf.cast(predictions, tf.float32)
        valid &= _are_probabilities(predictions) | unused
    return tf.where(valid, weights, float("nan"))


def _are_probabilities(values: tf.Tensor) -> tf.Tensor:
    """Say of each row whether it is in [0, 1] and sums to 1, as far as half precision can."""
    # NaN passes: it makes the metric NaN by itself.
    outside = tf.reduce_any((values < -1e-3) | (values > 1.001), axis=-1)
    return ~(outside | (tf.abs(tf.reduce_sum(values, axis=-1) - 1.0) > 0.02))


def _check_count(name: str, values: tf.Tensor, predictions: tf.Tensor) -> None:
    count, given = predictions.shape[0], values.shape[0] if values.shape.rank else None
    if None not in (count, given) and count != given:
        raise ValueError(f"Expected {name} for {count} predictions. Received: {given}.")


def _seen(values: tf.Tensor) -> bool:
    return not tf.is_symbolic_tensor(values)
