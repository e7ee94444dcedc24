"""The balls that perturbations stay in, and the directions that lead out of them fastest."""

from typing import Any

import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import check_choice, check_positive

NORMS = ("linf", "l2")


def check_norm(norm: Any) -> str:
    """Return `"linf"` or `"l2"`, or raise ValueError."""
    return check_choice("norm", norm, NORMS)


def check_image_radius(radius: Any, norm: str) -> float:
    """Return the radius of a ball of images, or raise ValueError.

    Args:
        radius: Expected a positive number in units of images in [0, 1], in L-infinity at most 1.
        norm: `"linf"` or `"l2"`.

    Returns:
        A float.

    Example:
        >>> check_image_radius(0.5, "l2")
        0.5
    """
    if check_positive("radius", radius) > 1.0 and check_norm(norm) == "linf":
        raise ValueError(
            f"Expected radius in units of images in [0, 1], such as 8/255. Received: {radius!r}."
        )
    return float(radius)


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
        start = point_of_ball(draws.uniforms(shape, seed), None, norm, radius)
    else:
        direction_seed, length_seed = draws.split(seed)
        shares = draws.uniforms(shape[:1], length_seed)
        start = point_of_ball(draws.uniforms(shape, direction_seed), shares, norm, radius)
    return tf.ensure_shape(start, tf.TensorShape(images.shape))


def point_of_ball(
    uniforms: tf.Tensor, shares: tf.Tensor | None, norm: str, radius: float
) -> tf.Tensor:
    """Turn uniform numbers into points of a ball, uniform in it.

    Args:
        uniforms: `float32 (B, ...)` in the open interval (0, 1), a number per coordinate.
        shares: `float32 (B,)` in (0, 1), for the length of each point in L2; not read in
            L-infinity.
        norm: `"linf"` or `"l2"`.
        radius: Radius of the ball.

    Returns:
        A `float32` tensor shaped like `uniforms`.

    Raises:
        ValueError: If the norm is unknown.

    Example:
        >>> point_of_ball(tf.constant([[0.25, 0.75]]), None, "linf", 2.0).numpy().tolist()
        [[-1.0, 1.0]]
    """
    if check_norm(norm) == "linf":
        return radius * (2.0 * uniforms - 1.0)
    directions = ascent_direction(tf.math.ndtri(uniforms), "l2")
    # The share of the ball within a length grows as its power of the dimension.
    dimension = tf.cast(tf.reduce_prod(tf.shape(uniforms)[1:]), tf.float32)
    shares = tf.reshape(shares, [-1] + [1] * (len(uniforms.shape) - 1))
    return radius * shares ** (1.0 / dimension) * directions


def _lengths(values: tf.Tensor) -> tf.Tensor:
    """Return the L2 norm of each row, of a shape that broadcasts to the values."""
    axes = list(range(1, len(values.shape)))
    return tf.sqrt(tf.reduce_sum(values**2, axes, keepdims=True))
