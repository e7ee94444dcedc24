"""Paths between latents: straight lines, arcs, and lines that keep the norm."""

from collections.abc import Callable

import tensorflow as tf

from tf_varmixup.methods.pairwise import broadcast_weights, interpolate


def spherical(latents: tf.Tensor, weights: tf.Tensor, partners: tf.Tensor) -> tf.Tensor:
    """Interpolate along the arc between the directions of two latents, and between their norms.

    The direction is sin(lambda w) / sin(w) u_i + sin((1 - lambda) w) / sin(w) u_j, w the angle
    between the directions u, and the norm lambda |z_i| + (1 - lambda) |z_j|. Where latents point
    almost the same way or against each other, there is no arc, and the straight line is taken.

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

    Source: White, "Sampling Generative Networks", arXiv 1609.04468, section 2.1, for directions.
    """
    norms = _norm(latents)
    directions = latents / tf.maximum(norms, 1e-12)
    others = tf.gather(directions, partners)
    angle = tf.acos(tf.clip_by_value(_inner(directions, others), -1.0, 1.0))
    weights, sine = broadcast_weights(weights, latents), tf.sin(angle)
    no_arc = sine < 0.01
    sine = tf.where(no_arc, 1.0, sine)
    arc = (tf.sin(weights * angle) * directions + tf.sin((1.0 - weights) * angle) * others) / sine
    arc *= _between(norms, weights, partners, latents)
    return tf.where(no_arc, interpolate(latents, weights, partners), arc)


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
    wanted = _between(_norm(latents), weights, partners, latents)
    return mixed * wanted / tf.maximum(_norm(mixed), 1e-12)


PATHS: dict[str, Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]] = {
    "linear": interpolate,
    "spherical": spherical,
    "norm_keeping": norm_keeping,
}


def _between(
    norms: tf.Tensor, weights: tf.Tensor, partners: tf.Tensor, latents: tf.Tensor
) -> tf.Tensor:
    """Interpolate norms by the mean weight of each latent."""
    share = tf.reduce_mean(broadcast_weights(weights, latents), _axes(latents), keepdims=True)
    return share * norms + (1.0 - share) * tf.gather(norms, partners)


def _axes(values: tf.Tensor) -> list[int]:
    return list(range(1, len(values.shape)))


def _inner(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(first * second, _axes(first), keepdims=True)


def _norm(values: tf.Tensor) -> tf.Tensor:
    return tf.sqrt(_inner(values, values))
