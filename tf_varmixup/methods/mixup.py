"""mixup: the vicinity in pixel space."""

import keras

from tf_varmixup.images import as_float

from .pairwise import PairwiseVicinity, interpolate


@keras.saving.register_keras_serializable(package="tf_varmixup")
class Mixup(PairwiseVicinity):
    """Pictures and labels interpolated linearly, pixel by pixel.

    Args:
        alpha: positive number, both parameters of the mixing weight's Beta distribution.
        lambda_per: `"picture"` or `"batch"`, what each mixing weight is drawn for. The paper draws
            one a batch.

    Example:
        >>> images, labels = Mixup(alpha=1.0).sample(images, labels, seed)

    Source: Zhang et al., "mixup: Beyond Empirical Risk Minimization", arXiv 1710.09412.
    """

    method = "mixup"

    def mix(self, images, labels, weights, partners, seed):
        return interpolate(as_float(images), weights, partners), interpolate(
            labels, weights, partners
        )
