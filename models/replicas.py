"""Losses on several replicas."""

import tensorflow as tf


def scaled_for_replicas(loss: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """Divide a replica's mean loss by the number of replicas, as the losses of Keras are.

    Gradients are added up over replicas, and Keras logs the loss times their number.

    Args:
        loss: Scalar, the mean over this replica's images.
        count: Scalar, the number of these images. A replica may get none at the end of the data,
            and a mean over none is not a number.

    Returns:
        A scalar; the loss itself where there is one replica.

    Example:
        >>> float(scaled_for_replicas(tf.constant(3.0), tf.constant(8)))
        3.0
    """
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    if replicas == 1:
        return loss
    return tf.where(count > 0, loss / replicas, 0.0)
