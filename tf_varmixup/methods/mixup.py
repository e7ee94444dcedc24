"""mixup: the vicinity in pixel space."""

from typing import Any, Literal

import tensorflow as tf

from tf_varmixup.checks import Positive, Share
from tf_varmixup.methods.pairwise import PairwiseVicinity, interpolate, interpolate_images
from tf_varmixup.methods.registry import register


@register("mixup")
class Mixup(PairwiseVicinity):
    """Images and labels interpolated linearly, pixel by pixel.

    Args:
        alpha: Both parameters of the Beta distribution of the mixing weights; 1 is uniform.
        lambda_per: What each mixing weight is drawn for. The paper draws one per batch.
        clean_share: Share of each batch that stays as it is, images and labels; the others are
            mixed among themselves. The first rows are kept, so the batch must be shuffled.

    Example:
        >>> from tf_varmixup.draws import run_seed
        >>> images, labels = np.zeros((2, 8, 8, 1), "uint8"), np.eye(2, dtype="float32")
        >>> Mixup(alpha=1.0).sample(images, labels, run_seed(0))[1].shape
        TensorShape([2, 2])

    Source: Zhang et al., "mixup: Beyond Empirical Risk Minimization", arXiv 1710.09412.
    """

    def __init__(
        self,
        alpha: Positive = 1.0,
        lambda_per: Literal["image", "batch"] = "image",
        clean_share: Share = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(alpha=alpha, lambda_per=lambda_per, clean_share=clean_share, **kwargs)

    def mix(
        self,
        images: tf.Tensor,
        labels: tf.Tensor,
        weights: tf.Tensor,
        partners: tf.Tensor,
        seed: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Interpolate pixels and labels by the same weight."""
        return (
            interpolate_images(images, weights, partners),
            interpolate(labels, weights, partners),
        )
