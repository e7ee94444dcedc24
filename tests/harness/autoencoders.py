"""What every autoencoder must do."""

import keras
import numpy as np
import tensorflow as tf

from .models import model_is_copied_and_saved, trains
from .shared import (
    COUNTS,
    MIXED_POLICIES,
    SHAPES,
    dtype_policy,
    images_for_replicas,
    images_of,
    in_range,
    replicas,
    replicas_agree,
)


def check_autoencoder(build):
    """Check an autoencoder.

    Args:
        build: Function of `image_shape` that makes the model anew.
    """

    def make(image_shape=SHAPES[1]):
        keras.utils.set_random_seed(0)
        return build(image_shape)

    for image_shape in SHAPES:
        model = make(image_shape)
        for count in COUNTS:
            images = images_of(image_shape, count)
            mean = model.posterior(images).mean()
            assert mean.dtype == tf.float32
            assert mean.shape == (count, *model.latent_shape)
            decoded = model.reconstruct(images)
            assert decoded.shape == images.shape
            in_range(decoded)
            for dtype in ("float32", "float64", "float16"):
                np.testing.assert_array_equal(model.encode(images.astype(dtype)), mean)
        sampled = model.sample(3, seed=2)
        np.testing.assert_array_equal(sampled, model.sample(3, seed=2))
        in_range(sampled)
    images = images_of(SHAPES[1])
    model_is_copied_and_saved(model, images, lambda one: np.asarray(one.reconstruct(images)))
    for policy in MIXED_POLICIES:
        with dtype_policy(policy):
            model = make()
            outputs = model(images, training=True)
            assert {value.dtype for value in outputs.values()} == {tf.float32}
            assert model.posterior(images).mean().dtype == tf.float32
            assert model.decode(tf.zeros((1, *model.latent_shape))).dtype == tf.float32
            trains(model, images, None)
    _autoencoder_trains_the_same_under_xla(make, images)
    with replicas().scope():
        model = make()
    trains(model, images[: images_for_replicas()], None, batch_size=4)
    replicas_agree(model.trainable_variables)


def _autoencoder_trains_the_same_under_xla(make, images):
    for jit_compile in (False, True):
        model = make()
        settings = {"jit_compile": True} if jit_compile else {"run_eagerly": True}
        model.compile(keras.optimizers.SGD(1e-6), **settings)
        logs = model.fit(images, batch_size=5, shuffle=False, verbose=0).history
        if not jit_compile:
            expected = logs
    for name, values in expected.items():
        np.testing.assert_allclose(logs[name], values, rtol=1e-4, atol=1e-5, err_msg=name)
