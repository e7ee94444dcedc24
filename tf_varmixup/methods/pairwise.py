"""Vicinities on the lines between pairs of examples."""

import tensorflow as tf

from tf_varmixup import draws

from .vicinal_distribution import VicinalDistribution

LAMBDA_PER = ("picture", "batch")


class PairwiseVicinity(VicinalDistribution):
    """A vicinity that mixes each example with a partner from its batch.

    `sample` draws the mixing weights lambda ~ Beta(alpha, alpha) and the partners, a random
    permutation of the batch; `mix`, which a subclass defines, is the transformation without the
    draw, so that tests and figures can choose both.

    Args:
        alpha: positive number, both parameters of the Beta distribution.
        lambda_per: `"picture"` draws a mixing weight for each picture, `"batch"` one for the whole
            batch.

    Raises:
        ValueError: for an alpha that is not positive, or an unknown `lambda_per`.
    """

    def __init__(self, alpha=1.0, lambda_per="picture", **kwargs):
        super().__init__(**kwargs)
        if not 0.0 < alpha < float("inf"):
            raise ValueError(f"alpha must be a positive number, received {alpha!r}.")
        if lambda_per not in LAMBDA_PER:
            raise ValueError(
                f"lambda_per must be one of {', '.join(LAMBDA_PER)}, received {lambda_per!r}."
            )
        self.alpha = float(alpha)
        self.lambda_per = lambda_per

    def sample(self, images, labels, seed):
        count = tf.shape(images)[0]
        weight_seed, partner_seed, mix_seed = draws.split(seed, 3)
        weights = draws.mixing_weights(
            count if self.lambda_per == "picture" else 1, self.alpha, weight_seed
        )
        return self.mix(
            images,
            labels,
            tf.broadcast_to(weights, (count,)),
            draws.permutation(count, partner_seed),
            mix_seed,
        )

    def mix(self, images, labels, weights, partners, seed):
        """Mix each example with its partner.

        Args:
            images: `uint8` or `float32` in [0, 1], `(B, H, W, C)`.
            labels: `float32 (B, K)`.
            weights: mixing weights, `float32 (B,)`; 1 keeps the example itself.
            partners: `int32 (B,)`, which example each is mixed with.
            seed: `int32 (2,)`, for what else is drawn.

        Returns:
            Pictures `float32 (B, H, W, C)` and labels `float32 (B, K)`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define mix(images, labels, weights, partners, seed)."
        )

    def get_config(self):
        return {**super().get_config(), "alpha": self.alpha, "lambda_per": self.lambda_per}


def interpolate(values, weights, partners):
    """Return lambda v_i + (1 - lambda) v_j, in `float32`.

    Args:
        values: tensor `(B, ...)`.
        weights: mixing weights, `float32 (B,)`.
        partners: `int32 (B,)`, the j of each i.

    Returns:
        A `float32` tensor shaped like `values`.

    Example:
        >>> interpolate(tf.constant([0.0, 4.0]), tf.constant([0.75, 0.5]), tf.constant([1, 0])).numpy().tolist()
        [1.0, 2.0]
    """
    values = tf.cast(values, tf.float32)
    weights = tf.reshape(tf.cast(weights, tf.float32), [-1] + [1] * (len(values.shape) - 1))
    return weights * values + (1.0 - weights) * tf.gather(values, partners)
