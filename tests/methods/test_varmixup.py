import numpy as np
import pytest
import tensorflow as tf

from models import VariationalAutoencoder
from tf_varmixup import draws
from tf_varmixup.methods import Reconstruction, VarMixup
from tf_varmixup.methods.interpolation import PATHS
from tf_varmixup.methods.partners import nearest_partners

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


def halves(values, partners=PARTNERS):
    return (values + values[partners]) / 2


def mix(method, images, labels, weights=None, seed=0):
    weights = tf.fill([7], 0.5) if weights is None else tf.constant(weights)
    mixed, soft = method.mix(images, labels, weights, tf.constant(PARTNERS), draws.run_seed(seed))
    return np.asarray(mixed), np.asarray(soft)


def test_the_whole_residual_returns_the_image_itself(autoencoder, images, labels):
    mixed, _ = mix(VarMixup(autoencoder, residual=1), images, labels, np.ones(7, "float32"))
    np.testing.assert_allclose(mixed, images, atol=1e-3)


def test_a_share_of_the_residual_is_mixed_as_the_labels_are(autoencoder, images, labels):
    plain, _ = mix(VarMixup(autoencoder), images, labels)
    residuals = images - autoencoder.reconstruct(images).numpy()
    mixed, _ = mix(VarMixup(autoencoder, residual=0.3), images, labels)
    np.testing.assert_allclose(mixed, np.clip(plain + 0.3 * halves(residuals), 0, 255), atol=1e-3)


def test_a_carried_residual_is_that_of_the_larger_weight(autoencoder, images, labels):
    plain, _ = mix(VarMixup(autoencoder), images, labels, WEIGHTS)
    residuals = images - autoencoder.reconstruct(images).numpy()
    carried = np.where(WEIGHTS[:, None, None, None] >= 0.5, residuals, residuals[PARTNERS])
    mixed, soft = mix(
        VarMixup(autoencoder, residual=1, residual_from="larger"), images, labels, WEIGHTS
    )
    np.testing.assert_allclose(mixed, np.clip(plain + carried, 0, 255), atol=1e-3)
    np.testing.assert_allclose(mixed[1], images[1], atol=1e-3)  # a weight of 1
    np.testing.assert_allclose(mixed[3], images[PARTNERS[3]], atol=1e-3)  # a weight of 0
    np.testing.assert_allclose(soft[3], labels[PARTNERS[3]])


def test_a_drawn_share_of_the_residual_is_another_for_each_image(autoencoder, images, labels):
    ones = np.ones(7, "float32")
    mixed, _ = mix(VarMixup(autoencoder, residual=1, residual_draw="uniform"), images, labels, ones)
    decoded = autoencoder.reconstruct(images).numpy()
    residuals = images - decoded
    shares = []
    for one in range(7):
        inside = (mixed[one] > 0) & (mixed[one] < 255) & (np.abs(residuals[one]) > 5)
        own = (mixed[one] - decoded[one])[inside] / residuals[one][inside]
        assert np.ptp(own) < 1e-3  # the same for all pixels of an image
        shares.append(own.mean())
    assert len(set(shares)) == 7
    assert min(shares) > 0
    assert max(shares) < 1


def test_labels_follow_as_much_of_the_residual_as_there_is(autoencoder, images, labels):
    parameters = {"residual": 0.5, "residual_from": "larger", "residual_label": 0.6}
    _, soft = mix(VarMixup(autoencoder, **parameters), images, labels, WEIGHTS)
    own = (0.7 * WEIGHTS + 0.3 * (WEIGHTS >= 0.5))[:, None]
    np.testing.assert_allclose(soft, own * labels + (1 - own) * labels[PARTNERS], atol=1e-6)
    # Where each image draws its share, its label moves by the same.
    parameters |= {"residual": 1.0, "residual_draw": "uniform", "residual_label": 1.0}
    method = VarMixup(autoencoder, **parameters)
    mixed, soft = mix(method, images, labels, np.full(7, 0.75, "float32"))
    plain, _ = mix(VarMixup(autoencoder), images, labels, np.full(7, 0.75, "float32"))
    residuals = images - autoencoder.reconstruct(images).numpy()
    for one in np.flatnonzero(np.arange(7) != PARTNERS):
        inside = (mixed[one] > 0) & (mixed[one] < 255) & (np.abs(residuals[one]) > 5)
        share = ((mixed - plain)[one][inside] / residuals[one][inside]).mean()
        assert soft[one, one] == pytest.approx(0.75 + 0.25 * share, abs=1e-3)


