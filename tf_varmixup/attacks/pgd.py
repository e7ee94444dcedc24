"""Projected gradient descent on the negative loss (PGD): the attack of adversarial training."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_varmixup.attacks.ascent import ascend, ascend_iterates
from tf_varmixup.attacks.ball import check_image_radius
from tf_varmixup.attacks.loss_gradient import loss_gradient
from tf_varmixup.images import VALUE_RANGE, check_value_range, check_values, to_unit

UNIT_BOUNDS = (0.0, 1.0)


def pgd(
    classify: Callable[[tf.Tensor], tf.Tensor],
    images: Any,
    labels: Any,
    norm: str = "linf",
    radius: float = 8 / 255,
    step_size: float = 2 / 255,
    steps: int = 10,
    start: Any = None,
    value_range: tuple[int, int] = VALUE_RANGE,
) -> tf.Tensor:
    """Perturb images within a ball, so that a classifier's cross-entropy rises.

    Each step goes along the sign of the gradient (L-infinity) or the gradient over its norm (L2),
    is projected on the ball and clipped to the range of images, in that order. The last step's
    images are returned, which need not be the best ones: `pgd_iterates` returns all.

    Args:
        classify: Function from images of that range, `float32 (B, ...)`, to logits `(B, K)`, in
            inference mode and each row of its own image alone.
        images: Tensor or array `(B, ...)` of any rank from 2, `uint8` or floating.
        labels: True labels, one-hot or soft, `float32 (B, K)`.
        norm: `"linf"` or `"l2"`.
        radius: Radius of the ball, in units of images in [0, 1] whatever the range.
        step_size: Length of a step, in that unit.
        steps: How many steps.
        start: Perturbations `(B, ...)` to start from in that unit, such as from `random_start`;
            None starts from the images.
        value_range: (0, 255), or (0, 1) where the images and what `classify` takes lie in [0, 1].

    Returns:
        Images `float32 (B, ...)` in the range of those that were given.

    Raises:
        ValueError: If a number, the norm or the range is bad, the images do not lie in that range,
            or the labels are not (B, K).

    Example:
        >>> darker = lambda images: tf.stack([images[:, 0], 255.0 - images[:, 0]], 1)
        >>> images, labels = np.full((1, 1), 100, "uint8"), np.eye(2, dtype="float32")[:1]
        >>> round(float(pgd(darker, images, labels)[0, 0]), 2)
        92.0

    Source: Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", arXiv
    1706.06083.
    """
    gradient, origin, scale = _in_unit(classify, images, labels, norm, radius, value_range)
    points = ascend(gradient, origin, norm, radius, step_size, steps, start, UNIT_BOUNDS)
    return scale * points


def pgd_iterates(
    classify: Callable[[tf.Tensor], tf.Tensor],
    images: Any,
    labels: Any,
    norm: str = "linf",
    radius: float = 8 / 255,
    step_size: float = 2 / 255,
    steps: int = 10,
    start: Any = None,
    value_range: tuple[int, int] = VALUE_RANGE,
) -> tf.Tensor:
    """Perturb images as `pgd` does, and return those of every step.

    Args:
        classify: As of `pgd`.
        images: As of `pgd`.
        labels: As of `pgd`.
        norm: As of `pgd`.
        radius: As of `pgd`.
        step_size: As of `pgd`.
        steps: As of `pgd`.
        start: As of `pgd`.
        value_range: As of `pgd`.

    Returns:
        Images `float32 (steps + 1, B, ...)`; the first are those that it started from.

    Raises:
        ValueError: If a number, the norm or the range is bad, the images do not lie in that range,
            or the labels are not (B, K).

    Example:
        >>> darker = lambda images: tf.stack([images[:, 0], 255.0 - images[:, 0]], 1)
        >>> images, labels = np.full((1, 1), 100, "uint8"), np.eye(2, dtype="float32")[:1]
        >>> pgd_iterates(darker, images, labels, steps=5).numpy().ravel().round().tolist()
        [100.0, 98.0, 96.0, 94.0, 92.0, 92.0]

    Source: as of `pgd`.
    """
    gradient, origin, scale = _in_unit(classify, images, labels, norm, radius, value_range)
    points = ascend_iterates(gradient, origin, norm, radius, step_size, steps, start, UNIT_BOUNDS)
    return scale * points


def _in_unit(
    classify: Callable[[tf.Tensor], tf.Tensor],
    images: Any,
    labels: Any,
    norm: str,
    radius: float,
    value_range: tuple[int, int],
) -> tuple[Callable[[tf.Tensor], tf.Tensor], tf.Tensor, float]:
    """Return which way the loss rises in images in [0, 1], these images, and their scale."""
    origin, scale = unit_images(images, value_range)
    check_image_radius(radius, norm)

    def gradient(points: tf.Tensor) -> tf.Tensor:
        return loss_gradient(lambda units: classify(scale * units), points, labels, scaled=True)

    return gradient, origin, scale


def unit_images(images: Any, value_range: tuple[int, int]) -> tuple[tf.Tensor, float]:
    """Return images as `float32` in [0, 1], where radii are measured, and their scale.

    Args:
        images: Tensor or array of any rank, `uint8` or floating, in the range.
        value_range: (0, 255) or (0, 1).

    Returns:
        A `float32` tensor, and 255.0 or 1.0, by which it is multiplied to be in the range again.

    Raises:
        ValueError: If the range is another, or eager images do not lie in it.

    Example:
        >>> units, scale = unit_images(np.full((1, 2), 255, "uint8"), (0, 255))
        >>> units.numpy().tolist(), scale
        ([[1.0, 1.0]], 255.0)
    """
    scale = float(check_value_range(value_range)[1])
    if not tf.is_symbolic_tensor(images):
        check_values(images, value_range)
    return (to_unit(images) if scale == 255.0 else tf.cast(images, tf.float32)), scale
