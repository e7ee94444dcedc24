"""The one way into the corruptions: images in, corrupted images out."""

import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions.arguments import (
    check_cell,
    check_images,
    checked_indices,
    checked_seed,
)
from tf_varmixup.corruptions.catalogue import constants
from tf_varmixup.corruptions.functions import FUNCTIONS
from tf_varmixup.corruptions.names import CORRUPTIONS, SEVERITIES
from tf_varmixup.corruptions.sampling import ConsecutiveSeeds, Seeds, image_seeds
from tf_varmixup.draws import fold

# A batch is worked through in pieces of about this many values: larger intermediate results leave
# the cache, or are paged in afresh.
VALUES_AT_ONCE = 2**18


def corrupt(
    images: tf.Tensor | np.ndarray,
    corruption: str,
    severity: int,
    seed: int | tf.Tensor,
    indices: int | tf.Tensor | np.ndarray = 0,
) -> tf.Tensor:
    """Corrupt images as CIFAR-10-C, Tiny-ImageNet-C or ImageNet-C does, whichever fits their size.

    What comes out is the benchmark's style, regenerated; the published arrays (see
    `load_published`) hold other draws. The constants are those of the benchmark whose image size is
    the nearest. Every image has draws of its own, which depend on the seed, the corruption, the
    severity and its index only: neither the size nor the order of the batch matters. Works eagerly,
    inside `tf.function` and inside `dataset.map`. An image of one channel gets what its copy in
    three channels would, as far as one channel can show it.

    Source: Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions
        and Perturbations", ICLR 2019.

    Args:
        images: `uint8` tensor or array `(B, H, W, C)`; H and W at least 8 and known, C 1 or 3.
        corruption: One of `CORRUPTIONS`.
        severity: Python integer, 1 to 5.
        seed: Python integer, or an `int32` tensor `(2,)`.
        indices: The images' numbers in their dataset, integers `(B,)`; or one integer, the number
            of the first, which the others follow, by default 0. The one integer makes the smaller
            graph.

    Returns:
        A `uint8` tensor `(B, H, W, C)`; levels are truncated, as the benchmark's are.

    Raises:
        ValueError: If the corruption or severity is unknown, the images have another rank, type,
            channel count or size, the seed has another form, or the indices are not as many as the
            images, not integers or negative.

    Example:
        >>> images = np.full((2, 32, 32, 3), 100, "uint8")
        >>> foggy = corrupt(images, "fog", severity=3, seed=0)
        >>> foggy.shape, foggy.dtype
        (TensorShape([2, 32, 32, 3]), tf.uint8)
    """
    severity = check_cell(corruption, severity)
    images = tf.convert_to_tensor(images)
    check_images(images)
    # The cell's number is folded in, so that an image's draws differ from cell to cell.
    cell = CORRUPTIONS.index(corruption) * len(SEVERITIES) + severity
    seed = fold(checked_seed(seed), cell)
    seeds = image_seeds(seed, checked_indices(indices, images.shape[0]))
    return _graph(corruption, severity, *images.shape[1:], len(seeds.shape) == 1)(images, seeds)


@functools.cache
def _graph(
    corruption: str, severity: int, height: int, width: int, channels: int, consecutive: bool
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Make the graph function of one cell for images of one size.

    It takes images with a seed each, or, for `consecutive` ones, the seed of the first.
    """
    function = FUNCTIONS[corruption]
    values = constants(corruption, severity, height, width)
    piece = max(1, VALUES_AT_ONCE // (height * width * channels))

    def corrupt_piece(images: tf.Tensor, seeds: Seeds) -> tf.Tensor:
        levels = function(images, values, seeds)
        if levels.dtype == tf.uint8:
            return levels
        return tf.cast(tf.clip_by_value(levels, 0.0, 255.0), tf.uint8)

    def seeds_of(seeds: tf.Tensor, start: tf.Tensor, stop: tf.Tensor) -> Seeds:
        if consecutive:
            return ConsecutiveSeeds(seeds + tf.stack([0, start]), stop - start)
        return seeds[start:stop]

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, height, width, channels), tf.uint8),
            tf.TensorSpec((2,) if consecutive else (None, 2), tf.int32),
        ],
        autograph=False,
    )
    def graph(images: tf.Tensor, seeds: tf.Tensor) -> tf.Tensor:
        count = tf.shape(images)[0]
        pieces = (count + piece - 1) // piece
        done = tf.TensorArray(
            tf.uint8, pieces, infer_shape=False, element_shape=(None, height, width, channels)
        )

        def body(number: tf.Tensor, done: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
            start, stop = number * piece, tf.minimum((number + 1) * piece, count)
            part = tf.ensure_shape(images[start:stop], (None, height, width, channels))
            return number + 1, done.write(number, corrupt_piece(part, seeds_of(seeds, start, stop)))

        _, done = tf.while_loop(
            lambda number, _: number < pieces, body, (0, done), parallel_iterations=2
        )
        return tf.ensure_shape(done.concat(), (None, height, width, channels))

    return graph
