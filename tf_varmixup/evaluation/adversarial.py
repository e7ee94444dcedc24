"""Accuracy under attack: an image counts as long as nothing that was tried fools the classifier."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.attacks import (
    UNIT_BOUNDS,
    ascent_step,
    check_image_radius,
    check_norm,
    inside_ball,
    logits_and_gradient,
    unit_images,
)
from tf_varmixup.checks import check_applies, check_choice, check_count, check_positive
from tf_varmixup.evaluation.attack_batches import (
    Classify,
    checked_labels,
    checked_logits,
    checked_numbers,
    numbered_starts,
    padded_batches,
)
from tf_varmixup.evaluation.measured_values import MeasuredValues
from tf_varmixup.evaluation.prediction import even_batch_size
from tf_varmixup.images import VALUE_RANGE, check_value_range

ATTACKS = ("fgsm", "pgd")


def measure_adversarial(
    classify: Classify,
    images: Any,
    labels: Any,
    attack: str = "pgd",
    norm: str = "linf",
    radius: float = 8 / 255,
    step_size: float | None = None,
    steps: int = 20,
    restarts: int = 1,
    batch_size: int = 500,
    seed: int = 0,
    value_range: tuple[int, int] = VALUE_RANGE,
    on_progress: Callable[[float], object] | None = None,
) -> MeasuredValues:
    """Measure which images a classifier gets right however an attack perturbs them.

    An image is broken as soon as any iterate of any restart is classified wrongly, and is attacked
    no more; one that is classified wrongly as it is counts as broken from the start.

    Args:
        classify: Function from images in that range, `float32 (B, H, W, C)`, to logits `(B, K)`, in
            inference mode, each row of its own image alone, and differentiable. Hand in logits
            rather than logarithms of a softmax in `float32`, whose gradient is lost where it is 1.
        images: Array `(N, H, W, C)`, `uint8` or floating.
        labels: Class numbers `(N,)` or one-hot `(N, K)`.
        attack: `"pgd"`, from a random start in the ball, or `"fgsm"`, one step of the radius's
            length from the image itself.
        norm: `"linf"` or `"l2"`.
        radius: Radius of the ball, in units of images in [0, 1] whatever the range.
        step_size: Length of a step of PGD, in that unit; None takes 2.5 radii over all steps.
        steps: Steps of PGD.
        restarts: How many random starts of PGD.
        batch_size: Largest size of a batch.
        seed: Python integer. Each image draws by its row number, whatever the batches.
        value_range: (0, 255), or (0, 1) where the images and what `classify` takes lie in [0, 1].
        on_progress: Called with the share that is done, up to 1.0, after each batch; or None.

    Returns:
        `MeasuredValues` of the images: `accuracy` (1 where nothing fooled the classifier),
        `clean_accuracy`, and `no_gradient` (1 where the loss had no gradient wherever an attack
        looked, so that the attack was blind). The settings are the numbers of the attack.

    Raises:
        ValueError: If an argument is bad, images and labels do not fit, a logit is not a number, or
            the classifier has no gradient for any image.

    Example:
        >>> darker = lambda images: tf.pad(images[:, 0, 0] - 6.0, [[0, 0], [0, 1]])
        >>> images = np.array([[[[5]]], [[[10]]], [[[200]]]], "uint8")
        >>> measure_adversarial(darker, images, [0, 0, 0]).summary()["accuracy"]
        0.33...

    Source: Madry et al., arXiv 1706.06083; Croce and Hein, arXiv 2003.01690, on counting any
    iterate.
    """
    check_choice("attack", attack, ATTACKS)
    radius = check_image_radius(radius, check_norm(norm))
    is_pgd = attack == "pgd"
    check_applies("step_size", step_size, None, is_pgd, "for attack 'pgd'")
    check_applies("steps", steps, 20, is_pgd, "for attack 'pgd'")
    check_applies("restarts", restarts, 1, is_pgd, "for attack 'pgd'")
    steps, restarts = check_count("steps", steps), check_count("restarts", restarts)
    if not is_pgd:
        step_size, steps = radius, 1
    default = 2.5 * radius / steps
    length = check_positive("step_size", default if step_size is None else step_size)
    check_value_range(value_range)
    labels = checked_labels(images, labels)
    size, run_seed = even_batch_size(len(images), batch_size), draws.run_seed(seed)
    scale, axes = float(value_range[1]), list(range(1, np.ndim(images)))

    @tf.function
    def logits_of(units: tf.Tensor) -> tf.Tensor:
        return tf.cast(classify(scale * units), tf.float32)

    @tf.function
    def begin(origin: tf.Tensor, indices: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        starts = numbered_starts(origin, indices, norm, radius, seed)
        return inside_ball(starts, origin, norm, radius, UNIT_BOUNDS)

    # A step and not all of them, so that tracing takes as long as for one.
    @tf.function
    def step(points: tf.Tensor, origin: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, ...]:
        logits, gradient = logits_and_gradient(
            lambda units: classify(scale * units), points, labels, scaled=True
        )
        moved = ascent_step(points, gradient, origin, norm, radius, length, UNIT_BOUNDS)
        return logits, moved, tf.reduce_any(gradient != 0.0, axes)

    def attacked(rows: np.ndarray, restart: int) -> tuple[np.ndarray, np.ndarray]:
        """Return which images of a batch were fooled, and which had a gradient."""
        origin, _ = unit_images(images[rows], value_range)
        one_hot = tf.one_hot(labels[rows], num_classes)
        points = origin
        if is_pgd:
            points = begin(origin, tf.constant(rows, tf.int32), draws.fold(run_seed, restart))
        fooled, seen = np.zeros(size, bool), np.zeros(size, bool)
        for _ in range(steps):
            logits, moved, has_gradient = step(points, origin, one_hot)
            fooled |= _wrong(logits, labels[rows])
            seen |= has_gradient.numpy()
            if fooled.all():
                return fooled, seen
            points = moved
        return fooled | _wrong(logits_of(points), labels[rows]), seen

    right = np.zeros(len(labels), bool)
    for rows, count in padded_batches(np.arange(len(labels)), size):
        logits = logits_of(unit_images(images[rows], value_range)[0])
        num_classes = checked_logits(logits, labels)
        right[rows[:count]] = ~_wrong(logits, labels[rows])[:count]
    robust, blind = right.copy(), right.copy()
    for restart in range(restarts):
        batches = list(padded_batches(np.flatnonzero(robust), size))
        for number, (rows, count) in enumerate(batches):
            fooled, seen = attacked(rows, restart)
            robust[rows[:count]] &= ~fooled[:count]
            blind[rows[:count]] &= ~seen[:count]
            if on_progress is not None:
                on_progress((restart + (number + 1) / len(batches)) / restarts)
        if right.any() and blind[right].all():
            raise ValueError(
                "Expected classify to have a gradient by its images. Received: a gradient of 0 for "
                "all images, as of a function that rounds them or of a softmax that is 1."
            )
    if on_progress is not None:
        on_progress(1.0)
    found = {"accuracy": robust, "clean_accuracy": right, "no_gradient": blind & robust}
    return MeasuredValues(
        {name: rows.astype("float64") for name, rows in found.items()},
        {
            "images": len(labels),
            "radius": radius,
            "step_size": length,
            "steps": steps,
            "restarts": restarts,
        },
    )


def _wrong(logits: tf.Tensor, labels: np.ndarray) -> np.ndarray:
    return np.argmax(checked_numbers(logits), 1) != labels