@pytest.mark.parametrize("share", [0.0, 0.7, 1.0])
def test_labels_follow_the_residual_by_a_share(share, autoencoder, images, labels):
    parameters = {"residual": 1, "residual_from": "larger", "residual_label": share}
    _, soft = mix(VarMixup(autoencoder, **parameters), images, labels, WEIGHTS)
    own = ((1 - share) * WEIGHTS + share * (WEIGHTS >= 0.5))[:, None]
    np.testing.assert_allclose(soft, own * labels + (1 - own) * labels[PARTNERS], atol=1e-6)


@pytest.mark.parametrize(("lambda_per", "shape"), [("position", (2, 2, 1)), ("channel", (1, 1, 2))])
def test_parts_of_latents_have_weights_of_their_own(lambda_per, shape, autoencoder, images, labels):
    method = VarMixup(autoencoder, lambda_per=lambda_per)
    weights = method.draw_weights(tf.constant(7), draws.run_seed(3)).numpy()
    assert weights.shape == (7, *shape)
    assert len(np.unique(weights)) == weights.size
    mixed, soft = mix(method, images, labels, weights)
    codes = autoencoder.encode(images).numpy()
    codes = weights * codes + (1 - weights) * codes[PARTNERS]
    np.testing.assert_allclose(mixed, autoencoder.decode(codes), atol=2.5e-3)
    mean = weights.mean((1, 2, 3))[:, None]
    np.testing.assert_allclose(soft, mean * labels + (1 - mean) * labels[PARTNERS], atol=1e-6)


def test_each_number_of_a_flat_latent_has_a_weight(images, labels):
    flat = VariationalAutoencoder((8, 8, 3), latent="flat", width=8, blocks=1, latent_size=5)
    for lambda_per in ("position", "channel"):
        method = VarMixup(flat, lambda_per=lambda_per)
        assert method.draw_weights(tf.constant(7), draws.run_seed(0)).shape == (7, 5)
        assert method.sample(images, labels, draws.run_seed(0))[0].shape == images.shape


def test_likelihood_draws_lie_around_the_mean(autoencoder, images, labels):
    mean, _ = mix(VarMixup(autoencoder), images, labels)
    drawn, _ = mix(VarMixup(autoencoder, noise=0.02), images, labels)
    assert np.std(drawn - mean) == pytest.approx(0.02 * 255, rel=0.1)
    likelihood = autoencoder.likelihood(autoencoder.encode(images))
    assert np.shape(likelihood.stddev()) == images.shape  # the unit of the scale is its own


def test_a_temperature_scales_the_draws(autoencoder, images, labels):
    codes = [
        VarMixup(autoencoder, "sample", temperature=temperature)
        .encode(images, draws.run_seed(4))
        .numpy()
        for temperature in (1.0, 2.5)
    ]
    mean = autoencoder.encode(images).numpy()
    np.testing.assert_allclose(codes[1] - mean, 2.5 * (codes[0] - mean), rtol=1e-3, atol=1e-5)
    uniform = VarMixup(autoencoder, "sample", temperature=2.5, temperature_draw="uniform")
    shares = (uniform.encode(images, draws.run_seed(4)).numpy() - mean) / (codes[1] - mean)
    per_image = shares.reshape(7, -1)
    np.testing.assert_allclose(per_image, per_image[:, :1] * np.ones((1, 8)), rtol=1e-2)
    assert (per_image[:, 0] > 0).all()
    assert (per_image[:, 0] < 1).all()
    assert len(set(per_image[:, 0])) == 7


