"""An autoencoder that is trained to reconstruct clean images from attacked ones."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models import VariationalAutoencoder
from models.reconstruction_attack import reconstruction_attack
from tests.harness import dtype_policy
from tf_varmixup import draws

SHAPE = (8, 8, 3)
RADIUS = 16 / 255


def some_images(count=32):
    """Smooth random images: coarse noise, enlarged."""
    coarse = np.random.default_rng(0).uniform(0, 255, (count, 3, 3, 3)).astype("float32")
    return tf.cast(tf.image.resize(coarse, SHAPE[:2]), tf.uint8).numpy()


def trained(radius, epochs=10):
    keras.utils.set_random_seed(0)
    model = VariationalAutoencoder(
        SHAPE, width=16, blocks=1, kl_weight=1e-3, adversarial_radius=radius
    )
    model.compile(keras.optimizers.Adam(3e-3), jit_compile=False)
    images = np.tile(some_images(), (10, 1, 1, 1))  # an epoch of ten steps costs as much as of one
    model.fit(images, batch_size=32, epochs=epochs, shuffle=False, verbose=0)
    return model


def error(model, given, images):
    """Return the mean squared error of reconstructing images from others, in [0, 1]."""
    difference = (np.asarray(model.reconstruct(given)) - images) / 255.0
    return float(np.mean(difference**2))


def noisy(images):
    signs = np.sign(np.random.default_rng(1).normal(size=images.shape)).astype("float32")
    return np.clip(images + 255.0 * RADIUS * signs, 0.0, 255.0)


@pytest.fixture(scope="module")
def plain():
    return trained(0.0)


@pytest.mark.slow
def test_the_attack_stays_in_its_ball_and_does_more_than_noise(plain):
    images, before = some_images(), [weight.copy() for weight in plain.get_weights()]
    attacked = reconstruction_attack(plain, images, RADIUS, draws.run_seed(0)).numpy()
    assert np.abs(attacked - images).max() <= 255.0 * RADIUS + 1e-3
    assert attacked.min() >= 0.0
    assert attacked.max() <= 255.0
    assert error(plain, attacked, images) > 1.5 * error(plain, noisy(images), images)
    assert error(plain, noisy(images), images) > error(plain, images, images)
    for weight, earlier in zip(plain.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, earlier)


@pytest.mark.slow
def test_one_trained_on_attacked_images_is_harder_to_attack(plain):
    images, errors = some_images(), {}
    for name, model in (("plain", plain), ("robust", trained(RADIUS))):
        attacked = reconstruction_attack(model, images, RADIUS, draws.run_seed(0))
        errors[name] = error(model, attacked, images)
    assert errors["robust"] < 0.8 * errors["plain"]


def test_a_radius_of_0_changes_nothing():
    images = some_images(8)

    def step(**settings):
        keras.utils.set_random_seed(0)
        model = VariationalAutoencoder(SHAPE, width=8, blocks=1, **settings)
        model.compile(keras.optimizers.SGD(1e-5), run_eagerly=True)
        model.train_on_batch(images)
        return model.get_weights()

    plain = step()
    for one, other in zip(plain, step(adversarial_radius=0.0), strict=True):
        np.testing.assert_array_equal(one, other)
    attacked = step(adversarial_radius=RADIUS)
    assert any((one != other).any() for one, other in zip(plain, attacked, strict=True))


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_it_trains_and_is_saved_under_every_policy(policy, tmp_path):
    with dtype_policy(policy):
        model = VariationalAutoencoder(SHAPE, width=4, blocks=1, adversarial_radius=0.05)
    model.compile(keras.optimizers.SGD(1e-5), run_eagerly=True)
    assert np.isfinite(model.train_on_batch(some_images(5))).all()
    model.save(tmp_path / "vae.keras")
    assert keras.saving.load_model(tmp_path / "vae.keras").adversarial_radius == 0.05


def test_the_attack_compiles():
    model, images = VariationalAutoencoder(SHAPE, width=4, blocks=1), some_images(5)

    def attack(images, seed):
        return reconstruction_attack(model, images, RADIUS, seed)

    arguments = tf.constant(images), draws.run_seed(0)
    compiled = tf.function(attack, jit_compile=True)(*arguments)
    # A gradient near 0 may have either sign, whichever way its terms are summed.
    assert np.mean(np.abs(compiled - attack(*arguments)) > 0.01) < 0.01


def test_a_bad_radius_is_named():
    with pytest.raises(ValueError, match="adversarial_radius to be a number from 0 to 1"):
        VariationalAutoencoder(SHAPE, width=8, adversarial_radius=-0.1)
