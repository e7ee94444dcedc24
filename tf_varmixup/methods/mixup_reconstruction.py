"""mixup of reconstructions: the control that tells latent from pixel mixing."""

import keras

from .latent import LatentVicinity
from .pairwise import PairwiseVicinity, interpolate


@keras.saving.register_keras_serializable(package="tf_varmixup")
class MixupReconstruction(LatentVicinity, PairwiseVicinity):
    """Decoded pictures and their labels, interpolated in pixel space: mixup with the decoder's
    blur.

    Args:
        autoencoder: model with `posterior(images)` and `decode(latents)`, trained before. It is set
            untrainable.
        latents: `"mean"` decodes the posterior's mean, `"sample"` a draw from it.
        alpha: positive number, both parameters of the mixing weight's Beta distribution.
        lambda_per: `"picture"` or `"batch"`, what each mixing weight is drawn for.

    Example:
        >>> images, labels = MixupReconstruction(autoencoder).sample(images, labels, seed)

    Source: the control "Mixup-R" of arXiv 2003.06566.
    """

    method = "mixup_reconstruction"

    def mix(self, images, labels, weights, partners, seed):
        return interpolate(self.reconstruct(images, seed), weights, partners), interpolate(
            labels, weights, partners
        )
