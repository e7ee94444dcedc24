"""How far the loss of a classifier departs from its tangent within a ball around an image."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_varmixup.attacks.ascent import ascent_step, inside_ball
from tf_varmixup.attacks.ball import ascent_direction, check_image_radius, check_norm
from tf_varmixup.attacks.loss_gradient import logits_and_gradient
from tf_varmixup.attacks.pgd import UNIT_BOUNDS, unit_images
from tf_varmixup.checks import check_count, check_positive
from tf_varmixup.images import VALUE_RANGE


def local_linearity(
    classify: Callable[[tf.Tensor], tf.Tensor],
    images: Any,
    labels: Any,
    start: Any,
    norm: str = "linf",
    radius: float = 8 / 255,
    step_size: float = 8 / 255,
    steps: int = 5,
    value_range: tuple[int, int] = VALUE_RANGE,
    clip: bool = True,
) -> tf.Tensor:
    """Search each image's largest departure of the loss from its tangent, from one start.

    That is max over d of |l(x + d) - l(x) - d . grad l(x)|, l the cross-entropy of the true label.
    The search is projected gradient ascent on it from a point of the ball's surface, and keeps the
    largest value on the way. What it finds is a lower bound, which more starts raise: compare
    values of the same search alone.

    Args:
        classify: Function from images of that range, `float32 (B, ...)`, to logits `(B, K)`, in
            inference mode and each row of its own image alone.
        images: Tensor or array `(B, ...)` of any rank from 2, `uint8` or floating.
        labels: True labels, one-hot or soft, `float32 (B, K)`.
        start: Perturbations `(B, ...)`, such as from `random_start`, whose direction says where on
            the surface to start: a corner of the ball in L-infinity. At 0 the departure has no
            gradient, and the search would stand still.
        norm: `"linf"` or `"l2"`.
        radius: Radius of the ball, in units of images in [0, 1] whatever the range.
        step_size: Length of a step, in that unit. Steps as long as the radius go from one corner of
            the ball to another, where a convex loss departs most.
        steps: How many steps.
        value_range: (0, 255), or (0, 1) where the images and what `classify` takes lie in [0, 1].
        clip: Whether x + d stays in the range of images.

    Returns:
        A `float32` tensor `(B,)` of numbers of at least 0, in nats.

    Raises:
        ValueError: If a number, the norm or the range is bad, the images do not lie in that range,
            or the labels are not (B, K).

    Example:
        >>> classify = lambda points: tf.concat([4.0 * points, 0.0 * points], 1)
        >>> image, label, start = np.full((1, 1), 0.5), np.eye(2)[:1], np.full((1, 1), -0.01)
        >>> found = local_linearity(classify, image, label, start, radius=0.1, value_range=(0, 1))
        >>> tangent = np.log1p(np.exp(-2.0)) + 0.4 / (1.0 + np.exp(2.0))
        >>> bool(np.allclose(found, np.log1p(np.exp(-1.6)) - tangent, rtol=1e-4))
        True

    Source: Qin et al., "Adversarial Robustness through Local Linearization", arXiv 1907.02610,
    equation 4.
    """
    origin, scale = unit_images(images, value_range)
    radius = check_image_radius(radius, check_norm(norm))
    step_size, steps = check_positive("step_size", step_size), check_count("steps", steps)
    bounds = UNIT_BOUNDS if clip else None

    def of_units(units: tf.Tensor) -> tf.Tensor:
        return classify(scale * units)

    tangent = loss_tangent(of_units, origin, labels)
    points = surface_start(tf.cast(start, tf.float32), origin, norm, radius, bounds)
    largest = tf.zeros(tf.shape(origin)[:1])
    for _ in range(steps):
        departure, uphill = departure_and_gradient(of_units, points, origin, labels, tangent)
        largest = tf.maximum(largest, departure)
        points = ascent_step(points, uphill, origin, norm, radius, step_size, bounds)
    departure, _ = departure_and_gradient(of_units, points, origin, labels, tangent)
    return tf.stop_gradient(tf.maximum(largest, departure))


def surface_start(
    directions: tf.Tensor,
    origin: tf.Tensor,
    norm: str,
    radius: float,
    bounds: tuple[float, float] | None = None,
) -> tf.Tensor:
    """Return the points of balls' surfaces that lie in some directions, clipped to the bounds.

    Searches from there find more than those from the inside, as departures grow outwards.

    Args:
        directions: `float32 (B, ...)`, not 0.
        origin: Centers of the balls, of that shape.
        norm: `"linf"`, where the points are corners, or `"l2"`.
        radius: Radius of the balls, in the unit of the points.
        bounds: Least and largest value of a coordinate, or None.

    Returns:
        A `float32` tensor shaped like `origin`.

    Example:
        >>> directions = tf.constant([[0.1, -0.2]])
        >>> surface_start(directions, tf.zeros((1, 2)), "linf", 0.5).numpy().tolist()
        [[0.5, -0.5]]
    """
    perturbations = radius * ascent_direction(directions, norm)
    return inside_ball(perturbations, origin, norm, radius, bounds)


def loss_tangent(
    classify: Callable[[tf.Tensor], tf.Tensor], points: tf.Tensor, labels: Any
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return each row's cross-entropy and its gradient, which make the tangent of the loss.

    Args:
        classify: Function from points to logits `(B, K)`, each row of its own point alone.
        points: `float32 (B, ...)`.
        labels: One-hot or soft, `float32 (B, K)`.

    Returns:
        Losses `float32 (B,)` in nats, and gradients shaped like `points`.

    Raises:
        ValueError: If the labels are not shaped like the logits.

    Example:
        >>> classify = lambda points: tf.concat([points, -points], 1)
        >>> loss, gradient = loss_tangent(classify, tf.zeros((1, 1)), [[1.0, 0.0]])
        >>> round(float(loss[0]), 4), float(gradient[0, 0])
        (0.6931, -1.0)
    """
    logits, gradient = logits_and_gradient(classify, points, labels)
    labels = tf.cast(labels, tf.float32)
    return tf.nn.softmax_cross_entropy_with_logits(labels, logits), gradient


