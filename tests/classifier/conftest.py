"""Fixtures of the tests of the classifier."""

import keras
import pytest
import tensorflow as tf

from models import VariationalAutoencoder


@pytest.fixture(scope="package")
def autoencoder():
    keras.utils.set_random_seed(0)
    model = VariationalAutoencoder((8, 8, 3), width=8, blocks=1, latent_size=2)
    model.compile("adam")
    return model


@pytest.fixture
def dtype_policy():
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="package")
def strategy():
    # TensorFlow's collective operations take the first steps of several strategies in one process
    # for the same.
    return tf.distribute.MirroredStrategy(
        ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
