"""A batch and an autoencoder that the tests of every method share."""

import keras
import numpy as np
import pytest

from models import VariationalAutoencoder
from tf_varmixup import methods


@pytest.fixture(scope="session")
def autoencoder():
    keras.utils.set_random_seed(0)
    return VariationalAutoencoder((8, 8, 3), width=8, blocks=1, latent_size=2)


@pytest.fixture(scope="session")
def images():
    return np.random.default_rng(0).integers(0, 256, (7, 8, 8, 3)).astype("uint8")


@pytest.fixture(scope="session")
def labels():
    """Each image its own class, so that a mixed label tells the mixing weight and the partner."""
    return np.eye(7, dtype="float32")


@pytest.fixture(scope="session")
def create(autoencoder):
    """Create a method with those of the given parameters that it has."""

    def created(name, **parameters):
        given = {"autoencoder": autoencoder, **parameters}
        own = methods.method_class(name).parameter_names()
        return methods.create(name, **{key: given[key] for key in own if key in given})

    return created