def departure_and_gradient(
    classify: Callable[[tf.Tensor], tf.Tensor],
    points: tf.Tensor,
    origin: tf.Tensor,
    labels: Any,
    tangent: tuple[tf.Tensor, tf.Tensor],
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return how far the loss is from a tangent at points, and which way that grows.

    Args:
        classify: As of `loss_tangent`.
        points: `float32 (B, ...)`.
        origin: Where the tangent touches the loss, of that shape.
        labels: As of `loss_tangent`.
        tangent: Loss and gradient there, as `loss_tangent` returns them.

    Returns:
        The absolute departures `float32 (B,)`, and their gradients shaped like `points`.

    Example:
        >>> classify = lambda points: tf.concat([points, -points], 1)
        >>> origin, points, labels = tf.zeros((1, 1)), tf.ones((1, 1)), [[1.0, 0.0]]
        >>> tangent = loss_tangent(classify, origin, labels)
        >>> departure, _ = departure_and_gradient(classify, points, origin, labels, tangent)
        >>> bool(np.allclose(departure, np.log1p(np.exp(-2.0)) - np.log(2.0) + 1.0))
        True
    """
    loss, gradient = loss_tangent(classify, points, labels)
    touched, slope = tangent
    moved = tf.reduce_sum((points - origin) * slope, list(range(1, len(origin.shape))))
    departure = loss - touched - moved
    # 1 where there is none yet, since the sign of 0 would let it stand still.
    sign = tf.where(departure < 0.0, -1.0, 1.0)
    sign = tf.reshape(sign, [-1] + [1] * (len(origin.shape) - 1))
    return tf.abs(departure), sign * (gradient - slope)
