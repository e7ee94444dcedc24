import copy
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from models import VariationalAutoencoder


def some_images(count=6, shape=(32, 32, 3), seed=0):
    """Smooth random images: coarse noise, enlarged."""
    coarse = np.random.default_rng(seed).uniform(0, 255, (count, 4, 4, shape[2])).astype("float32")
    return tf.cast(tf.image.resize(coarse, shape[:2]), tf.uint8).numpy()


def small(**settings):
    return VariationalAutoencoder(
        **{"image_shape": (8, 8, 3), "width": 16, "blocks": 1, "latent_size": 4, **settings}
    )


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 13, 3), (28, 28, 1), (30, 64, 3), (64, 33, 1)])
@pytest.mark.parametrize("latent", ["spatial", "flat", "circles"])
def test_any_image_size(shape, latent):
    autoencoder = small(image_shape=shape, latent=latent, latent_size=6)
    images = some_images(2, shape)
    grid = (-(-shape[0] // 4), -(-shape[1] // 4))
    assert autoencoder.encode(images).shape == (2, *((6,) if latent == "flat" else (*grid, 6)))
    decoded = autoencoder.reconstruct(images).numpy()
    assert decoded.shape == images.shape
    assert decoded.min() >= 0.0
    assert 2.0 < decoded.max() <= 255.0


@pytest.mark.parametrize(
    ("shape", "latent_shape"),
    [
        ((64, 64, 1), (16, 16, 16)),
        ((64, 65, 3), (8, 9, 32)),
        ((8, 600, 1), (1, 75, 32)),
        ((130, 127, 1), (9, 8, 64)),
    ],
)
def test_larger_images_have_coarser_latents_of_more_channels(shape, latent_shape):
    autoencoder = VariationalAutoencoder(shape, latent="circles", width=4, blocks=1)
    assert autoencoder.latent_shape == latent_shape
    images = some_images(2, shape)
    assert autoencoder.reconstruct(images).shape == images.shape


@pytest.mark.parametrize("shape", [(8, 520, 3), (132, 130, 1)])
def test_a_latent_of_a_larger_image_is_about_where_it_is_in_the_image(shape):
    keras.utils.set_random_seed(0)
    autoencoder = VariationalAutoencoder(shape, width=8, blocks=1)
    latents = np.zeros((2, *autoencoder.latent_shape), "float32")
    latents[1, 0, -2] = 3.0
    without, with_it = autoencoder.decoder(latents).numpy()
    rows, columns = np.nonzero(np.abs(with_it - without).sum(-1) > 1e-6)
    stride = round(shape[1] / latents.shape[2])
    assert rows.min() == 0
    assert columns.mean() == pytest.approx(stride * (latents.shape[2] - 1.5), abs=stride)
    assert columns.min() > shape[1] / 2


def test_of_circles_only_directions_are_decoded():
    autoencoder = small(latent="circles", latent_size=6)
    latents = np.random.default_rng(0).normal(size=(2, 2, 2, 3, 2)).astype("float32")
    latents /= np.linalg.norm(latents, axis=-1, keepdims=True)

    def decoded(latents):
        return autoencoder.decode(latents.reshape(2, 2, 2, 6)).numpy()

    lengths = np.random.default_rng(1).uniform(3.0, 9.0, (2, 2, 2, 3, 1)).astype("float32")
    turned = latents[..., ::-1] * np.float32([1.0, -1.0])
    spread = np.abs(decoded(4.0 * turned) - decoded(4.0 * latents)).max()
    assert np.abs(decoded(lengths * latents) - decoded(4.0 * latents)).max() < 0.01 * spread
    # Halfway along the straight line between them is halfway along the arc.
    arc = np.sqrt(0.5) * (turned + latents)
    halfway = decoded(4.0 * (0.5 * turned + 0.5 * latents))
    assert np.abs(halfway - decoded(4.0 * arc)).max() < 0.01 * spread
    # A pair without a length has no direction, and is no division by zero.
    assert np.isfinite(decoded(0.0 * latents)).all()


def test_posterior_prior_and_likelihood_are_distributions():
    autoencoder, images = small(likelihood_scale=0.2), some_images(3, (8, 8, 3))
    posterior = autoencoder.posterior(images)
    assert posterior.batch_shape == (3,)
    assert posterior.event_shape == autoencoder.prior.event_shape == (2, 2, 4)
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


def test_logged_metrics_by_hand():
    autoencoder, images = small(kl_weight=2.0, likelihood_scale=0.1), some_images(5, (8, 8, 3))
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
    assert set(logs) == set(expected)


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["elbo", "mmd"])
def test_training_learns(objective):  # test_harness_models.py trains under XLA
    keras.utils.set_random_seed(0)
    autoencoder, images = small(objective=objective, width=32), some_images(64, (8, 8, 3))
    autoencoder.compile(keras.optimizers.Adam(1e-2))
    before = autoencoder.evaluate(images, verbose=0, return_dict=True)
    autoencoder.fit(images, np.zeros(64), batch_size=16, epochs=15, verbose=0)
    after = autoencoder.evaluate(images, verbose=0, return_dict=True)
    assert after["loss"] < before["loss"]
    assert after["psnr"] > before["psnr"] + 1.5
    assert int(autoencoder.step) == 60


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_statistics_are_float32_under_mixed_precision(policy):
    keras.utils.set_random_seed(0)
    images = some_images(8, (8, 8, 3))
    exact = small()
    mixed = small(dtype=policy)
    mixed.set_weights(exact.get_weights())
    assert mixed.encoder.get_layer("block1_conv1").compute_dtype == policy.removeprefix("mixed_")
    outputs = mixed(images)
    assert {value.dtype for value in outputs.values()} == {tf.float32}
    np.testing.assert_allclose(outputs["mean"], exact.encode(images), atol=0.05)


@pytest.mark.slow
def test_saved_or_copied_it_goes_on_training_as_if_nothing_had_happened(tmp_path):
    images = some_images(32, (8, 8, 3))
    keras.utils.set_random_seed(0)
    autoencoder = small(seed=5)
    autoencoder.compile(keras.optimizers.Adam(1e-3), run_eagerly=True)
    autoencoder.fit(images, batch_size=8, epochs=1, shuffle=False, verbose=0)
    autoencoder.save(tmp_path / "vae.keras")
    others = (
        keras.saving.load_model(tmp_path / "vae.keras"),
        copy.deepcopy(autoencoder),
        pickle.loads(pickle.dumps(autoencoder)),
    )
    for other in others:
        np.testing.assert_array_equal(other.reconstruct(images), autoencoder.reconstruct(images))
    for model in (autoencoder, *others):
        model.fit(images, batch_size=8, epochs=1, shuffle=False, verbose=0)
        assert int(model.step) == 8
    for other in others:
        for mine, theirs in zip(autoencoder.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_allclose(theirs, mine, rtol=1e-5, atol=1e-6)


def test_outputs_are_those_of_the_methods():
    autoencoder, images = small(), some_images(3, (8, 8, 3))
    expected = autoencoder.encode(images)
    outputs = autoencoder.predict(images.astype("float32"), verbose=0)
    np.testing.assert_allclose(outputs["mean"], expected, atol=1e-5)
    unit = tf.clip_by_value(outputs["likelihood_mean"], 0.0, 1.0)
    np.testing.assert_array_equal(outputs["reconstruction"], unit * 255.0)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_does_not_round_the_images(policy):
    """Keras would cast floating images to half precision before `call`, to steps of 1 above 128."""
    autoencoder = small(dtype=policy, likelihood_scale=0.01)
    images = np.full((2, 8, 8, 3), 200.4, "float32")
    outputs = autoencoder(images)
    log_likelihood = stats.norm(outputs["likelihood_mean"], 0.01).logpdf(images / 255.0)
    autoencoder.compile()
    logs = autoencoder.evaluate(images, verbose=0, return_dict=True)
    expected = log_likelihood.sum((1, 2, 3)).mean()
    assert logs["log_likelihood"] == pytest.approx(expected, rel=1e-4)


def bad_batches():
    images = some_images(8, (8, 8, 3))
    return {
        "in [0, 1]": (images / np.float32(255), "which looks like \\[0, 1\\]"),
        "beyond 255": (images.astype("float32") * 2, "Expected images in 0..255"),
        "uint16": (images.astype("uint16"), "Received: uint16"),
        "without channels": (images[..., 0], r"Received: shape \(8, 8, 8\). Add the channel axis"),
        "of another size": (images[:, :4], r"shape \(B, 8, 8, 3\). Received: shape \(8, 4, 8, 3"),
        "gray": (images[..., :1], r"shape \(B, 8, 8, 3\). Received: shape \(8, 8, 8, 1"),
        "a dict": ({"image": images}, "Received: a dict with the keys image"),
    }


@pytest.mark.parametrize("kind", bad_batches())
@pytest.mark.parametrize("as_dataset", [False, True])
def test_images_that_cannot_be_right_are_named_before_training(kind, as_dataset):
    images, message = bad_batches()[kind]
    if as_dataset:
        images = tf.data.Dataset.from_tensor_slices(images).batch(8)
    autoencoder = small()
    autoencoder.compile("sgd")
    with pytest.raises(ValueError, match=message) as error:
        autoencoder.fit(images, verbose=0)
    assert "\n" not in str(error.value)
    assert int(autoencoder.step) == 0


@pytest.mark.parametrize("kind", ["uint16", "without channels", "of another size", "a dict"])
@pytest.mark.parametrize("method", ["posterior", "encode", "reconstruct"])
def test_images_that_cannot_be_right_are_named_by_every_method(kind, method):
    images, message = bad_batches()[kind]
    with pytest.raises(ValueError, match=message):
        getattr(small(), method)(images)


def mirrored():
    return tf.distribute.MirroredStrategy(
        tf.config.list_logical_devices("CPU"), cross_device_ops=tf.distribute.ReductionToOneDevice()
    )


# That they agree on the weights is in test_harness_models.py.
def test_replicas_draw_differently():
    strategy = mirrored()
    with strategy.scope():
        autoencoder = small()
    images = np.repeat(some_images(1, (8, 8, 3)), 4, 0)
    latents = strategy.run(tf.function(lambda: autoencoder(images, training=True)["latents"]))
    first, second = (part.numpy() for part in strategy.experimental_local_results(latents))
    assert np.abs(first - second).max() > 0.01


class Drawless(VariationalAutoencoder):
    """An autoencoder that trains at the posterior's mean, so that replicas draw the same."""

    def call(self, images, training=False):
        return super().call(images, training=False)


def test_a_step_on_two_replicas_is_that_of_one_device_on_the_whole_batch():
    images, outcomes = some_images(4, (8, 8, 3)), []
    for strategy in (tf.distribute.get_strategy(), mirrored()):
        keras.utils.set_random_seed(0)
        with strategy.scope():
            autoencoder = Drawless((8, 8, 3), width=16, blocks=1, latent_size=4)
            autoencoder.compile(keras.optimizers.SGD(1e-6))
        before = autoencoder.get_weights()
        history = autoencoder.fit(images, batch_size=4, verbose=0).history
        assert int(np.asarray(autoencoder.step)) == 1
        moved = [new - old for new, old in zip(autoencoder.get_weights(), before, strict=True)]
        outcomes.append((history["loss"][0], history["kl"][0], moved))
    (loss, kl, moved), (loss_of_two, kl_of_two, moved_by_two) = outcomes
    assert loss_of_two == pytest.approx(loss, rel=1e-5)
    assert kl_of_two == pytest.approx(kl, rel=1e-5)
    assert max(np.abs(step).max() for step in moved) > 1e-4
    for one, other in zip(moved, moved_by_two, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-2, atol=2e-6)


def test_the_mmd_is_computed_and_logged_only_where_it_is_the_objective(monkeypatch):
    import models.variational_autoencoder as module

    calls = []

    def counted(*points):
        calls.append(points)
        return tf.constant(2.0)

    monkeypatch.setattr(module, "maximum_mean_discrepancy", counted)
    images = some_images(4, (8, 8, 3))
    for objective, expected in (("elbo", 0), ("mmd", 1)):
        autoencoder = small(objective=objective)
        autoencoder.compile()
        logs = autoencoder.evaluate(images, verbose=0, return_dict=True)
        assert len(calls) == expected
        assert ("mmd" in logs) == bool(expected)
    weight = 8 * 8 * 3 / (2 * 0.05**2)
    assert logs["mmd"] == 2.0
    assert logs["loss"] == pytest.approx(2.0 * weight - logs["log_likelihood"], rel=1e-5)


def test_every_draw_is_the_same_with_and_without_xla():
    autoencoder, images = small(objective="mmd"), some_images(16, (8, 8, 3))
    autoencoder.compile()

    def results(jit_compile):
        def compute(images):
            outputs = autoencoder(images, training=True)
            autoencoder.reset_metrics()
            autoencoder.compute_loss(images, y_pred=outputs)
            mmd = autoencoder.mmd_tracker.result()
            return outputs["latents"], mmd, autoencoder.sample(4, seed=3)

        return tf.function(compute, jit_compile=jit_compile)(tf.constant(images))

    for plain, compiled in zip(results(False), results(True), strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-3, atol=1e-3)


def test_samples_are_decoded_standard_normals():
    autoencoder = small()
    autoencoder.decoder = lambda latents: latents / 16.0 + 0.5  # shows the latents, unclipped
    latents = (autoencoder.sample(4000, seed=1).numpy() / 255.0 - 0.5) * 16.0
    assert abs(latents.mean()) < 0.02
    assert abs(latents.std() - 1.0) < 0.02
    assert stats.kstest(latents.ravel(), "norm").pvalue > 1e-3


def test_served_outputs_are_not_drawn():
    autoencoder, images = small(), some_images(2, (8, 8, 3))
    np.testing.assert_array_equal(autoencoder(images)["latents"], autoencoder.encode(images))
    drawn = autoencoder(images, training=True)["latents"]
    assert np.abs(drawn - autoencoder.encode(images)).max() > 0.01


def test_interpolation_ends_at_the_reconstructions():
    autoencoder, images = small(), some_images(4, (8, 8, 3))
    strip = autoencoder.interpolate(images[:2], images[2:], steps=5).numpy()
    assert strip.shape == (2, 5, 8, 8, 3)
    np.testing.assert_allclose(strip[:, 0], autoencoder.reconstruct(images[:2]), atol=1e-3)
    np.testing.assert_allclose(strip[:, -1], autoencoder.reconstruct(images[2:]), atol=1e-3)
    middle = autoencoder.decode(
        (autoencoder.encode(images[:2]) + autoencoder.encode(images[2:])) / 2
    )
    np.testing.assert_allclose(strip[:, 2], middle, atol=1e-3)


def test_samples_depend_on_the_seed_alone():
    autoencoder = small()
    first = autoencoder.sample(3, seed=1).numpy()
    np.testing.assert_array_equal(first, autoencoder.sample(3, seed=1))
    assert first.shape == (3, 8, 8, 3)
    assert np.abs(first - autoencoder.sample(3, seed=2)).max() > 1e-4


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image_shape": (7, 8, 3)}, r"at least 8.*\(7, 8, 3\)"),
        ({"image_shape": (8, 8, 2)}, r"C 1 or 3.*\(8, 8, 2\)"),
        ({"latent": "cubic"}, "'cubic'"),
        ({"latent": "flatt"}, "Did you mean 'flat'"),
        ({"latent_size": 0}, "latent_size to be a positive integer. Received: 0"),
        ({"latent_size": 3, "latent": "circles"}, "latent_size to be even .* Received: 3"),
        ({"width": 0}, "width to be a positive integer. Received: 0"),
        ({"width": 6, "latent": "flat"}, "width to be a multiple of 4 .* Received: 6"),
        ({"objective": "gan"}, "'elbo', 'mmd'. Received: 'gan'"),
        ({"kl_weight": -1.0}, "kl_weight to be at least 0. Received: -1.0"),
        ({"mmd_weight": 0.0}, "mmd_weight to be a positive number. Received: 0.0"),
        ({"likelihood_scale": float("nan")}, "likelihood_scale to be a positive .* Received: nan"),
    ],
)
def test_bad_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        small(**settings)


