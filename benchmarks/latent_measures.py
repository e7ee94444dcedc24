"""What is measured of points halfway between images, for `latent_tries.py`."""

import numpy as np
import tensorflow as tf

from tf_varmixup import draws


def midpoints(method, first, second):
    """Return a method's points halfway between images, and what it reconstructs of the first."""
    found, shown = [], []

    @tf.function
    def between(one, other):
        count = tf.shape(one)[0]
        partners = tf.concat([tf.range(count) + count, tf.range(count)], 0)
        both = tf.concat([one, other], 0)
        own = method.interpolate(both, tf.fill([2 * count], 0.5), partners, draws.run_seed(0))
        return own[:count], method.autoencoder.reconstruct(one)

    for start in range(0, len(first), 250):
        part = slice(start, start + 250)
        own, reconstructed = between(tf.constant(first[part]), tf.constant(second[part]))
        found.append(np.clip(own, 0.0, 255.0))
        shown.append(np.asarray(reconstructed))
    return np.concatenate(found), np.concatenate(shown)


def span_gap(first, second, middles):
    """Return how far midpoints are from all combinations of their ends, on average over pairs."""
    ones = np.ones_like(middles).reshape(len(middles), -1)
    first, second, middles = (
        np.asarray(images, "float64").reshape(len(images), -1)
        for images in (first, second, middles)
    )
    basis = np.linalg.qr(np.stack([ones, first, second], -1))[0]
    along = np.einsum("npk,np->nk", basis, middles)
    rest = middles - np.einsum("npk,nk->np", basis, along)
    halves = np.linalg.norm(first - second, axis=1) / 2.0
    return float(np.mean(np.linalg.norm(rest, axis=1) / halves))
