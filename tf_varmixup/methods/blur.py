"""Blurred mixup: the control that tells an autoencoder's latent space from its blur."""

from typing import Any, Literal

import tensorflow as tf

from tf_varmixup.checks import Positive, Share, check_positive
from tf_varmixup.corruptions import filters
from tf_varmixup.methods.pairwise import PairwiseVicinity, interpolate, interpolate_images
from tf_varmixup.methods.registry import register

BORDER = "reflect"  # SciPy's word: d c b a | a b c d | d c b a, which keeps an image's mean


@register("blur")
class Blur(PairwiseVicinity):
    """mixup of blurred images; labels as mixup has them.

    x' = blur(lambda x_i + (1 - lambda) x_j),  y' = lambda y_i + (1 - lambda) y_j.

    It is the control for methods that decode images, which are blurred: with a blur that loses as
    much as the autoencoder does, what they do better is not the blur's. `train.py` fits sigma so
    that the mean squared error of blurred validation images is that of their reconstructions, and
    trains an autoencoder for that, or takes the one that is named.

    Args:
        sigma: Standard deviation of the Gaussian blur in pixels. Beyond the border the image is
            mirrored.
        alpha: Both parameters of the Beta distribution of the mixing weights; 1 is uniform.
        lambda_per: What each mixing weight is drawn for.
        clean_share: Share of each batch that stays as it is, images and labels; the others are
            mixed among themselves, and blurred. The first rows are kept, so the batch must be
            shuffled.

    Raises:
        ValueError: If a number or word is bad.

    Example:
        >>> from tf_varmixup.draws import run_seed
        >>> images = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 1)).astype("uint8")
        >>> blurred, _ = Blur(sigma=2.0).sample(images, np.eye(2), run_seed(0))
        >>> bool(np.std(blurred) < 0.5 * np.std(images))
        True
    """

    def __init__(
        self,
        sigma: Positive = 1.0,
        alpha: Positive = 1.0,
        lambda_per: Literal["image", "batch"] = "image",
        clean_share: Share = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(alpha=alpha, lambda_per=lambda_per, clean_share=clean_share, **kwargs)
        self.sigma = check_positive("sigma", sigma)

    def mix(
        self,
        images: tf.Tensor,
        labels: tf.Tensor,
        weights: tf.Tensor,
        partners: tf.Tensor,
        seed: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Interpolate pixels and labels by the same weight, and blur the images."""
        mixed = interpolate_images(images, weights, partners)
        return blurred(mixed, self.sigma), interpolate(labels, weights, partners)


def blurred(images: tf.Tensor, sigma: float) -> tf.Tensor:
    """Blur images with a Gaussian, each channel alone; what lies beyond the border is the mirror.

    Args:
        images: `uint8` or floating, `(B, H, W, C)`, the height and width known.
        sigma: Standard deviation in pixels.

    Returns:
        A `float32` tensor `(B, H, W, C)`.

    Example:
        >>> float(blurred(np.full((1, 8, 8, 1), 100, "uint8"), sigma=1.0)[0, 0, 0, 0])
        100.0
    """
    planes = filters.gaussian(filters.to_planes(images), sigma, BORDER)
    return filters.to_images(planes)
