"""How smoothly predictions change on the way from one image to another."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.attacks import unit_images
from tf_varmixup.checks import check_count, check_positive
from tf_varmixup.evaluation.attack_batches import Classify, checked_numbers, padded_batches
from tf_varmixup.evaluation.measured_values import MeasuredValues
from tf_varmixup.evaluation.prediction import even_batch_size
from tf_varmixup.images import VALUE_RANGE


def measure_interpolation(
    classify: Classify,
    images: Any,
    autoencoder: Any = None,
    points: int = 9,
    max_pairs: int = 1000,
    temperature: float = 1.0,
    batch_size: int = 500,
    seed: int = 0,
    value_range: tuple[int, int] = VALUE_RANGE,
    on_progress: Callable[[float], object] | None = None,
) -> MeasuredValues:
    """Measure how predictions change on straight lines between pairs of images.

    Lines go through pixels, or through latents of an autoencoder, which decodes the points, both
    ends included. Distances between predicted probabilities are total variations: half the sum over
    classes of absolute differences, 0 to 1.

    Args:
        classify: Function from images in that range, `float32 (B, H, W, C)`, to logits `(B, K)`; it
            is called eagerly, B being the same each time, and may be a `tf.function`.
        images: Array `(N, H, W, C)`, `uint8` or floating, N at least 2.
        autoencoder: Model with `interpolate(first, second, steps)` from images in 0..255 to
            `(B, steps, H, W, C)` in 0..255; None takes the lines between the images themselves.
        points: Points on each line, both ends included; odd, so that one is halfway. More points
            find more variation.
        max_pairs: Pairs to draw; at most N, each image being the first of one.
        temperature: Positive number the logits are divided by; an underconfident classifier is
            smooth for that alone.
        batch_size: Largest number of points that are classified at once, but at least one line.
        seed: Python integer, what the pairs are drawn from.
        value_range: (0, 255), or (0, 1) where the images and what `classify` takes lie in [0, 1].
        on_progress: Called with the share that is done, up to 1.0, after each batch; or None.

    Returns:
        `MeasuredValues` of the pairs:

        - `total_variation`: length of the path of predictions, the sum of the distances between
          consecutive points;
        - `excess_variation`: that minus the distance between both ends, below which no path can be;
          0 where each class's probability only rises or only falls on the way;
        - `largest_step`: the largest distance between consecutive points; 1 is a leap from one
          class to another, and 1 / (points - 1) of the total is even;
        - `midpoint_confidence`, `midpoint_entropy`: the largest probability halfway, and the
          entropy there in nats.

        The settings are the numbers of `pairs` and `points`.

    Raises:
        ValueError: If an argument is bad, there are fewer than two images, or a logit is not a
            number.

    Example:
        >>> classify = lambda images: tf.pad(images[:, 0, 0] - 100.0, [[0, 0], [0, 1]])
        >>> images = np.array([[[[0]]], [[[200]]]], "uint8")
        >>> found = measure_interpolation(classify, images, points=5).summary()
        >>> [round(found[name], 3) for name in ("total_variation", "largest_step")]
        [1.0, 0.5]
    """
    points, max_pairs = check_count("points", points, 3), check_count("max_pairs", max_pairs)
    if points % 2 == 0:
        raise ValueError(f"Expected points to be odd, so that one is halfway. Received: {points}.")
    if autoencoder is not None and not hasattr(autoencoder, "interpolate"):
        raise ValueError(
            "Expected an autoencoder with interpolate(first, second, steps). "
            f"Received: {type(autoencoder).__name__}."
        )
    temperature = check_positive("temperature", temperature)
    if len(images) < 2:
        raise ValueError(f"Expected at least two images. Received: {len(images)}.")
    unit_images(images[:1], value_range)
    top = float(value_range[1])

    @tf.function
    def line(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
        if autoencoder is None:
            share = tf.linspace(0.0, 1.0, points)
            share = tf.reshape(share, [1, points] + [1] * (len(first.shape) - 1))
            path = (1.0 - share) * first[:, None] + share * second[:, None]
        else:
            scale = 255.0 / top
            path = autoencoder.interpolate(scale * first, scale * second, points) / scale
        return tf.reshape(path, (-1, *path.shape[2:]))

    def probabilities(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
        # Not in the graph, so that the classifier may be one of NumPy.
        logits = tf.cast(classify(line(first, second)), tf.float32)
        of_points = tf.nn.softmax(logits / temperature)
        return tf.reshape(of_points, (-1, points, of_points.shape[1]))

    order = draws.permutation(len(images), draws.run_seed(seed)).numpy()
    pairs = np.stack([order, np.roll(order, -1)], 1)[:max_pairs]
    size = even_batch_size(len(pairs), max(1, batch_size // points))
    parts = []
    for number, (rows, count) in enumerate(padded_batches(np.arange(len(pairs)), size)):
        ends = [tf.cast(images[pairs[rows, side]], tf.float32) for side in (0, 1)]
        parts.append(path_metrics(checked_numbers(probabilities(*ends))[:count]))
        if on_progress is not None:
            on_progress(min(1.0, (number + 1) * size / len(pairs)))
    values = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return MeasuredValues(values, {"pairs": len(pairs), "points": points})


def path_metrics(probabilities: Any) -> dict[str, np.ndarray]:
    """Compute how predictions change along paths.

    Args:
        probabilities: Array `(N, P, K)`, of P points in a row, P odd.

    Returns:
        A dict of arrays `(N,)` with the names that `measure_interpolation` explains.

    Example:
        >>> leap = [[[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]]
        >>> {name: float(rows[0]) for name, rows in path_metrics(leap).items()}["largest_step"]
        1.0
    """
    found = np.asarray(probabilities, "float64")
    steps = np.abs(np.diff(found, axis=1)).sum(2) / 2.0
    total = steps.sum(1)
    middle = found[:, found.shape[1] // 2]
    logs = np.log(np.maximum(middle, np.finfo("float64").tiny))
    return {
        "total_variation": total,
        "excess_variation": np.maximum(total - np.abs(found[:, -1] - found[:, 0]).sum(1) / 2.0, 0),
        "largest_step": steps.max(1),
        "midpoint_confidence": middle.max(1),
        "midpoint_entropy": -(middle * logs).sum(1),
    }
