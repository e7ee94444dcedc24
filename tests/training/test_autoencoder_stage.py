import keras
import numpy as np
import pytest

from models import VariationalAutoencoder, compact
from tf_varmixup import VicinalClassifier
from tf_varmixup.run import Recipe, RunFolder, distribution_strategy
from tf_varmixup.training import load_autoencoder, make_autoencoder, train_autoencoder

SHAPE = (8, 8, 1)


def saved(path, model):
    model.save(path)
    return path


def test_a_method_that_needs_none_gets_none(recipe):
    assert make_autoencoder(SHAPE, recipe(method="mixup")) is None
    given = {"likelihood_scale": 0.3, "vae_latent": "circles"}
    made = make_autoencoder(SHAPE, recipe(method="varmixup", seed=4, **given))
    assert (made.image_shape, made.seed, made.likelihood_scale) == (SHAPE, 4, 0.3)
    assert made.latent == "circles"


def test_one_that_is_named_is_loaded(recipe, tmp_path):
    model = VariationalAutoencoder(SHAPE, width=4, blocks=1)
    file = saved(tmp_path / "vae.keras", model)
    images = np.random.default_rng(0).integers(0, 256, (2, *SHAPE)).astype("uint8")
    for path in (file, tmp_path):
        for method in ("mixup", "varmixup"):
            loaded = make_autoencoder(SHAPE, recipe(method=method, vae=path))
            np.testing.assert_allclose(loaded.encode(images), model.encode(images), atol=1e-6)


def test_a_named_one_has_a_scale_of_its_own(recipe, tmp_path):
    model = VariationalAutoencoder(SHAPE, width=4, blocks=1, likelihood_scale=0.1)
    file = saved(tmp_path / "vae.keras", model)
    assert make_autoencoder(SHAPE, recipe(vae=file)).likelihood_scale == 0.1
    with pytest.raises(ValueError, match=r"left out with vae.* Received: 0\.4"):
        Recipe("noise", vae=file, likelihood_scale=0.4)
    with pytest.raises(ValueError, match=r"vae_latent to be left out with vae.* Received: 'flat'"):
        Recipe("noise", vae=file, vae_latent="flat")


def test_its_training_images_are_attacked_where_the_recipe_says_so(recipe, tmp_path):
    made = make_autoencoder(SHAPE, recipe(method="varmixup", vae_adversarial_radius=0.03))
    assert made.adversarial_radius == 0.03
    assert make_autoencoder(SHAPE, recipe(method="varmixup")).adversarial_radius == 0.0
    file = saved(tmp_path / "vae.keras", made)
    assert make_autoencoder(SHAPE, recipe(vae=file)).adversarial_radius == 0.03
    with pytest.raises(ValueError, match=r"vae_adversarial_radius .*left out with vae.* 0\.03"):
        Recipe("noise", vae=file, vae_adversarial_radius=0.03)


def test_its_objective_is_the_recipes_and_a_named_one_has_its_own(recipe, tmp_path):
    made = make_autoencoder(SHAPE, recipe(method="varmixup", vae_objective="mmd"))
    assert made.objective == "mmd"
    assert make_autoencoder(SHAPE, recipe(method="varmixup")).objective == "elbo"
    file = saved(tmp_path / "vae.keras", made)
    assert make_autoencoder(SHAPE, recipe(vae=file)).objective == "mmd"
    with pytest.raises(ValueError, match=r"vae_objective to be left out with vae.* 'mmd'"):
        Recipe("noise", vae=file, vae_objective="mmd")


def test_what_is_no_autoencoder_of_such_images_is_refused(tmp_path):
    file = saved(tmp_path / "vae.keras", VariationalAutoencoder((8, 8, 3), width=4, blocks=1))
    with pytest.raises(ValueError, match=r"Expected vae to be .*\(8, 8, 1\).*images \(8, 8, 3\)"):
        load_autoencoder(file, SHAPE)
    network = compact(SHAPE, 3, width=4)
    for number, model in enumerate([network, VicinalClassifier(network)]):
        with pytest.raises(ValueError, match="no autoencoder"):
            load_autoencoder(saved(tmp_path / f"{number}.keras", model), SHAPE)
    with pytest.raises(FileNotFoundError, match=r"missing\.keras"):
        load_autoencoder(tmp_path / "missing.keras", SHAPE)
    (tmp_path / "cut.keras").write_bytes(b"PK")
    with pytest.raises(ValueError, match=r"cut\.keras"):
        load_autoencoder(tmp_path / "cut.keras", SHAPE)


@pytest.mark.slow
def test_it_is_trained_saved_and_measured_once(recipe, tmp_path, tiny_autoencoder, dataset):
    settings = recipe(method="varmixup")
    strategy = distribution_strategy("none")
    model = make_autoencoder(SHAPE, settings)
    before = [weight.copy() for weight in model.encoder.get_weights()]
    run = RunFolder(tmp_path / "run", {}, resume=False)
    measured = train_autoencoder(model, dataset, settings, run, strategy)
    assert set(measured) == {"elbo", "kl", "mse", "psnr", "active_units"}
    assert all(np.isfinite(value) and type(value) is float for value in measured.values())
    after = model.encoder.get_weights()
    assert any((one != other).any() for one, other in zip(before, after, strict=True))

    # A run that goes on takes it from there, and trains it no more.
    other = make_autoencoder(SHAPE, settings)
    keras.utils.set_random_seed(9)
    again = train_autoencoder(other, dataset, settings, run, strategy)
    assert again == pytest.approx(measured)
    for one, two in zip(after, other.encoder.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_one_that_came_trained_is_only_measured(recipe, tmp_path, dataset):
    file = saved(tmp_path / "vae.keras", VariationalAutoencoder(SHAPE, width=4, blocks=1))
    settings = recipe(method="varmixup", vae=file)
    model = make_autoencoder(SHAPE, settings)
    before = [weight.copy() for weight in model.encoder.get_weights()]
    run = RunFolder(tmp_path / "run", {}, resume=False)
    train_autoencoder(model, dataset, settings, run, distribution_strategy("none"))
    for one, other in zip(before, model.encoder.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert (run / "vae.keras").exists()


@pytest.mark.parametrize(("largest", "steps"), [(8, 3), (4, 6), (128, 2)])
def test_its_batches_do_not_grow_with_the_classifiers(
    largest, steps, recipe, dataset, tiny_autoencoder, tmp_path, monkeypatch
):
    monkeypatch.setattr("tf_varmixup.training.batches.AUTOENCODER_BATCH", largest)
    settings = recipe(method="varmixup", batch_size=12)
    made = make_autoencoder(SHAPE, settings)
    with RunFolder(tmp_path / "run", {}, resume=False) as run:
        train_autoencoder(made, dataset, settings, run, distribution_strategy("none"))
    assert int(made.step) == steps  # an epoch of 24 images
