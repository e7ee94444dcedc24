"""Whom each image of a batch is mixed with."""

import tensorflow as tf

from tf_varmixup import draws


def partners_of_another_class(labels: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Choose for each example a random one of another class.

    Where no label differs, it is any other example; in a batch of one, the example itself. Soft
    labels are paired with those that have least in common with them.

    Args:
        labels: `float32 (B, K)`, one-hot or soft.
        seed: `int32 (2,)`.

    Returns:
        An `int32` tensor `(B,)`.

    Example:
        >>> labels = np.eye(2, dtype="float32")[[0, 1, 1]]
        >>> partners_of_another_class(labels, draws.run_seed(0)).numpy().tolist()[1:]
        [0, 0]
    """
    directions = tf.math.l2_normalize(tf.cast(labels, tf.float32), axis=1)
    alike = tf.matmul(directions, directions, transpose_b=True)
    # Whole thousandths of the cosine, so that rounding does not choose among labels that are alike.
    ties = draws.uniforms(tf.shape(alike), seed)
    return _smallest(tf.round(1000.0 * alike) + 0.5 * ties)


def nearest_partners(latents: tf.Tensor) -> tf.Tensor:
    """Choose for each example the one whose latent is nearest to its own.

    Args:
        latents: `float32 (B, ...)`.

    Returns:
        An `int32` tensor `(B,)`; in a batch of one, the example itself.

    Example:
        >>> nearest_partners(tf.constant([[0.0], [5.0], [1.0], [7.0]])).numpy().tolist()
        [2, 3, 0, 1]
    """
    points = tf.reshape(latents, (tf.shape(latents)[0], -1))
    points -= tf.reduce_mean(points, 0)  # what is common to all would cost the others' digits
    squares = tf.reduce_sum(points**2, 1)
    # Without the square of the example itself, which is the same for all of its partners.
    return _smallest(squares[None, :] - 2.0 * tf.matmul(points, points, transpose_b=True))


def _smallest(distances: tf.Tensor) -> tf.Tensor:
    """Return the column of the smallest entry of each row, the diagonal left out."""
    itself = tf.eye(tf.shape(distances)[0], dtype=tf.bool)
    return tf.argmin(tf.where(itself, distances.dtype.max, distances), 1, tf.int32)
