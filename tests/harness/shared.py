"""Images, labels, policies and replicas that all checks share."""

import contextlib
import functools
import inspect
import pathlib
import tempfile

import keras
import numpy as np
import tensorflow as tf

from models import VariationalAutoencoder

SHAPES = ((8, 8, 1), (8, 8, 3))
MIXED_POLICIES = ("mixed_bfloat16", "mixed_float16")
COUNTS = (1, 7)
CLASSES = 3
LOSS = keras.losses.CategoricalCrossentropy(from_logits=True)
_VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def images_of(image_shape, count=10, seed=0):
    """Return `uint8` images."""
    return np.random.default_rng(seed).integers(0, 256, (count, *image_shape)).astype("uint8")


def labels_of(count=10, seed=1):
    """Return one-hot labels."""
    return np.eye(CLASSES, dtype="float32")[np.random.default_rng(seed).integers(0, CLASSES, count)]


def autoencoder_of(image_shape, **settings):
    """Return a tiny autoencoder, the same for all that only look at it under the same policy."""
    policy, strategy = keras.config.dtype_policy().name, tf.distribute.get_strategy()
    return _autoencoder(image_shape, policy, strategy, **settings)


@functools.cache
def _autoencoder(image_shape, policy, strategy, **settings):
    keras.utils.set_random_seed(0)
    return VariationalAutoencoder(image_shape, width=4, blocks=1, latent_size=2, **settings)


def call(build, image_shape):
    """Call a function of nothing or of the images' shape."""
    parameters = inspect.signature(build).parameters.values()
    needed = [one for one in parameters if one.default is one.empty and one.kind not in _VARIABLE]
    return build(image_shape) if needed else build()


@contextlib.contextmanager
def dtype_policy(name):
    """Set Keras' dtype policy for the block."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@functools.cache
def replicas():
    """Return a strategy of two replicas on the two logical processors of conftest.py."""
    # TensorFlow's collective operations take the first steps of several strategies in one process
    # for the same.
    return tf.distribute.MirroredStrategy(
        ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )


@functools.cache
def images_for_replicas():
    """Return a number of images of which, in batches of 4, the second replica gets none at last.

    Where TensorFlow itself cannot do it, it gets one: oneDNN, on processors with AVX-512, returns
    an empty batch as it is where it should convolve it to other channels.
    """
    convolved = tf.nn.conv2d(tf.zeros((0, 8, 8, 3)), tf.zeros((3, 3, 3, 4)), 1, "SAME")
    return 5 if convolved.shape[-1] == 4 else 6


def replicas_agree(variables):
    """Check that both replicas hold the same values."""
    for variable in variables:
        first, second = (replica.numpy() for replica in variable.value.values)
        np.testing.assert_array_equal(first, second, err_msg=variable.path)


def saved_and_loaded(model):
    """Return a model as it comes back from its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.keras")
        model.save(path)
        return keras.saving.load_model(path)


def in_range(images):
    """Check that images lie in 0..255."""
    images = np.asarray(images, "float32")
    assert images.min() >= -1e-3
    assert images.max() <= 255.0 + 1e-3


def same(one, other, atol=0.0):
    """Check that two structures of tensors are the same, and None where the other is None."""
    one, other = tf.nest.flatten(tuple(one)), tf.nest.flatten(tuple(other))
    assert len(one) == len(other)
    for first, second in zip(one, other, strict=True):
        if first is None:
            assert second is None
        else:
            np.testing.assert_allclose(
                tf.cast(first, tf.float32), tf.cast(second, tf.float32), rtol=1e-5, atol=atol
            )
