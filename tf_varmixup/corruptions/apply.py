"""The one way into the corruptions: pictures in, corrupted pictures out."""

import functools
import operator

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions import blur, digital, noise, weather
from tf_varmixup.corruptions.catalogue import CORRUPTIONS, SEVERITIES, constants
from tf_varmixup.corruptions.sampling import ConsecutiveSeeds, picture_seeds
from tf_varmixup.draws import fold, run_seed

FUNCTIONS = {
    name: getattr(module, name)
    for module in (noise, blur, weather, digital)
    for name in CORRUPTIONS
    if hasattr(module, name)
}
SMALLEST_SIDE = 8
# A batch is worked through in pieces of about this many values: larger intermediate results leave
# the cache, or are paged in afresh.
VALUES_AT_ONCE = 2**18


def corrupt(images, corruption, severity, seed, indices=0):
    """Corrupt pictures as CIFAR-10-C, Tiny-ImageNet-C or ImageNet-C does, whichever has the nearest
    picture size.

    What comes out is the benchmark's style, regenerated; the published arrays (see
    `load_published`) hold other draws. Every picture has
    draws of its own, which depend on the seed, the corruption, the severity and its index only:
        neither the size nor the order of the
    batch matters. Works eagerly, inside `tf.function` and inside `dataset.map`. A picture of one
    channel gets what its copy in three channels would, as far as one channel can show it.

    Source: Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions
        and Perturbations", ICLR 2019.

    Args:
        images: `uint8` tensor or array `(B, H, W, C)`; H and W at least 8 and known, C 1 or 3.
        corruption: one of `CORRUPTIONS`.
        severity: Python integer, 1 to 5.
        seed: Python integer, or an `int32` tensor `(2,)`.
        indices: the pictures' numbers in their data set, integers `(B,)`; or one integer, the
            number of the first, which the others follow, by default 0. The one integer makes the
            smaller graph.

    Returns:
        A `uint8` tensor `(B, H, W, C)`; levels are truncated, as the benchmark's are.

    Raises:
        ValueError: for an unknown corruption or severity, for pictures of another rank, type,
            channel count or size, for a seed of another form, and for indices that are not as many
            as the pictures, not integers or negative.

    Example:
        >>> foggy = corrupt(images, "fog", severity=3, seed=0)
    """
    severity = check_cell(corruption, severity)
    images = tf.convert_to_tensor(images)
    check_images(images)
    # The cell's number is folded in, so that a picture's draws differ from cell to cell.
    cell = CORRUPTIONS.index(corruption) * len(SEVERITIES) + severity
    seed = fold(
        run_seed(seed) if isinstance(seed, (int, np.integer)) else _checked_seed(seed), cell
    )
    seeds = picture_seeds(seed, _checked_indices(indices, images.shape[0]))
    return _graph(corruption, severity, *images.shape[1:], len(seeds.shape) == 1)(images, seeds)


def check_cell(corruption, severity):
    """Raise a ValueError for an unknown corruption or severity; return the severity as a Python
    integer."""
    if corruption not in CORRUPTIONS:
        raise ValueError(f"unknown corruption {corruption!r}; known are {', '.join(CORRUPTIONS)}")
    try:
        number = None if isinstance(severity, (bool, np.bool_)) else operator.index(severity)
    except TypeError:
        number = None
    if number not in SEVERITIES:
        raise ValueError(f"severity should be a Python integer from 1 to 5, not {severity!r}")
    return number


def check_images(images):
    """Raise a ValueError for pictures, a tensor or an array, that cannot be corrupted."""
    if images.dtype != np.uint8:
        raise ValueError(f"images should be uint8, not {images.dtype.name}")
    if len(images.shape) != 4:
        raise ValueError(
            f"images should be (batch, height, width, channels), not of shape {images.shape}"
        )
    _, height, width, channels = images.shape
    if channels not in (1, 3):
        raise ValueError(f"images should have 1 or 3 channels, not {channels}")
    if height is None or width is None or min(height, width) < SMALLEST_SIDE:
        raise ValueError(
            f"images should have a known size of at least {SMALLEST_SIDE} x {SMALLEST_SIDE} pixels, not {height} x {width}"
        )


def _checked_seed(seed):
    if not tf.is_tensor(seed) or seed.dtype != tf.int32 or tuple(seed.shape) != (2,):
        raise ValueError(f"seed should be a Python integer or an int32 tensor (2,), not {seed!r}")
    return seed


def _checked_indices(indices, count):
    """Return indices as `int32`, and refuse those that cannot be the numbers of `count` pictures,
    None where that is not known."""
    known = (
        indices if tf.is_tensor(indices) and not hasattr(indices, "numpy") else np.asarray(indices)
    )
    fits = len(known.shape) == 0 or (
        len(known.shape) == 1 and (None in (count, known.shape[0]) or known.shape[0] == count)
    )
    is_integer = known.dtype.is_integer if tf.is_tensor(known) else known.dtype.kind in "iu"
    if (
        not fits
        or not is_integer
        or (isinstance(known, np.ndarray) and known.size and known.min() < 0)
    ):
        raise ValueError(
            f"indices should be one integer, or one for each of {count} pictures, none negative; not {indices!r}"
        )
    return tf.cast(known, tf.int32)


@functools.cache
def _graph(corruption, severity, height, width, channels, consecutive):
    """Make the graph function of one cell for pictures of one size, with a seed a picture or the
    first of consecutive ones."""
    function = FUNCTIONS[corruption]
    values = constants(corruption, severity, height, width)
    piece = max(1, VALUES_AT_ONCE // (height * width * channels))

    def corrupt_piece(images, seeds):
        levels = function(images, values, seeds)
        if levels.dtype == tf.uint8:
            return levels
        return tf.cast(tf.clip_by_value(levels, 0.0, 255.0), tf.uint8)

    def seeds_of(seeds, start, stop):
        return (
            ConsecutiveSeeds(seeds + [0, start], stop - start) if consecutive else seeds[start:stop]
        )

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, height, width, channels), tf.uint8),
            tf.TensorSpec((2,) if consecutive else (None, 2), tf.int32),
        ],
        autograph=False,
    )
    def graph(images, seeds):
        count = tf.shape(images)[0]
        pieces = (count + piece - 1) // piece
        done = tf.TensorArray(
            tf.uint8, pieces, infer_shape=False, element_shape=(None, height, width, channels)
        )

        def body(number, done):
            start, stop = number * piece, tf.minimum((number + 1) * piece, count)
            part = tf.ensure_shape(images[start:stop], (None, height, width, channels))
            return number + 1, done.write(number, corrupt_piece(part, seeds_of(seeds, start, stop)))

        _, done = tf.while_loop(
            lambda number, _: number < pieces, body, (0, done), parallel_iterations=2
        )
        return tf.ensure_shape(done.concat(), (None, height, width, channels))

    return graph
