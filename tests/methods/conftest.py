"""A batch and an autoencoder that the tests of every vicinity share."""

import keras
import numpy as np
import pytest

from models import VariationalAutoencoder


@pytest.fixture(scope="session")
def autoencoder():
    keras.utils.set_random_seed(0)
    return VariationalAutoencoder((8, 8, 3), width=8, blocks=1, latent_size=2)


@pytest.fixture(scope="session")
def images():
    return np.random.default_rng(0).integers(0, 256, (7, 8, 8, 3)).astype("uint8")


@pytest.fixture(scope="session")
def labels():
    """Each picture its own class, so that a mixed label tells the mixing weight and the partner."""
    return np.eye(7, dtype="float32")
