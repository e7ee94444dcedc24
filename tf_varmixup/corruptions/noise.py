"""Noise: every value of a picture is disturbed on its own.

The functions take `uint8` pictures `(B, H, W, C)`, the constant of their severity and one seed a picture, and return levels of 0 to 255
as `float32`, before clipping and truncation, or `uint8`.
"""

import functools

import numpy as np
import tensorflow as tf
from scipy import stats

from tf_varmixup.corruptions import sampling


def gaussian_noise(images, sigma, seeds):
    """Add N(0, sigma), sigma in units of the full range."""
    return tf.cast(images, tf.float32) + 255.0 * sigma * sampling.normal(seeds, *images.shape[1:])


def speckle_noise(images, sigma, seeds):
    """Add N(0, sigma) in units of the value itself."""
    return tf.cast(images, tf.float32) * (1.0 + sigma * sampling.normal(seeds, *images.shape[1:]))


def impulse_noise(images, amount, seeds):
    """Turn a share `amount` of the values, not of the pixels, to 0 or 255 with equal chances."""
    draw = sampling.uniform(seeds, *images.shape[1:])
    salt_or_pepper = tf.cast(draw < 0.5 * amount, tf.uint8) * 255
    return tf.where(draw < amount, salt_or_pepper, images)


def shot_noise(images, count, seeds):
    """Replace a value x in [0, 1] by Poisson(x count) / count.

    A level has 256 possible values before and after, so the noise is a table of 256 distributions, drawn from by Walker's alias method:
    one draw and one look-up a value where a Poisson sampler takes many.
    """
    table = tf.constant(_poisson_table(count))
    draw = sampling.bits(seeds, *images.shape[1:])
    column = tf.bitwise.bitwise_and(draw, 255)
    entry = tf.gather(table, tf.cast(images, tf.int32) * 256 + column)
    # 23 further bits of the draw against the upper 23 of the entry; the alias below them matters once in 2**23.
    kept = tf.bitwise.bitwise_and(draw, 0x7FFFFF00) < entry
    return tf.where(kept, tf.cast(column, tf.uint8), tf.cast(tf.bitwise.bitwise_and(entry, 255), tf.uint8))


def poisson_levels(count):
    """Return the `(256, 256)` matrix of probabilities of the noisy level given the clean one."""
    photons = np.arange(count)
    probability = stats.poisson.pmf(photons, np.arange(256)[:, None] / 255.0 * count)
    matrix = np.zeros((256, 256))
    for level, share in zip((photons / count * 255).astype(np.uint8), probability.T, strict=True):
        matrix[:, level] += share
    matrix[:, 255] += 1.0 - matrix.sum(axis=1)
    return np.maximum(matrix, 0.0)


@functools.lru_cache
def _poisson_table(count):
    """Pack alias tables: entry `256 clean + column` holds 23 bits of the probability of keeping the column, then its alias."""
    entries = [_alias_row(row) for row in poisson_levels(count)]
    return np.concatenate(entries).astype(np.int32)


def _alias_row(probability):
    share = probability / probability.sum() * len(probability)
    keep, alias = np.ones(len(share)), np.arange(len(share))
    small, large = list(np.flatnonzero(share < 1.0)), list(np.flatnonzero(share >= 1.0))
    while small and large:
        poor, rich = small.pop(), large.pop()
        keep[poor], alias[poor] = share[poor], rich
        share[rich] -= 1.0 - share[poor]
        (small if share[rich] < 1.0 else large).append(rich)
    return np.minimum(np.round(keep * 2**23), 2**23 - 1).astype(np.int64) * 256 + alias
