"""A tiny dataset, and a recipe that trains on it in a second."""

import keras
import numpy as np
import pytest

from tf_varmixup.data import Dataset, Split
from tf_varmixup.run import Recipe


@pytest.fixture(scope="session")
def dataset():
    generator = np.random.default_rng(0)

    def split(count):
        images = generator.integers(0, 256, (count, 8, 8, 1)).astype("uint8")
        return Split(images, np.arange(count) % 3)

    return Dataset("noise", split(24), split(9), split(9), ("a", "b", "c"), flip=False)


@pytest.fixture
def recipe():
    """A function of settings that makes a resolved recipe."""

    def make(**settings):
        settings = {"preset": "quick", "batch_size": 8, "epochs": 2, "vae_epochs": 1, **settings}
        recipe = Recipe("noise", **{"method": "mixup", **settings})
        return recipe.resolved(24, 9, False, "float32", "none")

    return make


@pytest.fixture(autouse=True)
def _seed():
    keras.utils.set_random_seed(0)


@pytest.fixture
def tiny_autoencoder(monkeypatch):
    """Autoencoders of the first stage have a few weights."""
    import models

    full = models.VariationalAutoencoder
    monkeypatch.setattr(
        models,
        "VariationalAutoencoder",
        lambda shape, **settings: full(shape, width=4, blocks=1, latent_size=2, **settings),
    )


@pytest.fixture
def tiny_classifier(monkeypatch):
    """Classifiers of the second stage have a few weights, and few cells to go through."""
    import models
    from tf_varmixup.training import classifier_stage

    def build(image_shape, num_classes):
        layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten()]
        return keras.Sequential(
            [keras.Input(image_shape), *layers, keras.layers.Dense(num_classes, dtype="float32")]
        )

    monkeypatch.setitem(models.NETWORKS, "compact", build)
    monkeypatch.setattr(classifier_stage, "SEVERITIES", (3,))
