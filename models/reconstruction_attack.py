"""Perturb images so that an autoencoder reconstructs them badly."""

import tensorflow as tf

from tf_varmixup.attacks import ascend, random_start
from tf_varmixup.images import to_unit

from .latent_model import LatentModel

# The error is close to a quadratic function of the perturbation, whose maximum lies in a corner of
# the ball: a few long steps find one as good as many short ones do.
STEPS = 3
STEP_SHARE = 0.5  # of the radius


def reconstruction_attack(
    autoencoder: LatentModel, images: tf.Tensor, radius: float, seed: tf.Tensor
) -> tf.Tensor:
    """Perturb images within an L-infinity ball, so that their reconstruction is off them most.

    What rises is |decode(encode(x + d)) - x|^2, by projected gradient ascent over d from a random
    start; encode is the posterior's mean. There is no classifier yet whose loss could rise.

    Args:
        autoencoder: A `LatentModel`, which stays as it is.
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        radius: Radius of the ball, in units of images in [0, 1].
        seed: `int32 (2,)`, for where the ascent starts.

    Returns:
        A `float32` tensor `(B, H, W, C)` in 0..255.

    Example:
        >>> from models import VariationalAutoencoder
        >>> from tf_varmixup.draws import run_seed
        >>> images = np.full((2, 8, 8, 1), 100, "uint8")
        >>> model = VariationalAutoencoder((8, 8, 1), width=8)
        >>> moved = reconstruction_attack(model, images, 0.1, run_seed(0)) - 100.0
        >>> bool(np.max(np.abs(moved)) <= 25.51)
        True

    Source: Madry et al., arXiv 1706.06083, for the ascent.
    """
    targets = to_unit(images)

    def gradient(points: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(points)
            decoded = autoencoder.decoder(autoencoder.encode(255.0 * points))
            errors = tf.reduce_sum((decoded - targets) ** 2)
        return tape.gradient(errors, points)

    start = random_start(targets, "linf", radius, seed)
    step = STEP_SHARE * radius
    return 255.0 * ascend(gradient, targets, "linf", radius, step, STEPS, start, (0.0, 1.0))
