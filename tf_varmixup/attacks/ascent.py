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


def ascent_step(
    points: tf.Tensor,
    gradient: tf.Tensor,
    origin: tf.Tensor,
    norm: str,
    radius: float,
    step_size: float,
    bounds: tuple[float, float] | None = None,
) -> tf.Tensor:
    """Take one step up, project on the ball, and clip to the bounds, in that order.

    Args:
        points: Where to step from, `float32 (B, ...)`.
        gradient: The gradients there, of that shape; positive factors make no difference.
        origin: Centers of the balls, of that shape.
        norm: `"linf"` or `"l2"`.
        radius: Radius of the balls, in the unit of the points.
        step_size: Length of the step in that norm.
        bounds: Least and largest value of a coordinate, or None.

    Returns:
        A `float32` tensor shaped like `points`.

    Raises:
        ValueError: If the norm is unknown.

    Example:
        >>> origin, up = tf.zeros((1, 2)), tf.constant([[1.0, -2.0]])
        >>> ascent_step(origin, up, origin, "linf", radius=0.25, step_size=0.5).numpy().tolist()
        [[0.25, -0.25]]
    """
    moved = points + step_size * ascent_direction(gradient, norm)
    return inside_ball(moved - origin, origin, norm, radius, bounds)


def inside_ball(
    perturbations: tf.Tensor,
    origin: tf.Tensor,
    norm: str,
    radius: float,
    bounds: tuple[float, float] | None = None,
) -> tf.Tensor:
    """Add perturbations to points, projected on a ball, and clip the sum to the bounds.

    Args:
        perturbations: `float32 (B, ...)`.
        origin: Centers of the balls, of that shape.
        norm: `"linf"` or `"l2"`.
        radius: Radius of the balls, in the unit of the points.
        bounds: Least and largest value of a coordinate, or None.

    Returns:
        A `float32` tensor shaped like `origin`.

    Raises:
        ValueError: If the norm is unknown.

    Example:
        >>> far, origin = tf.constant([[3.0]]), tf.constant([[0.75]])
        >>> float(inside_ball(far, origin, "linf", 0.5, bounds=(0.0, 1.0))[0, 0])
        1.0
    """
    points = origin + project(perturbations, norm, radius)
    return points if bounds is None else tf.clip_by_value(points, *bounds)


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

    def move(points: tf.Tensor) -> tf.Tensor:
        return ascent_step(points, gradient(points), origin, norm, radius, step_size, bounds)

    if start is None:
        return origin, move
    return inside_ball(tf.cast(start, tf.float32), origin, norm, radius, bounds), move
