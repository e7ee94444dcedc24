"""AugMix: chains of operations on each image, mixed with each other and with the image."""

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.augmentations.arguments import prepare
from tf_varmixup.augmentations.by_kind import apply_by_kind
from tf_varmixup.augmentations.operations import OPERATION_SETS
from tf_varmixup.augmentations.shares import dirichlet

LEAST_LEVEL = 0.1
MOST_STEPS = 3


def augmix(
    images: Any,
    seed: tf.Tensor,
    width: int = 3,
    depth: int = 0,
    severity: float = 3.0,
    alpha: float = 1.0,
    operations: str = "nine",
) -> tf.Tensor:
    """Draw an AugMix view of each image.

    x' = (1 - m) x + m sum_i w_i chain_i(x), m ~ Beta(alpha, alpha), w ~ Dirichlet(alpha).

    Every draw is each image's own: of an operation, its level, uniform in 0.1..severity, and its
    sign for each step of each chain, of each chain's number of steps, and of the weights. Every
    step gives `uint8` values, as Pillow's operations do.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255, with known H, W and C.
        seed: `int32 (2,)`.
        width: Number of chains.
        depth: Number of steps of each chain; 0 draws 1 to 3 for each.
        severity: Highest level, up to 10.
        alpha: Parameter of the Beta and the Dirichlet distribution; 1 is uniform.
        operations: "nine" or "all", with those four that overlap with the benchmark's corruptions.

    Returns:
        Images `float32 (B, H, W, C)` in 0..255.

    Example:
        >>> images = np.full((2, 8, 8, 3), 100, "uint8")
        >>> augmix(images, seed=tf.constant([0, 1])).shape
        TensorShape([2, 8, 8, 3])

    Source: Hendrycks et al., "AugMix", arXiv 1912.02781, algorithm 1.
    """
    levels = prepare(images)
    count = tf.shape(levels)[0]
    chain_seed, share_seed, weight_seed = draws.split(seed, 3)
    run = _chains(tuple(levels.shape[1:]), depth, float(severity), operations)
    chains = run(tf.repeat(levels, width, axis=0), chain_seed)
    chains = tf.reshape(tf.cast(chains, tf.float32), (count, width, -1))
    # The share of the augmented part and of each chain in it.
    share = draws.mixing_weights(count, alpha, share_seed)[:, None]
    weights = share * dirichlet(count, width, alpha, weight_seed)
    mixed = tf.squeeze(tf.matmul(weights[:, None], chains), 1)
    images = tf.cast(images, tf.float32)
    mixed = tf.reshape(mixed, tf.shape(images)) + (1.0 - share)[..., None, None] * images
    return tf.clip_by_value(mixed, 0.0, 255.0)


@functools.lru_cache(maxsize=64)
def _chains(
    image_shape: tuple[int, int, int], depth: int, severity: float, operations: str
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Make the function that runs a chain of operations on each image of a batch of any size.

    It is a graph, traced once for images of a shape, since hundreds of small operations take long
    without one.
    """
    steps, functions = depth or MOST_STEPS, list(OPERATION_SETS[operations].values())

    def run(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        count = tf.shape(images)[0]
        # All at once, since each draw takes XLA half a second to compile.
        numbers = draws.uniforms((3 * steps + 1, count), seed)
        kinds, levels, signs = tf.unstack(tf.reshape(numbers[1:], (3, steps, count)))
        kinds = tf.cast(len(functions) * kinds, tf.int32)
        if depth == 0:
            lengths = 1 + tf.cast(MOST_STEPS * numbers[0], tf.int32)
            # What has ended is of no kind.
            kinds = tf.where(tf.range(steps)[:, None] < lengths, kinds, -1)
        # Of float64, so that XLA's other last digit decides nothing.
        levels = LEAST_LEVEL + (severity - LEAST_LEVEL) * tf.cast(levels, tf.float64)
        signs = tf.where(signs > 0.5, -1.0, 1.0)

        def apply(step: tf.Tensor, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            applied = apply_by_kind(functions, kinds[step], images, levels[step], signs[step])
            return step + 1, applied

        start = tf.constant(0), images
        return tf.while_loop(lambda step, _: step < steps, apply, start, parallel_iterations=1)[1]

    signature = tf.TensorSpec((None, *image_shape), tf.uint8), tf.TensorSpec((2,), tf.int32)
    return tf.function(run, input_signature=signature, autograph=False)
