"""Paths between latents: straight lines, arcs, and lines that keep the norm."""

from collections.abc import Callable

import tensorflow as tf

from tf_varmixup.methods.pairwise import broadcast_weights, interpolate


def spherical(latents: tf.Tensor, weights: tf.Tensor, partners: tf.Tensor) -> tf.Tensor:
    """Interpolate along the arc between two latents.

    sin(lambda w) / sin(w) z_i + sin((1 - lambda) w) / sin(w) z_j, w the angle between both; where
    that is too small to divide by, the straight line.

    Args:
        latents: `float32 (B, ...)`.
        weights: Mixing weights, `float32 (B,)` or of a shape that broadcasts to the latents.
        partners: `int32 (B,)`, the j of each i.

    Returns:
        A `float32` tensor shaped like `latents`.

    Example:
        >>> latents = tf.constant([[1.0, 0.0], [0.0, 1.0]])
        >>> point = spherical(latents, tf.constant([0.5, 0.5]), tf.constant([1, 0]))[0]
        >>> bool(np.allclose(point, np.sqrt(0.5)))
        True

    Source: White, "Sampling Generative Networks", arXiv 1609.04468, section 2.1.
    """
    others = tf.gather(latents, partners)
    products = _inner(latents, others) / tf.maximum(_norm(latents) * _norm(others), 1e-12)
    angle = tf.acos(tf.clip_by_value(products, -1.0, 1.0))
    weights, sine = broadcast_weights(weights, latents), tf.sin(angle)
    # At an angle of 0 or pi there is no arc, or none of its own.
    flat = sine < 1e-3
    sine = tf.where(flat, 1.0, sine)
    arc = (tf.sin(weights * angle) * latents + tf.sin((1.0 - weights) * angle) * others) / sine
    return tf.where(flat, weights * latents + (1.0 - weights) * others, arc)


def norm_keeping(latents: tf.Tensor, weights: tf.Tensor, partners: tf.Tensor) -> tf.Tensor:
    """Interpolate linearly, and scale to the norm that lies between both norms.

    The mean of two independent draws from a Gaussian is shorter than either by the root of two, and
    a decoder gives what is short too little contrast.

    Args:
        latents: `float32 (B, ...)`.
        weights: Mixing weights, `float32 (B,)` or of a shape that broadcasts to the latents.
        partners: `int32 (B,)`, the j of each i.

    Returns:
        A `float32` tensor shaped like `latents`, the norm of each latent
        lambda |z_i| + (1 - lambda) |z_j|, lambda the mean weight.

    Example:
        >>> latents = tf.constant([[3.0, 0.0], [0.0, 1.0]])
        >>> point = norm_keeping(latents, tf.constant([0.5, 0.5]), tf.constant([1, 0]))[0]
        >>> round(float(tf.norm(point)), 3)
        2.0
    """
    mixed = interpolate(latents, weights, partners)
    norms = _norm(latents)
    share = tf.reduce_mean(broadcast_weights(weights, latents), _axes(latents), keepdims=True)
    wanted = share * norms + (1.0 - share) * tf.gather(norms, partners)
    return mixed * wanted / tf.maximum(_norm(mixed), 1e-12)


PATHS: dict[str, Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]] = {
    "linear": interpolate,
    "spherical": spherical,
    "norm_keeping": norm_keeping,
}


def _axes(values: tf.Tensor) -> list[int]:
    return list(range(1, len(values.shape)))


def _inner(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(first * second, _axes(first), keepdims=True)


def _norm(values: tf.Tensor) -> tf.Tensor:
    return tf.sqrt(_inner(values, values))
