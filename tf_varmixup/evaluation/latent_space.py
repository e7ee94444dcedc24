"""Whether a latent space is more than pixels in disguise, and whether what it mixes looks real."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.methods import VarMixup, interpolate
from tf_varmixup.metrics.frechet import frechet_distance

BATCH = 250


def latent_space_summary(
    method: VarMixup, reference: keras.Model, images: np.ndarray, seed: int = 0
) -> dict[str, float]:
    """Measure the points halfway between images, as a method makes them and pixel by pixel.

    The first half of the images is paired; the second half is held out, for the midpoints to be
    compared with.

    - `latent_gap`: how far the autoencoder's decoded midpoint of two latents is from the average of
      the two reconstructions, in units of half the distance between these; see `latent_gap`.
    - `midpoint_gap`: the same of the method's own midpoints, which may lie on another path and have
      a residual, and of the images themselves.
    - `frechet_*`: Frechet distance between the reference network's features of the held-out images
      and those of reconstructions, of the method's midpoints, and of averages of two images.
    - `confidence_*`: mean probability of the class that the reference network finds likeliest.

    Args:
        method: A `VarMixup`; the noise that it may add is left out.
        reference: Keras model from images in 0..255 to a pair of features `(B, D)` and logits
            `(B, K)`, which neither the autoencoder nor the classifier was trained with.
        images: Array `(N, H, W, C)`, `uint8`, N at least 8.
        seed: Python integer, for latents that are drawn.

    Returns:
        A dict of names to floats.

    Raises:
        ValueError: For fewer than 8 images, images that are not `uint8`, or another method.

    Example:
        >>> from models import VariationalAutoencoder, compact
        >>> network = compact((8, 8, 1), 3, width=4)
        >>> layers = [network.get_layer("pool").output, network.output]
        >>> reference = keras.Model(network.input, layers)
        >>> images = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1)).astype("uint8")
        >>> method = VarMixup(VariationalAutoencoder((8, 8, 1), width=4))
        >>> list(latent_space_summary(method, reference, images))[:2]
        ['latent_gap', 'midpoint_gap']
    """
    images = np.asarray(images)
    if not isinstance(method, VarMixup):
        raise ValueError(f"Expected a VarMixup. Received: {type(method).__name__}.")
    if images.dtype != "uint8" or images.ndim != 4 or len(images) < 8:
        raise ValueError(
            "Expected at least 8 images (N, H, W, C) of uint8. "
            f"Received: shape {images.shape} of {images.dtype}."
        )
    half = len(images) // 2
    paired, held_out = images[:half], images[half : 2 * half]
    partners = paired[np.roll(np.arange(half), 1)]

    def midpoints(first: tf.Tensor, second: tf.Tensor) -> tuple[tf.Tensor, ...]:
        count = tf.shape(first)[0]
        both = tf.concat([first, second], 0)
        partner = tf.concat([tf.range(count) + count, tf.range(count)], 0)
        weights = tf.fill([2 * count], 0.5)
        latents = method.autoencoder.posterior(both).mean()
        ends = method.autoencoder.decode(latents)
        straight = method.autoencoder.decode(interpolate(latents, weights, partner))
        own = method.interpolate(both, weights, partner, draws.run_seed(seed))
        return ends[:count], ends[count:], straight[:count], own[:count]

    starts, ends, straight, own = _in_batches(tf.function(midpoints), paired, partners)
    averages = (paired.astype("float32") + partners) / 2.0
    judged = tf.function(lambda batch: tuple(reference(batch, training=False)))
    features, confidences = {}, {}
    for name, shown in (
        ("image", held_out.astype("float32")),
        ("reconstruction", starts),
        ("latent_midpoint", own),
        ("pixel_midpoint", averages),
    ):
        features[name], logits = _in_batches(judged, np.clip(shown, 0.0, 255.0))
        confidences[name] = float(np.max(tf.nn.softmax(logits), 1).mean())
    return {
        "latent_gap": latent_gap(starts, ends, straight),
        "midpoint_gap": latent_gap(paired, partners, own),
        **{
            f"frechet_{name}": frechet_distance(features[name], features["image"])
            for name in ("reconstruction", "latent_midpoint", "pixel_midpoint")
        },
        **{
            f"confidence_{name}": confidences[name]
            for name in ("image", "latent_midpoint", "pixel_midpoint")
        },
    }


def latent_gap(starts: Any, ends: Any, middles: Any) -> float:
    """Return how far decoded midpoints are from the averages of the images at both ends.

    The mean over pairs of |D((z_i + z_j) / 2) - (D(z_i) + D(z_j)) / 2| / |(D(z_i) - D(z_j)) / 2|,
    where |.| is the Euclidean norm over the pixels and D decodes. 0 is mixup in pixel space; 1 is
    as far from it as the images themselves are. Pairs that differ by less than a hundredth of a
    level do not count.

    Args:
        starts: Decoded images `(N, H, W, C)`.
        ends: Decoded partners, of the same shape.
        middles: What the midpoints of their latents are decoded to, of the same shape.

    Returns:
        A float, 0 or more; NaN where no pair differs.

    Example:
        >>> black, white = np.zeros((1, 2, 2, 1)), np.full((1, 2, 2, 1), 200.0)
        >>> latent_gap(black, white, np.full((1, 2, 2, 1), 125.0))
        0.25
    """
    starts, ends, middles = (np.asarray(part, "float64") for part in (starts, ends, middles))
    axes = tuple(range(1, starts.ndim))
    gaps = np.sqrt(((middles - (starts + ends) / 2.0) ** 2).sum(axes))
    halves = np.sqrt((((starts - ends) / 2.0) ** 2).sum(axes))
    differ = halves > 0.01 * np.sqrt(np.prod(starts.shape[1:]))
    return float(np.mean(gaps[differ] / halves[differ])) if differ.any() else float("nan")


def _in_batches(function: Callable[..., Any], *arrays: np.ndarray) -> list[np.ndarray]:
    """Apply a function of batches to arrays of any length."""
    parts = [
        function(*(tf.constant(array[start : start + BATCH]) for array in arrays))
        for start in range(0, len(arrays[0]), BATCH)
    ]
    return [
        np.concatenate([np.asarray(one) for one in column]) for column in zip(*parts, strict=True)
    ]