def test_single_images_are_draws_from_their_own_posterior(autoencoder, images, labels):
    seed = draws.run_seed(5)
    drawn, soft = VarMixup(autoencoder, single_share=0.4).sample(images, labels, seed)
    np.testing.assert_array_equal(soft[:3], labels[:3])  # 0.4 of 7, rounded
    assert (np.max(soft[3:], 1) < 1).any()
    means = autoencoder.reconstruct(images).numpy()
    assert (np.abs(drawn - means).max((1, 2, 3))[:3] > 1.0).all()
    mix_seed = draws.split(seed, 3)[2]
    posterior = VarMixup(autoencoder, "sample").encode(images, mix_seed)
    np.testing.assert_allclose(drawn[:3], autoencoder.decode(posterior)[:3], atol=2.5e-3)
    # The others are what they were, from means.
    np.testing.assert_allclose(
        drawn[3:], VarMixup(autoencoder).sample(images, labels, seed)[0][3:], atol=2.5e-3
    )


def test_single_images_have_their_own_label_whatever_the_weights(autoencoder, images, labels):
    _, soft = mix(VarMixup(autoencoder, single_share=0.4), images, labels)
    np.testing.assert_array_equal(soft[:3], labels[:3])
    np.testing.assert_allclose(soft[3:], halves(labels)[3:])


def test_partners_are_chosen(autoencoder, images):
    labels, seed = np.eye(2, dtype="float32")[[0, 1, 0, 0, 1, 0, 1]], draws.run_seed(0)
    other = VarMixup(autoencoder, partner="other_class").draw_partners(images, labels, seed)
    assert (labels.argmax(1)[other.numpy()] != labels.argmax(1)).all()
    nearest = VarMixup(autoencoder, partner="nearest").draw_partners(images, labels, seed)
    np.testing.assert_array_equal(nearest, nearest_partners(autoencoder.encode(images)))
    random = VarMixup(autoencoder).draw_partners(images, labels, seed)
    assert sorted(random.numpy()) == list(range(7))


def test_a_path_is_chosen(autoencoder, images, labels):
    codes = autoencoder.encode(images)
    for name, path in PATHS.items():
        mixed, _ = mix(VarMixup(autoencoder, interpolation=name), images, labels)
        expected = autoencoder.decode(path(codes, tf.fill([7], 0.5), tf.constant(PARTNERS)))
        np.testing.assert_allclose(mixed, expected, atol=2.5e-3)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"residual": 1.5}, "residual to be a number from 0 to 1. Received: 1.5"),
        ({"noise": -1}, "noise to be a number of at least 0. Received: -1"),
        ({"temperature": 0}, "temperature to be a positive number. Received: 0"),
        ({"single_share": 1.1}, "single_share to be a number from 0 to 1"),
        ({"temperature": 2}, r"only where latents are drawn .* Received: temperature=2.0"),
        ({"temperature_draw": "uniform"}, "only where latents are drawn"),
        ({"residual_from": "larger"}, "residual_from to be given only where residual is above 0"),
        ({"residual_draw": "uniform"}, "residual_draw to be given only where residual is above 0"),
        ({"residual_label": 0.5}, "only where residual_from is 'larger'. Received: residual_label"),
        ({"residual_label": 0.5, "residual": 1}, "only where residual_from is 'larger'"),
        ({"noise_draw": "uniform"}, "noise_draw to be given only where noise is above 0"),
        ({"partner": "nearst"}, "Received: 'nearst'. Did you mean 'nearest'?"),
        ({"interpolation": "slerp"}, "one of 'linear', 'spherical', 'norm_keeping'"),
        ({"lambda_per": "pixel"}, "'image', 'batch', 'position', 'channel'. Received: 'pixel'"),
    ],
    ids=str,
)
def test_bad_parameters_are_named(parameters, message, autoencoder):
    with pytest.raises(ValueError, match=message.replace("?", "[?]")):
        VarMixup(autoencoder, **parameters)
