"""Projected gradient ascent: step, project on the ball, clip to the bounds."""

from collections.abc import Callable

import tensorflow as tf

from tf_varmixup.attacks.ball import ascent_direction, check_norm, project
from tf_varmixup.checks import check_count, check_positive


def ascend(
    gradient: Callable[[tf.Tensor], tf.Tensor],
    origin: tf.Tensor,
    norm: str,
    radius: float,
    step_size: float,
    steps: int,
    start: tf.Tensor | None = None,
    bounds: tuple[float, float] | None = None,
) -> tf.Tensor:
    """Climb within a ball around points, each by itself, and return where it ends.

    Args:
        gradient: Function from points `float32 (B, ...)` to gradients of that shape. A positive
            factor of a point's gradient makes no difference.
        origin: Centers of the balls, `float32 (B, ...)`.
        norm: `"linf"` or `"l2"`.
        radius: Radius of the balls, in the unit of the points.
        step_size: Length of a step in that norm.
        steps: How many.
        start: Perturbations of the origin to start from, which are projected on the ball; None
            starts at the origin.
        bounds: Least and largest value of a coordinate, or None.

    Returns:
        A `float32` tensor shaped like `origin`.

    Raises:
        ValueError: If a number or the norm is bad.

    Example:
        >>> origin = tf.zeros((1, 2))
        >>> up = lambda points: tf.constant([[1.0, -2.0]])
        >>> ascend(up, origin, "linf", radius=0.25, step_size=0.1, steps=4).numpy().tolist()
        [[0.25, -0.25]]
    """
    points, move = _climb(gradient, origin, norm, radius, step_size, steps, start, bounds)
    # Written out one by one: in a loop, XLA computes convolutions on a CPU with one thread, and a
    # step takes five times as long.
    for _ in range(steps):
        points = move(points)
    return tf.stop_gradient(points)


def ascend_iterates(
    gradient: Callable[[tf.Tensor], tf.Tensor],
    origin: tf.Tensor,
    norm: str,
    radius: float,
    step_size: float,
    steps: int,
    start: tf.Tensor | None = None,
    bounds: tuple[float, float] | None = None,
) -> tf.Tensor:
    """Climb as `ascend` does, and return every point on the way.

    Args:
        gradient: As of `ascend`.
        origin: As of `ascend`.
        norm: As of `ascend`.
        radius: As of `ascend`.
        step_size: As of `ascend`.
        steps: As of `ascend`.
        start: As of `ascend`.
        bounds: As of `ascend`.

    Returns:
        A `float32` tensor `(steps + 1, B, ...)`; the first are the points that it started from.

    Raises:
        ValueError: If a number or the norm is bad.

    Example:
        >>> up = lambda points: tf.ones_like(points)
        >>> points = ascend_iterates(up, tf.zeros((1, 1)), "linf", 2.5, 1.0, steps=3)
        >>> points.numpy().ravel().tolist()
        [0.0, 1.0, 2.0, 2.5]
    """
    points, move = _climb(gradient, origin, norm, radius, step_size, steps, start, bounds)
    iterates = [points]
    for _ in range(steps):
        iterates.append(move(iterates[-1]))
    return tf.stop_gradient(tf.stack(iterates))


def _climb(
    gradient: Callable[[tf.Tensor], tf.Tensor],
    origin: tf.Tensor,
    norm: str,
    radius: float,
    step_size: float,
    steps: int,
    start: tf.Tensor | None,
    bounds: tuple[float, float] | None,
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    """Return where to start, and the function of one step."""
    check_norm(norm)
    radius, step_size = check_positive("radius", radius), check_positive("step_size", step_size)
    check_count("steps", steps)

    def inside(perturbations: tf.Tensor) -> tf.Tensor:
        points = origin + project(perturbations, norm, radius)
        return points if bounds is None else tf.clip_by_value(points, *bounds)

    def move(points: tf.Tensor) -> tf.Tensor:
        direction = ascent_direction(gradient(points), norm)
        return inside(points + step_size * direction - origin)

    return origin if start is None else inside(tf.cast(start, tf.float32)), move
