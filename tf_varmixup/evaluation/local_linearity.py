"""Local linearity of a classifier's loss around the images of a dataset."""

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
    departure_and_gradient,
    loss_tangent,
    surface_start,
    unit_images,
)
from tf_varmixup.checks import check_count, check_positive
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


def measure_local_linearity(
    classify: Classify,
    images: Any,
    labels: Any,
    norm: str = "linf",
    radius: float = 8 / 255,
    step_size: float | None = None,
    steps: int = 5,
    restarts: int = 20,
    temperature: float = 1.0,
    batch_size: int = 500,
    seed: int = 0,
    value_range: tuple[int, int] = VALUE_RANGE,
    on_progress: Callable[[float], object] | None = None,
) -> MeasuredValues:
    """Search how far the loss around each image departs from its tangent.

    That is max over d of |l(x + d) - l(x) - d . grad l(x)| with d in a ball and x + d in the range
    of images, l the cross-entropy of the true label: the largest over all iterates of all restarts
    of `tf_varmixup.attacks.local_linearity`. It is a lower bound; compare values of the same search
    alone. It grows with the loss, so that an underconfident classifier has a small one for that
    alone: compare it after temperature scaling, or read it beside the loss.

    Args:
        classify: Function from images in that range, `float32 (B, H, W, C)`, to logits `(B, K)`, in
            inference mode, each row of its own image alone, and differentiable.
        images: Array `(N, H, W, C)`, `uint8` or floating.
        labels: Class numbers `(N,)` or one-hot `(N, K)`.
        norm: `"linf"` or `"l2"`.
        radius: Radius of the ball, in units of images in [0, 1] whatever the range.
        step_size: Length of a step, in that unit; None takes the radius.
        steps: Steps of each search.
        restarts: How many random starts on the surface of the ball.
        temperature: Positive number the logits are divided by.
        batch_size: Largest size of a batch.
        seed: Python integer. Each image draws by its row number, whatever the batches.
        value_range: (0, 255), or (0, 1) where the images and what `classify` takes lie in [0, 1].
        on_progress: Called with the share that is done, up to 1.0, after each search of a batch; or
            None.

    Returns:
        `MeasuredValues` of the images: `linearity_error`, the largest departure in nats, and `nll`,
        the loss of the images as they are. The settings are the numbers of the search.

    Raises:
        ValueError: If an argument is bad, images and labels do not fit, or a logit is not a number.

    Example:
        >>> linear = lambda images: tf.pad(images[:, 0, 0] / 100.0, [[0, 0], [0, 1]])
        >>> images = np.array([[[[100]]], [[[200]]]], "uint8")
        >>> found = measure_local_linearity(linear, images, [0, 0], radius=0.1).summary()
        >>> round(found["linearity_error"], 4), round(found["nll"], 4)
        (0.0051, 0.2201)

    Source: Qin et al., arXiv 1907.02610, equation 4.
    """
    radius = check_image_radius(radius, check_norm(norm))
    length = check_positive("step_size", radius if step_size is None else step_size)
    steps, restarts = check_count("steps", steps), check_count("restarts", restarts)
    temperature = check_positive("temperature", temperature)
    scale = float(check_value_range(value_range)[1])
    labels = checked_labels(images, labels)
    size, run_seed = even_batch_size(len(images), batch_size), draws.run_seed(seed)

    def of_units(units: tf.Tensor) -> tf.Tensor:
        return tf.cast(classify(scale * units), tf.float32) / temperature

    @tf.function
    def begin(origin: tf.Tensor, indices: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        starts = numbered_starts(origin, indices, norm, radius, seed)
        return surface_start(starts, origin, norm, radius, UNIT_BOUNDS)

    @tf.function
    def tangent_at(origin: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return loss_tangent(of_units, origin, labels)

    # A step and not all of them, so that tracing takes as long as for one.
    @tf.function
    def step(
        points: tf.Tensor,
        largest: tf.Tensor,
        origin: tf.Tensor,
        labels: tf.Tensor,
        tangent: tuple[tf.Tensor, tf.Tensor],
    ) -> tuple[tf.Tensor, tf.Tensor]:
        departure, uphill = departure_and_gradient(of_units, points, origin, labels, tangent)
        moved = ascent_step(points, uphill, origin, norm, radius, length, UNIT_BOUNDS)
        return moved, tf.maximum(largest, departure)

    errors, losses = np.zeros(len(labels)), np.zeros(len(labels))
    batches = list(padded_batches(np.arange(len(labels)), size))
    for number, (rows, count) in enumerate(batches):
        origin, _ = unit_images(images[rows], value_range)
        if number == 0:
            num_classes = checked_logits(tf.function(of_units)(origin), labels)
        one_hot, indices = tf.one_hot(labels[rows], num_classes), tf.constant(rows, tf.int32)
        tangent = tangent_at(origin, one_hot)
        largest = tf.zeros(size)
        for restart in range(restarts):
            points = begin(origin, indices, draws.fold(run_seed, restart))
            for _ in range(steps + 1):  # the last one only looks at where the search ended
                points, largest = step(points, largest, origin, one_hot, tangent)
            if on_progress is not None:
                on_progress((number + (restart + 1) / restarts) / len(batches))
        losses[rows[:count]] = checked_numbers(tangent[0])[:count]
        errors[rows[:count]] = checked_numbers(largest)[:count]
    return MeasuredValues(
        {"linearity_error": errors, "nll": losses},
        {
            "images": len(labels),
            "radius": radius,
            "step_size": length,
            "steps": steps,
            "restarts": restarts,
        },
    )
