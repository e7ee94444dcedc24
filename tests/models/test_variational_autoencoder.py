import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from models import VariationalAutoencoder


def pictures(count=6, shape=(32, 32, 3), seed=0):
    """Smooth random pictures: coarse noise, enlarged."""
    coarse = np.random.default_rng(seed).uniform(0, 255, (count, 4, 4, shape[2])).astype("float32")
    return tf.cast(tf.image.resize(coarse, shape[:2]), tf.uint8).numpy()


def small(**settings):
    return VariationalAutoencoder(
        **{"image_shape": (8, 8, 3), "width": 16, "blocks": 1, "latent_size": 4, **settings}
    )


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 13, 3), (28, 28, 1), (30, 64, 3), (64, 33, 1)])
@pytest.mark.parametrize("latent", ["spatial", "flat"])
def test_any_picture_size(shape, latent):
    autoencoder = small(image_shape=shape, latent=latent, latent_size=5)
    images = pictures(2, shape)
    grid = (-(-shape[0] // 4), -(-shape[1] // 4))
    assert autoencoder.encode(images).shape == (2, *((*grid, 5) if latent == "spatial" else (5,)))
    decoded = autoencoder.reconstruct(images).numpy()
    assert decoded.shape == images.shape and decoded.min() >= 0.0 and decoded.max() <= 1.0


def test_posterior_prior_and_likelihood_are_distributions():
    autoencoder, images = small(likelihood_scale=0.2), pictures(3, (8, 8, 3))
    posterior = autoencoder.posterior(images)
    assert posterior.batch_shape == (
        3,
    ) and posterior.event_shape == autoencoder.prior.event_shape == (2, 2, 4)
    np.testing.assert_allclose(posterior.mean(), autoencoder.encode(images))
    latents = posterior.sample(seed=(1, 2))
    by_scipy = stats.norm(posterior.mean(), posterior.stddev()).logpdf(latents).sum((1, 2, 3))
    np.testing.assert_allclose(posterior.log_prob(latents), by_scipy, rtol=1e-4)
    likelihood = autoencoder.likelihood(latents)
    by_scipy = stats.norm(likelihood.mean(), 0.2).logpdf(images / 255.0).sum((1, 2, 3))
    np.testing.assert_allclose(likelihood.log_prob(images / np.float32(255)), by_scipy, rtol=1e-4)
    assert autoencoder.prior.log_prob(np.zeros((2, 2, 4), "float32")).numpy() == pytest.approx(
        -8 * np.log(2 * np.pi), rel=1e-5
    )


def test_logged_measures_by_hand():
    autoencoder, images = small(kl_weight=2.0, likelihood_scale=0.1), pictures(5, (8, 8, 3))
    autoencoder.compile("adam")
    logs = autoencoder.evaluate(images, batch_size=5, verbose=0, return_dict=True)
    posterior = autoencoder.posterior(images)
    mean, stddev = (
        posterior.mean().numpy().astype("float64"),
        posterior.stddev().numpy().astype("float64"),
    )
    kl = (0.5 * (mean**2 + stddev**2 - 1) - np.log(stddev)).sum((1, 2, 3)).mean()
    output = autoencoder.decoder(posterior.mean()).numpy()
    log_likelihood = stats.norm(output, 0.1).logpdf(images / 255.0).sum((1, 2, 3)).mean()
    mse = ((np.clip(output, 0, 1) - images / 255.0) ** 2).mean((1, 2, 3))
    expected = {
        "kl": kl,
        "log_likelihood": log_likelihood,
        "loss": 2 * kl - log_likelihood,
        "mse": mse.mean(),
        "psnr": (-10 * np.log10(mse)).mean(),
        "active_units": (mean.var(0) > 0.01).sum(),
    }
    for name, value in expected.items():
        assert logs[name] == pytest.approx(value, rel=1e-3), name
    assert set(logs) == {*expected, "mmd"}


@pytest.mark.parametrize("objective", ["elbo", "mmd"])
@pytest.mark.parametrize("jit_compile", [False, True])
def test_training_learns(objective, jit_compile):
    keras.utils.set_random_seed(0)
    autoencoder, images = small(objective=objective, width=32), pictures(64, (8, 8, 3))
    autoencoder.compile(keras.optimizers.Adam(1e-2), jit_compile=jit_compile)
    before = autoencoder.evaluate(images, verbose=0, return_dict=True)
    autoencoder.fit(images, np.zeros(64), batch_size=16, epochs=15, verbose=0)
    after = autoencoder.evaluate(images, verbose=0, return_dict=True)
    assert after["loss"] < before["loss"] and after["psnr"] > before["psnr"] + 1.5
    assert int(autoencoder.step) == 60


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_statistics_are_float32_under_mixed_precision(policy):
    keras.utils.set_random_seed(0)
    images = pictures(8, (8, 8, 3))
    exact = small()
    mixed = small(dtype=policy)
    mixed.set_weights(exact.get_weights())
    assert mixed.encoder.get_layer("block1_conv1").compute_dtype == policy.removeprefix("mixed_")
    outputs = mixed(images)
    assert {value.dtype for value in outputs.values()} == {tf.float32}
    np.testing.assert_allclose(outputs["mean"], exact.encode(images), atol=0.05)
    mixed.compile("adam")
    assert np.isfinite(mixed.fit(images, batch_size=4, epochs=2, verbose=0).history["loss"]).all()


def test_saved_and_loaded_it_goes_on_training_as_if_nothing_had_happened(tmp_path):
    images = pictures(32, (8, 8, 3))
    keras.utils.set_random_seed(0)
    autoencoder = small(seed=5)
    autoencoder.compile(keras.optimizers.Adam(1e-3))
    autoencoder.fit(images, batch_size=8, epochs=1, shuffle=False, verbose=0)
    autoencoder.save(tmp_path / "vae.keras")
    loaded = keras.saving.load_model(tmp_path / "vae.keras")
    np.testing.assert_array_equal(loaded.reconstruct(images), autoencoder.reconstruct(images))
    for model in (autoencoder, loaded):
        model.fit(images, batch_size=8, epochs=1, shuffle=False, verbose=0)
    for one, other in zip(autoencoder.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_replicas_draw_differently_and_agree_on_the_weights():
    strategy = tf.distribute.MirroredStrategy(
        tf.config.list_logical_devices("CPU"), cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    with strategy.scope():
        autoencoder = small()
        autoencoder.compile(keras.optimizers.SGD(1e-6))
    images = np.repeat(pictures(1, (8, 8, 3)), 4, 0)
    latents = strategy.run(tf.function(lambda: autoencoder(images, training=True)["latents"]))
    first, second = (part.numpy() for part in strategy.experimental_local_results(latents))
    assert np.abs(first - second).max() > 0.01
    assert np.isfinite(autoencoder.fit(images, batch_size=4, verbose=0).history["loss"]).all()
    assert int(autoencoder.step.value.values[0]) == 1


def test_served_outputs_are_not_drawn():
    autoencoder, images = small(), pictures(2, (8, 8, 3))
    np.testing.assert_array_equal(autoencoder(images)["latents"], autoencoder.encode(images))
    drawn = autoencoder(images, training=True)["latents"]
    assert np.abs(drawn - autoencoder.encode(images)).max() > 0.01


def test_interpolation_ends_at_the_reconstructions():
    autoencoder, images = small(), pictures(4, (8, 8, 3))
    strip = autoencoder.interpolate(images[:2], images[2:], steps=5).numpy()
    assert strip.shape == (2, 5, 8, 8, 3)
    np.testing.assert_allclose(strip[:, 0], autoencoder.reconstruct(images[:2]), atol=1e-5)
    np.testing.assert_allclose(strip[:, -1], autoencoder.reconstruct(images[2:]), atol=1e-5)
    middle = autoencoder.decode(
        (autoencoder.encode(images[:2]) + autoencoder.encode(images[2:])) / 2
    )
    np.testing.assert_allclose(strip[:, 2], middle, atol=1e-5)


def test_samples_depend_on_the_seed_alone():
    autoencoder = small()
    first = autoencoder.sample(3, seed=1).numpy()
    np.testing.assert_array_equal(first, autoencoder.sample(3, seed=1))
    assert (
        first.shape == (3, 8, 8, 3) and np.abs(first - autoencoder.sample(3, seed=2)).max() > 1e-4
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image_shape": (7, 8, 3)}, r"from 8 to 64.*\(7, 8, 3\)"),
        ({"image_shape": (8, 8, 2)}, r"C 1 or 3.*\(8, 8, 2\)"),
        ({"latent": "cubic"}, "'cubic'"),
        ({"latent_size": 0}, "latent_size must be positive, received 0"),
        ({"objective": "gan"}, "elbo, mmd, received 'gan'"),
        ({"kl_weight": -1.0}, "kl_weight must not be negative"),
        ({"mmd_weight": 0.0}, "mmd_weight must be positive"),
        ({"likelihood_scale": float("nan")}, "likelihood_scale must be positive, received nan"),
    ],
)
def test_bad_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        small(**settings)
