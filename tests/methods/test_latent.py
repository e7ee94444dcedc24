import keras
import numpy as np
import pytest
from scipy import stats

from models import VariationalAutoencoder
from tf_varmixup import VarMixup, VicinalClassifier, draws
from tf_varmixup.methods import LatentVicinity


def test_mean_latents_are_the_posterior_means(autoencoder, images):
    distribution = LatentVicinity(autoencoder)
    for seed in (0, 1):
        np.testing.assert_allclose(
            distribution.encode(images, draws.run_seed(seed)), autoencoder.encode(images), atol=1e-6
        )
    np.testing.assert_allclose(
        distribution.reconstruct(images, draws.run_seed(0)),
        autoencoder.reconstruct(images),
        atol=1e-3,
    )


def test_sampled_latents_are_mean_plus_stddev_times_a_normal_draw(autoencoder, images):
    distribution, seed = LatentVicinity(autoencoder, latents="sample"), draws.run_seed(3)
    posterior = autoencoder.posterior(images)
    expected = posterior.mean() + posterior.stddev() * draws.normals((7, 2, 2, 2), seed)
    latents = distribution.encode(images, seed)
    np.testing.assert_allclose(latents, expected, atol=1e-5)
    np.testing.assert_allclose(
        distribution.reconstruct(images, seed), autoencoder.decode(expected), atol=2.5e-3
    )
    assert np.abs(latents - distribution.encode(images, draws.run_seed(4))).max() > 0.01


def test_sampled_latents_follow_the_posterior(autoencoder, images):
    many = np.repeat(images[:1], 500, 0)
    latents = LatentVicinity(autoencoder, latents="sample").encode(many, draws.run_seed(0)).numpy()
    posterior = autoencoder.posterior(images[:1])
    assert (
        stats.kstest(
            ((latents - posterior.mean()) / posterior.stddev()).numpy().ravel(), "norm"
        ).pvalue
        > 1e-3
    )


def test_flat_latents(images):
    autoencoder = VariationalAutoencoder((8, 8, 3), latent="flat", latent_size=3, width=8, blocks=1)
    assert LatentVicinity(autoencoder, latents="sample").encode(
        images, draws.run_seed(0)
    ).shape == (7, 3)


def test_the_autoencoder_is_frozen_and_its_metrics_are_not_the_vicinitys():
    autoencoder = VariationalAutoencoder((8, 8, 3), width=8, blocks=1, latent_size=2)
    assert autoencoder.trainable_variables
    assert autoencoder.metrics
    distribution = LatentVicinity(autoencoder)
    assert not distribution.trainable_variables
    assert distribution.metrics == []
    assert len(distribution.weights) == len(autoencoder.weights)


def test_the_autoencoder_stays_frozen_when_a_classifier_is_frozen_and_made_trainable_again():
    autoencoder = VariationalAutoencoder((8, 8, 3), width=8, blocks=1, latent_size=2)
    backbone = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    classifier = VicinalClassifier(backbone, VarMixup(autoencoder))
    for trainable, expected in ((False, 0), (True, 2)):
        classifier.trainable = trainable
        assert len(classifier.trainable_variables) == expected
    assert not any(
        variable.trainable
        for network in (autoencoder.encoder, autoencoder.decoder)
        for variable in network.variables
    )


def test_an_autoencoder_that_was_saved_frozen_is_frozen():
    frozen = VariationalAutoencoder((8, 8, 3), width=8, blocks=1, latent_size=2)
    frozen.trainable = False
    loaded = VariationalAutoencoder.from_config(frozen.get_config())
    LatentVicinity(loaded)
    assert not any(
        variable.trainable
        for network in (loaded.encoder, loaded.decoder)
        for variable in network.variables
    )
    loaded.trainable = True
    assert len(loaded.trainable_variables) == 16


def test_a_model_that_cannot_encode_and_decode_is_named():
    with pytest.raises(ValueError, match="Received: Sequential, which lacks posterior and decode"):
        LatentVicinity(keras.Sequential())
    with pytest.raises(ValueError, match="NoneType, which lacks posterior and decode"):
        LatentVicinity(None)

    class Half(keras.Model):
        def decode(self, latents):
            return latents

    with pytest.raises(ValueError, match=r"Half, which lacks posterior[.]"):
        LatentVicinity(Half())


def test_unknown_latents_are_named(autoencoder):
    message = r"latents to be one of 'mean', 'sample'[.] Received: 'mode'"
    with pytest.raises(ValueError, match=message):
        LatentVicinity(autoencoder, latents="mode")