@pytest.mark.parametrize("call", [lambda m, x: m.sample(0), lambda m, x: m.interpolate(x, x, 1)])
def test_numbers_that_are_too_small_are_named(call):
    with pytest.raises(ValueError, match=r"Expected (count|steps) to be .*Received: [01]"):
        call(small(), some_images(2, (8, 8, 3)))


@pytest.mark.parametrize(
    ("setting", "other", "usual"),
    [("image_data_format", "channels_first", "channels_last"), ("floatx", "float64", "float32")],
)
def test_settings_of_keras_that_do_not_fit_are_named(setting, other, usual):
    getattr(keras.config, f"set_{setting}")(other)
    try:
        with pytest.raises(ValueError, match=f"{setting} to be '{usual}'. Received: '{other}'"):
            small()
    finally:
        getattr(keras.config, f"set_{setting}")(usual)


def test_hdf5_files_are_refused_before_training(tmp_path):
    autoencoder, images = small(), some_images(4, (8, 8, 3))
    autoencoder.compile("sgd")
    message = r"Expected a file ending in .keras. Received: '.*best.h5'"
    checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / "best.h5", monitor="loss")
    for callbacks in (checkpoint, [checkpoint], keras.callbacks.CallbackList([checkpoint])):
        with pytest.raises(ValueError, match=message):
            autoencoder.fit(images, callbacks=callbacks, verbose=0)
    assert int(autoencoder.step) == 0
    with pytest.raises(ValueError, match=message):
        autoencoder.save(tmp_path / "best.h5")
    others = [
        keras.callbacks.ModelCheckpoint(tmp_path / "best.weights.h5", save_weights_only=True),
        keras.callbacks.ModelCheckpoint(tmp_path / "best.keras"),
    ]
    autoencoder.fit(images, callbacks=others, verbose=0)
    assert {path.name for path in tmp_path.iterdir()} == {"best.weights.h5", "best.keras"}


def test_weights_of_images_are_refused_and_not_passed_over():
    autoencoder, images = small(), some_images(4, (8, 8, 3))
    autoencoder.compile("sgd")
    labels, weights = np.array([0, 1, 1, 0]), np.ones(4)
    weighted = tf.data.Dataset.from_tensors((images, labels, weights))
    for words, arguments in {
        "without sample_weight": {"x": images, "sample_weight": weights},
        "without class_weight": {"x": images, "y": labels, "class_weight": {0: 1.0, 1: 2.0}},
        "without weights": {"x": weighted},
    }.items():
        with pytest.raises(ValueError, match=words):
            autoencoder.fit(**arguments, verbose=0)
    assert int(autoencoder.step) == 0
