"""The balls that perturbations stay in, and the directions that lead out of them fastest."""

from typing import Any

import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import check_choice

NORMS = ("linf", "l2")


def check_norm(norm: Any) -> str:
    """Return `"linf"` or `"l2"`, or raise ValueError."""
    return check_choice("norm", norm, NORMS)


def ascent_direction(gradient: tf.Tensor, norm: str) -> tf.Tensor:
    """Return the step of length 1 along which a linear function rises most.

    That is the sign of the gradient in L-infinity, where the sign of 0 is 0, and the gradient over
    its norm in L2.

    Args:
        gradient: `float32 (B, ...)`, each row an image's.
        norm: `"linf"` or `"l2"`.

    Returns:
        A tensor shaped like `gradient`; zeros where the gradient is zero.

    Raises:
        ValueError: If the norm is unknown.

    Example:
        >>> ascent_direction(tf.constant([[3.0, -4.0]]), "l2").numpy().round(3).tolist()
        [[0.6..., -0.8...]]
    """
    if check_norm(norm) == "linf":
        return tf.sign(gradient)
    return gradient / tf.maximum(_lengths(gradient), 1e-12)


def project(perturbations: tf.Tensor, norm: str, radius: float) -> tf.Tensor:
    """Return the nearest perturbations within a ball.

    Args:
        perturbations: `float32 (B, ...)`.
        norm: `"linf"` or `"l2"`.
        radius: Radius of the ball, in the unit of the perturbations.

    Returns:
        A tensor shaped like `perturbations`; those within the ball stay as they are.

    Raises:
        ValueError: If the norm is unknown.

    Example:
        >>> project(tf.constant([[3.0, -4.0]]), "linf", 3.5).numpy().tolist()
        [[3.0, -3.5]]
    """
    if check_norm(norm) == "linf":
        return tf.clip_by_value(perturbations, -radius, radius)
    return perturbations * tf.minimum(1.0, radius / tf.maximum(_lengths(perturbations), 1e-12))


def random_start(images: Any, norm: str, radius: float, seed: tf.Tensor) -> tf.Tensor:
    """Draw perturbations uniformly from a ball.

    Args:
        images: Tensor or array `(B, ...)` whose shape they have.
        norm: `"linf"` or `"l2"`.
        radius: Radius of the ball.
        seed: `int32 (2,)`.

    Returns:
        A `float32` tensor `(B, ...)`, in the unit of the radius.

    Raises:
        ValueError: If the norm is unknown.

    Example:
        >>> start = random_start(np.zeros((4, 8, 8, 1)), "linf", 0.1, draws.run_seed(0))
        >>> bool(0.09 < np.max(start) < 0.1)
        True
    """
    shape = tf.shape(images)
    if check_norm(norm) == "linf":
        start = radius * (2.0 * draws.uniforms(shape, seed) - 1.0)
    else:
        direction_seed, length_seed = draws.split(seed)
        directions = ascent_direction(draws.normals(shape, direction_seed), "l2")
        # The share of the ball within a length grows as its power of the dimension.
        dimension = tf.cast(tf.reduce_prod(shape[1:]), tf.float32)
        ones = tf.ones([tf.rank(images) - 1], tf.int32)
        shares = draws.uniforms(tf.concat([shape[:1], ones], 0), length_seed)
        start = radius * shares ** (1.0 / dimension) * directions
    return tf.ensure_shape(start, tf.TensorShape(images.shape))


def _lengths(values: tf.Tensor) -> tf.Tensor:
    """Return the L2 norm of each row, of a shape that broadcasts to the values."""
    axes = list(range(1, len(values.shape)))
    return tf.sqrt(tf.reduce_sum(values**2, axes, keepdims=True))
