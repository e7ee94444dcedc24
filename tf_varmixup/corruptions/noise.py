"""Noise: every value of an image is disturbed independently.

The functions take `uint8` images `(B, H, W, C)`, the constants of their severity and one seed per
image, and return levels of 0 to 255 as `float32`, before clipping and truncation, or `uint8`.
"""

import functools

import numpy as np
import tensorflow as tf
from scipy import stats

from tf_varmixup.corruptions import sampling
from tf_varmixup.corruptions.sampling import Seeds


def gaussian_noise(images: tf.Tensor, sigma: float, seeds: Seeds) -> tf.Tensor:
    """Add N(0, sigma), sigma in units of the full range."""
    return tf.cast(images, tf.float32) + (255.0 * sigma) * sampling.normal(seeds, *images.shape[1:])


def speckle_noise(images: tf.Tensor, sigma: float, seeds: Seeds) -> tf.Tensor:
    """Add N(0, sigma) in units of the value itself."""
    return tf.cast(images, tf.float32) * (1.0 + sigma * sampling.normal(seeds, *images.shape[1:]))


def impulse_noise(images: tf.Tensor, amount: float, seeds: Seeds) -> tf.Tensor:
    """Set a share `amount` of the values, not of the pixels, to 0 or 255 with equal chances."""
    draw = sampling.bits(seeds, *images.shape[1:])
    share = round(0.5 * amount * 2**16)
    salt, no_pepper = _mask_unless(draw >= share), _mask_unless(draw >= 2**16 - share)
    return tf.bitwise.bitwise_and(tf.bitwise.bitwise_or(images, salt), no_pepper)


def shot_noise(images: tf.Tensor, count: int, seeds: Seeds) -> tf.Tensor:
    """Replace a value x in [0, 1] by Poisson(x count) / count.

    A level has 256 possible values before and after, so the noise is a table of 256 distributions,
    drawn from by Walker's alias method: one draw and one look-up per value where a Poisson sampler
    takes many. Chances are multiples of 2^-16.
    """
    table = tf.constant(_poisson_table(count))
    draw = sampling.bits(seeds, *images.shape[1:])
    column = tf.bitwise.right_shift(draw, 8)
    entry = tf.gather(
        table, tf.cast(tf.bitwise.left_shift(tf.cast(images, tf.uint16), 8) + column, tf.int32)
    )
    # 255 where the column is kept, 0 where its alias is taken; tf.where takes many times as long
    # for uint8.
    kept = _mask_unless(tf.bitwise.bitwise_and(draw, 255) >= tf.bitwise.right_shift(entry, 8))
    column, alias = tf.cast(column, tf.uint8), tf.cast(tf.bitwise.bitwise_and(entry, 255), tf.uint8)
    return tf.bitwise.bitwise_xor(
        alias, tf.bitwise.bitwise_and(kept, tf.bitwise.bitwise_xor(alias, column))
    )


def _mask_unless(condition: tf.Tensor) -> tf.Tensor:
    """Return 0 where a condition holds and 255 elsewhere, `uint8`."""
    return tf.cast(condition, tf.uint8) - 1  # runs over; multiplying by 255 is slower


def poisson_levels(count: int) -> np.ndarray:
    """Return the `(256, 256)` matrix of probabilities of the noisy level given the clean one.

    Args:
        count: The mean number of photons of a white pixel.

    Returns:
        An array whose row of a clean level sums to 1.

    Example:
        >>> float(poisson_levels(60)[0, 0])
        1.0
    """
    photons = np.arange(count)
    probability = stats.poisson.pmf(photons, np.arange(256)[:, None] / 255.0 * count)
    matrix = np.zeros((256, 256))
    for level, share in zip((photons / count * 255).astype(np.uint8), probability.T, strict=True):
        matrix[:, level] += share
    matrix[:, 255] += 1.0 - matrix.sum(axis=1)
    return np.maximum(matrix, 0.0)


@functools.lru_cache
def _poisson_table(count: int) -> np.ndarray:
    """Pack alias tables into `uint16 (65536,)`.

    Entry `256 clean + column` holds in 256ths the chance of keeping the column, then the column's
    alias.
    """
    return np.concatenate([_alias_row(row) for row in poisson_levels(count)]).astype(np.uint16)


def _alias_row(probability: np.ndarray) -> np.ndarray:
    """Divide 2^16 equally likely draws among 256 levels.

    Each column has 256 draws and at most two levels.
    """
    size = len(probability)
    share = _whole_shares(probability, size * size)
    keep, alias = np.zeros(size, np.int64), np.arange(size)
    small, large = list(np.flatnonzero(share < size)), list(np.flatnonzero(share >= size))
    while small and large:
        poor, rich = small.pop(), large.pop()
        keep[poor], alias[poor] = share[poor], rich
        share[rich] -= size - share[poor]
        (small if share[rich] < size else large).append(rich)
    return keep * 256 + alias  # a column that is left over is full: its alias is itself


def _whole_shares(probability: np.ndarray, total: int) -> np.ndarray:
    """Round `total` times the probabilities to integers of this sum, the largest remainders up."""
    exact = probability / probability.sum() * total
    share = np.floor(exact).astype(np.int64)
    share[np.argsort(share - exact)[: total - share.sum()]] += 1
    return share
