import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.methods import Reconstruction, VarMixup

WEIGHTS = np.array([0.25, 1.0, 0.5, 0.0, 0.9, 0.3, 0.6], "float32")
PARTNERS = np.array([1, 2, 0, 4, 6, 5, 3], "int32")


@pytest.mark.parametrize("latents", ["mean", "sample"])
def test_mixing_by_hand(latents, autoencoder, images, labels):
    seed = draws.run_seed(2)
    mixed, soft = VarMixup(autoencoder, latents).mix(
        images, labels, tf.constant(WEIGHTS), tf.constant(PARTNERS), seed
    )
    codes = autoencoder.encode(images).numpy()
    if latents == "sample":
        codes = (
            codes
            + autoencoder.posterior(images).stddev().numpy()
            * draws.normals(codes.shape, seed).numpy()
        )
    share = WEIGHTS[:, None, None, None]
    np.testing.assert_allclose(
        mixed, autoencoder.decode(share * codes + (1 - share) * codes[PARTNERS]), atol=2.5e-3
    )
    np.testing.assert_allclose(
        soft, WEIGHTS[:, None] * labels + (1 - WEIGHTS[:, None]) * labels[PARTNERS], atol=1e-6
    )


def test_latents_are_mixed_and_not_pixels(autoencoder, images, labels):
    halves = tf.fill([7], 0.5)
    mixed, _ = VarMixup(autoencoder).mix(
        images, labels, halves, tf.constant(PARTNERS), draws.run_seed(0)
    )
    decoded = autoencoder.reconstruct(images).numpy()
    assert np.abs(mixed - (decoded + decoded[PARTNERS]) / 2).max() > 0.025


@pytest.mark.parametrize("latents", ["mean", "sample"])
def test_weight_one_is_the_reconstruction(latents, autoencoder, images, labels):
    seed = draws.run_seed(1)
    mixed, same = VarMixup(autoencoder, latents).mix(
        images, labels, tf.ones(7), tf.constant(PARTNERS), seed
    )
    np.testing.assert_allclose(
        mixed, Reconstruction(autoencoder, latents).sample(images, labels, seed)[0], atol=1e-3
    )
    np.testing.assert_array_equal(same, labels)


# Halves round to the even number, as everywhere in TensorFlow.
@pytest.mark.parametrize(
    ("count", "share", "clean"),
    [
        (7, 0.5, 4),
        (5, 0.5, 2),
        (6, 0.25, 2),
        (7, 0.3, 2),
        (7, 0.05, 0),
        (1, 0.5, 0),
        (1, 0.9, 1),
        (2, 0.99, 2),
    ],
)
def test_the_clean_share_stays_and_the_others_mix_among_themselves(
    count, share, clean, autoencoder, images, labels
):
    images, labels, seed = images[:count], labels[:count], draws.run_seed(6)
    mixed, soft = VarMixup(autoencoder, clean_share=share).sample(images, labels, seed)
    assert mixed.shape == images.shape
    assert soft.shape == labels.shape
    np.testing.assert_allclose(mixed[:clean], images[:clean], rtol=0)
    np.testing.assert_array_equal(soft[:clean], labels[:clean])
    if clean < count:
        alone = VarMixup(autoencoder).sample(images[clean:], labels[clean:], seed)
        np.testing.assert_allclose(mixed[clean:], alone[0], atol=2.5e-3)
        np.testing.assert_allclose(soft[clean:], alone[1], atol=1e-6)
        assert np.abs(mixed[clean:] - images[clean:].astype("float32")).max() > 12.0


def test_a_clean_share_maps_and_compiles(autoencoder, images, labels):
    distribution = VarMixup(autoencoder, clean_share=0.6)
    batches = tf.data.Dataset.from_tensor_slices((images[:6], labels[:6])).batch(
        5
    )  # 3 of 5 stay, then 1 of 1
    mapped = list(distribution.map(batches, seed=0))
    for step, batch in enumerate(batches):
        eager = distribution.sample(*batch, draws.fold(draws.run_seed(0), step, 0))
        for expected, other in zip(eager, mapped[step], strict=True):
            np.testing.assert_allclose(other, expected, atol=2.5e-3)
    compiled = tf.function(distribution.sample, jit_compile=True)(
        images[:5], labels[:5], draws.fold(draws.run_seed(0), 0, 0)
    )
    for expected, other in zip(mapped[0], compiled, strict=True):
        np.testing.assert_allclose(other, expected, atol=0.025)


@pytest.mark.parametrize("share", [1.0, -0.1, float("nan")])
def test_a_bad_clean_share_is_named(share, autoencoder):
    with pytest.raises(ValueError, match=rf"clean_share to be a number .* Received: {share}"):
        VarMixup(autoencoder, clean_share=share)
