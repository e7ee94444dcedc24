"""Gaussian noise: the vicinity of vicinal risk minimization itself."""

from typing import Any, Literal

import tensorflow as tf

from tf_varmixup.checks import Positive, Share, check_choice, check_positive, check_share
from tf_varmixup.methods.clean_share import keep_clean
from tf_varmixup.methods.noise import FIXED_OR_UNIFORM, add_noise, check_noise
from tf_varmixup.methods.registry import register
from tf_varmixup.methods.vicinal_distribution import VicinalDistribution


@register("gaussian")
class Gaussian(VicinalDistribution):
    """Images with Gaussian noise on each pixel and channel; labels stay.

    x' = clip(x_i + noise n), n ~ N(0, I),  y' = y_i.

    It is the control for draws from a likelihood: what the noise alone does.

    Args:
        noise: Standard deviation of the noise, in units of images in [0, 1].
        noise_draw: Whether each image has noise of that scale, or of one drawn uniformly up to it.
        clean_share: Share of each batch that stays as it is. The first rows are kept, so the batch
            must be shuffled.

    Raises:
        ValueError: If a number or word is bad.

    Example:
        >>> from tf_varmixup.draws import run_seed
        >>> gray = np.full((2, 8, 8, 1), 128, "uint8")
        >>> drawn, _ = Gaussian(noise=0.1).sample(gray, np.eye(2), run_seed(0))
        >>> bool(20 < np.std(drawn) < 30)
        True

    Source: Chapelle et al., "Vicinal Risk Minimization", NeurIPS 2000, section 2.
    """

    def __init__(
        self,
        noise: Positive = 0.1,
        noise_draw: Literal["fixed", "uniform"] = "fixed",
        clean_share: Share = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.noise = check_noise(check_positive("noise", noise))
        self.noise_draw = check_choice("noise_draw", noise_draw, FIXED_OR_UNIFORM)
        self.clean_share = check_share("clean_share", clean_share)

    def sample(
        self, images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Add noise to all images but the clean share."""
        return keep_clean(
            self.clean_share,
            images,
            labels,
            lambda some, theirs: (add_noise(some, self.noise, self.noise_draw, seed), theirs),
        )
