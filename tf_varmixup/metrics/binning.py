"""Equal-width bins of the confidence as a TensorFlow graph, for the streaming metrics."""

from typing import Any

import tensorflow as tf


def calibration_bins(
    confidence: Any, correct: Any, weight: Any = None, num_bins: int = 15
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Sum weights, confidences and hits in equal-width bins of the confidence.

    Bin `b` holds the confidences in `[b / num_bins, (b + 1) / num_bins)`, the last bin also 1.0, as
    in `tfp.stats.expected_calibration_error`. A pure function of its inputs that compiles under
    XLA.

    Args:
        confidence: Floating `(B,)`, probability of the predicted class, in [0, 1].
        correct: `(B,)`, boolean or 0/1: whether the predicted class is the label.
        weight: `(B,)` weights of the images, or None for 1 each.
        num_bins: Positive Python integer.

    Returns:
        A tuple `(weight, confidence_sum, correct_sum)` of `float32` tensors `(num_bins,)`: per bin
        the sum of weights, of weighted confidences and of weighted hits.

    Example:
        >>> weight, _, correct_sum = calibration_bins([0.9, 0.4], [True, False], num_bins=2)
        >>> weight.numpy().tolist(), correct_sum.numpy().tolist()
        ([1.0, 1.0], [0.0, 1.0])

    Source:
        Guo et al. 2017, arXiv:1706.04599, section 2, with bins closed on the left.
    """
    confidence = tf.cast(confidence, tf.float32)
    correct = tf.cast(correct, tf.float32)
    weight = tf.ones_like(confidence) if weight is None else tf.cast(weight, tf.float32)
    bins = tf.clip_by_value(tf.cast(tf.floor(confidence * num_bins), tf.int32), 0, num_bins - 1)
    sums = tf.math.unsorted_segment_sum(
        tf.stack([weight, weight * confidence, weight * correct], axis=-1), bins, num_bins
    )
    return tuple(tf.unstack(sums, axis=-1))
