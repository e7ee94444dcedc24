"""Equal-width bins of the top-1 confidence, what every binned calibration measure is computed
from."""

import tensorflow as tf


def calibration_bins(confidence, correct, weight=None, num_bins=15):
    """Sum weights, confidences and hits in equal-width bins of the confidence.

    Bin `b` of `num_bins` holds the confidences in `[b / num_bins, (b + 1) / num_bins)`, the last
    bin also 1.0; this is the binning of `tfp.stats.expected_calibration_error` (Guo et al. 2017,
    arXiv:1706.04599, section 2, with bins closed on the left). A pure function of its inputs that
    compiles under XLA.

    Args:
        confidence: floating-point `(B,)`, probability of the predicted class, in [0, 1].
        correct: `(B,)`, boolean or 0/1: whether the predicted class is the label.
        weight: `(B,)` sample weights, or None for 1 each.
        num_bins: positive Python integer.

    Returns:
        A tuple `(weight, confidence_sum, correct_sum)` of `float32` tensors `(num_bins,)`: per bin
        the sum of weights, of weighted confidences and of weighted hits.

    Example:
        >>> weight, confidence_sum, correct_sum = calibration_bins([0.9, 0.4], [True, False], num_bins=2)
        >>> weight.numpy().tolist()
        [1.0, 1.0]
    """
    confidence = tf.cast(confidence, tf.float32)
    correct = tf.cast(correct, tf.float32)
    weight = tf.ones_like(confidence) if weight is None else tf.cast(weight, tf.float32)
    bins = tf.clip_by_value(tf.cast(tf.floor(confidence * num_bins), tf.int32), 0, num_bins - 1)
    sums = tf.math.unsorted_segment_sum(
        tf.stack([weight, weight * confidence, weight * correct], axis=-1), bins, num_bins
    )
    return tuple(tf.unstack(sums, axis=-1))
