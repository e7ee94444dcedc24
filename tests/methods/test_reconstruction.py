import numpy as np

from tf_varmixup import draws
from tf_varmixup.methods import Reconstruction


def test_the_autoencoders_reconstructions_with_the_labels_as_they_are(autoencoder, images, labels):
    for seed in (0, 1):
        decoded, same = Reconstruction(autoencoder).sample(
            images, labels.astype("int64"), draws.run_seed(seed)
        )
        np.testing.assert_allclose(decoded, autoencoder.reconstruct(images), atol=1e-3)
        np.testing.assert_array_equal(same, labels)


def test_decoded_draws_differ_by_seed(autoencoder, images, labels):
    distribution, seed = Reconstruction(autoencoder, latents="sample"), draws.run_seed(0)
    decoded, _ = distribution.sample(images, labels, seed)
    posterior = autoencoder.posterior(images)
    np.testing.assert_allclose(
        decoded,
        autoencoder.decode(
            posterior.mean() + posterior.stddev() * draws.normals((7, 2, 2, 2), seed)
        ),
        atol=2.5e-3,
    )
    assert np.abs(decoded - distribution.sample(images, labels, draws.run_seed(1))[0]).max() > 0.25
