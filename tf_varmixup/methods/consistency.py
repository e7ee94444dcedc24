"""How far the predictions for several views of the same images lie apart."""

import tensorflow as tf

# The authors' bound below the mixture, whose logarithm is taken.
LEAST = 1e-7


def jensen_shannon(logits: tf.Tensor, views: int = 3) -> tf.Tensor:
    """Return the Jensen-Shannon divergence between the predictions for the views of each image.

    JSD = 1/V sum_v KL(p_v || M), M = 1/V sum_v p_v, at least 1e-7. Where a probability is too small
    for `float32`, value and gradient stay finite, since the logarithm is taken of no probability
    but M.

    Args:
        logits: `(V B, K)`, all images in their first view, then in the second, and so on.
        views: V, how many there are.

    Returns:
        A scalar of the logits' type, the mean over the images.

    Example:
        >>> same = tf.constant([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]])
        >>> round(float(jensen_shannon(same)), 6)
        0.0

    Source: Hendrycks et al., "AugMix", arXiv 1912.02781, equation 3.
    """
    logits = tf.reshape(logits, (views, -1, logits.shape[-1]))
    probabilities = tf.nn.softmax(logits)
    mixture = tf.clip_by_value(tf.reduce_mean(probabilities, 0), LEAST, 1.0)
    difference = tf.nn.log_softmax(logits) - tf.math.log(mixture)
    divergences = tf.reduce_sum(probabilities * difference, -1)
    return tf.reduce_mean(divergences)
