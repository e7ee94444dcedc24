"""What a classifier makes of mixes of its inputs, averaged."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def mixed_probabilities(
    classify: Callable[[tf.Tensor], Any],
    inputs: tf.Tensor,
    pool: tf.Tensor,
    partners: tf.Tensor,
    weight: float,
    num_classes: int,
) -> tf.Tensor:
    """Average the probabilities of the mixes of each input with its partners.

    The mixes are `weight * input + (1 - weight) * partner`. They are classified in as many passes
    as each input has partners, so that memory is that of one pass.

    Args:
        classify: Function of mixes `float32 (B, ...)` that returns logits `(B, K)`.
        inputs: `float32 (B, ...)`: images, or their latents.
        pool: Tensor `(P, ...)` of any number type, what they are mixed with.
        partners: Rows of the pool, `int32 (B, S)`.
        weight: The weight of the input, lambda, from 0 to 1.
        num_classes: K.

    Returns:
        Probabilities, `float32 (B, K)`.

    Example:
        >>> inputs, pool = tf.constant([[0.0, 4.0]]), tf.constant([[0.0, 0.0], [2.0, 2.0]])
        >>> found = mixed_probabilities(lambda x: x, inputs, pool, [[0, 1]], 0.5, num_classes=2)
        >>> bool(np.allclose(found, tf.nn.softmax([[0.0, 2.0]])))
        True

    Source: Pang et al., "Mixup Inference: Better Exploiting Mixup to Defend Adversarial Attacks",
    arXiv 1909.11515, equation 5.
    """
    inputs, partners = tf.cast(inputs, tf.float32), tf.convert_to_tensor(partners)
    pool = tf.convert_to_tensor(pool)
    samples = partners.shape[1]

    def add(number: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        partner = tf.cast(tf.gather(pool, tf.gather(partners, number, axis=1)), tf.float32)
        logits = tf.cast(classify(weight * inputs + (1.0 - weight) * partner), tf.float32)
        return number + 1, total + tf.nn.softmax(logits)

    # A loop and not a row of copies of the network, which would take minutes to build.
    _, total = tf.while_loop(
        lambda number, total: number < samples,
        add,
        (0, tf.zeros((tf.shape(inputs)[0], num_classes))),
        maximum_iterations=samples,  # what XLA needs for gradients, as of an attack
    )
    return total / samples


def combined_probabilities(
    plain: tf.Tensor, predicted: tf.Tensor, other: tf.Tensor, threshold: float
) -> tf.Tensor:
    """Choose for each image between both kinds of mixes.

    Where the mixes with images of the predicted class are less confident than the image alone by at
    least a threshold, something may be wrong with the image, and the mixes with other classes
    count.

    Args:
        plain: Probabilities of the images themselves, `float32 (B, K)`.
        predicted: Those of their mixes with images of the predicted class.
        other: Those of their mixes with images of other classes.
        threshold: The fall in confidence from which on the latter count.

    Returns:
        Probabilities, `float32 (B, K)`.

    Example:
        >>> plain, other = tf.constant([[1.0, 0.0]] * 2), tf.constant([[0.5, 0.5]] * 2)
        >>> predicted = tf.constant([[0.875, 0.125], [0.75, 0.25]])
        >>> combined_probabilities(plain, predicted, other, 0.2)[:, 0].numpy().tolist()
        [0.875, 0.5]
    """
    gap = tf.reduce_max(plain, 1) - tf.reduce_max(predicted, 1)
    return tf.where(gap[:, None] < threshold, predicted, other)
