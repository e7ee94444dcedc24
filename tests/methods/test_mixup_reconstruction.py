import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.methods import MixupReconstruction

WEIGHTS = np.array([0.25, 1.0, 0.5, 0.0, 0.9, 0.3, 0.6], "float32")
PARTNERS = np.array([1, 2, 0, 4, 6, 5, 3], "int32")


@pytest.mark.parametrize("latents", ["mean", "sample"])
def test_reconstructions_mixed_by_hand(latents, autoencoder, images, labels):
    seed = draws.run_seed(2)
    mixed, soft = MixupReconstruction(autoencoder, latents).mix(
        images, labels, tf.constant(WEIGHTS), tf.constant(PARTNERS), seed
    )
    decoded = autoencoder.reconstruct(images).numpy()
    if latents == "sample":
        posterior = autoencoder.posterior(images)
        decoded = autoencoder.decode(
            posterior.mean() + posterior.stddev() * draws.normals((7, 2, 2, 2), seed)
        ).numpy()
    share = WEIGHTS[:, None, None, None]
    np.testing.assert_allclose(
        mixed, share * decoded + (1 - share) * decoded[PARTNERS], atol=2.5e-3
    )
    np.testing.assert_allclose(
        soft, WEIGHTS[:, None] * labels + (1 - WEIGHTS[:, None]) * labels[PARTNERS], atol=1e-6
    )
