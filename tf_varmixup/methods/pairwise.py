"""Vicinities on the lines between pairs of examples."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import (
    FORMER_WORDS,
    Positive,
    Share,
    check_choice,
    check_positive,
    check_share,
)
from tf_varmixup.images import to_unit
from tf_varmixup.methods.clean_share import keep_clean
from tf_varmixup.methods.vicinal_distribution import VicinalDistribution


class PairwiseVicinity(VicinalDistribution):
    """A vicinity that mixes each example with a partner from its batch.

    `sample` draws the mixing weights lambda ~ Beta(alpha, alpha) and the partners, a random
    permutation of the batch; `mix`, which a subclass defines, is the transformation without the
    draw, so that tests and plots can choose both.

    Args:
        alpha: Positive number, both parameters of the Beta distribution.
        lambda_per: `"image"` draws a mixing weight for each image, `"batch"` one for all.
        clean_share: Share of each batch that stays as it is; the others are mixed among themselves.

    Raises:
        ValueError: If alpha is not positive, the share not below 1, or `lambda_per` unknown.
    """

    LAMBDA_PER: tuple[str, ...] = ("image", "batch")

    def __init__(
        self,
        alpha: Positive = 1.0,
        lambda_per: str = "image",
        clean_share: Share = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha = check_positive("alpha", alpha)
        self.lambda_per = check_choice(
            "lambda_per", FORMER_WORDS.get(lambda_per, lambda_per), self.LAMBDA_PER
        )
        self.clean_share = check_share("clean_share", clean_share)

    def sample(
        self, images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Mix all examples but the clean share, each with a partner and by a random weight."""
        return self.sample_pairs(images, labels, labels, seed)

    def sample_pairs(
        self,
        images: tf.Tensor,
        columns: tf.Tensor,
        labels: tf.Tensor,
        seed: tf.Tensor,
        mix: Callable[..., tuple[tf.Tensor, tf.Tensor]] | None = None,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Mix columns as `sample` mixes labels, with partners that the labels choose.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.
            columns: What is mixed, `float32 (B, K)` or more columns.
            labels: `float32 (B, K)`, what `draw_partners` is given.
            seed: `int32 (2,)`.
            mix: What to mix them by, a function as the method `mix` is; None takes that.

        Returns:
            Images `float32 (B, H, W, C)` in 0..255, and columns `float32 (B, ...)`.
        """
        mix = self.mix if mix is None else mix

        def mixed(images: tf.Tensor, columns: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            count = tf.shape(images)[0]
            weight_seed, partner_seed, mix_seed = draws.split(seed, 3)
            weights = self.draw_weights(count, weight_seed)
            theirs = labels[tf.shape(labels)[0] - count :]  # the clean ones come first
            partners = self.draw_partners(images, theirs, partner_seed)
            return mix(images, columns, weights, partners, mix_seed)

        return keep_clean(self.clean_share, images, columns, mixed)

    def draw_weights(self, count: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Draw the mixing weights of a batch, `float32 (B,)`."""
        drawn = count if self.lambda_per == "image" else 1
        return tf.broadcast_to(draws.mixing_weights(drawn, self.alpha, seed), (count,))

    def draw_partners(self, images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Draw whom each example of a batch is mixed with, `int32 (B,)`."""
        return draws.permutation(tf.shape(images)[0], seed)

    def mix(
        self,
        images: tf.Tensor,
        labels: tf.Tensor,
        weights: tf.Tensor,
        partners: tf.Tensor,
        seed: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Mix each example with its partner.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.
            labels: `float32 (B, K)`.
            weights: Mixing weights, `float32 (B,)`; 1 keeps the example itself.
            partners: `int32 (B,)`, which example each is mixed with.
            seed: `int32 (2,)`, for what else is drawn.

        Returns:
            Images `float32 (B, H, W, C)` in 0..255 and labels `float32 (B, K)`.
        """
        raise NotImplementedError(
            f"Expected {type(self).__name__} to define "
            "mix(images, labels, weights, partners, seed)."
        )


def interpolate_images(images: tf.Tensor, weights: tf.Tensor, partners: tf.Tensor) -> tf.Tensor:
    """Return lambda x_i + (1 - lambda) x_j of images, in `float32` and 0..255.

    They are mixed in [0, 1], as in version 0.1: in a training step TensorFlow merges the factors
    with those of the networks, so that trainings repeat those of that version bit for bit.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        weights: Mixing weights, `float32 (B,)`.
        partners: `int32 (B,)`, the j of each i.

    Returns:
        A `float32` tensor `(B, H, W, C)` in 0..255.

    Example:
        >>> images = np.array([0, 200], "uint8").reshape(2, 1, 1, 1)
        >>> mixed = interpolate_images(images, tf.constant([0.75, 0.5]), tf.constant([1, 0]))
        >>> np.round(np.ravel(mixed), 3).tolist()
        [50.0, 100.0]
    """
    return 255.0 * interpolate(to_unit(images), weights, partners)


def interpolate(values: tf.Tensor, weights: tf.Tensor, partners: tf.Tensor) -> tf.Tensor:
    """Return lambda v_i + (1 - lambda) v_j, in `float32`.

    Args:
        values: Tensor `(B, ...)`.
        weights: Mixing weights, `float32 (B,)` or of a shape that broadcasts to the values.
        partners: `int32 (B,)`, the j of each i.

    Returns:
        A `float32` tensor shaped like `values`.

    Example:
        >>> values, weights = tf.constant([0.0, 4.0]), tf.constant([0.75, 0.5])
        >>> interpolate(values, weights, tf.constant([1, 0])).numpy().tolist()
        [1.0, 2.0]
    """
    values = tf.cast(values, tf.float32)
    weights = broadcast_weights(weights, values)
    return weights * values + (1.0 - weights) * tf.gather(values, partners)


def broadcast_weights(weights: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
    """Give mixing weights of images the rank of what they weigh.

    Args:
        weights: Mixing weights `(B,)`, or of the rank of the values, which stay as they are.
        values: Tensor `(B, ...)`.

    Returns:
        A `float32` tensor that broadcasts to `values`.

    Example:
        >>> broadcast_weights(tf.constant([0.2, 0.7]), tf.zeros((2, 4, 4, 8))).shape
        TensorShape([2, 1, 1, 1])
    """
    weights = tf.cast(weights, tf.float32)
    if len(weights.shape) > 1:
        return weights
    return tf.reshape(weights, [-1] + [1] * (len(values.shape) - 1))


def image_weights(weights: tf.Tensor) -> tf.Tensor:
    """Return the mean weight of each image, where its parts have weights of their own.

    Args:
        weights: Mixing weights `(B, ...)`.

    Returns:
        A `float32` tensor `(B,)`.

    Example:
        >>> image_weights(tf.constant([[0.0, 0.5], [1.0, 0.5]])).numpy().tolist()
        [0.25, 0.75]
    """
    return tf.reduce_mean(tf.cast(weights, tf.float32), list(range(1, len(weights.shape))))
