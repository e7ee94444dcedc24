"""What every layer must do."""

import copy
import pickle

import keras
import numpy as np
import tensorflow as tf

from .models import (
    images_do_not_depend_on_each_other,
    model_is_copied_and_saved,
    model_is_the_same_under_xla,
    trains,
)
from .shared import CLASSES, MIXED_POLICIES, dtype_policy, labels_of, replicas, replicas_agree


def check_layer(build, input_shape):
    """Check a layer.

    Args:
        build: Function that makes the layer anew.
        input_shape: Shape of one input, without the batch.
    """
    inputs = np.random.default_rng(0).normal(size=(7, *input_shape)).astype("float32")

    def make():
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input(input_shape), build(), keras.layers.Flatten()])
        model.add(keras.layers.Dense(CLASSES, dtype="float32"))
        return model

    model_is_copied_and_saved(make(), inputs, labels=labels_of(7))
    model_is_the_same_under_xla(make(), inputs)
    images_do_not_depend_on_each_other(make(), inputs)
    for policy in ("float32", *MIXED_POLICIES):
        with dtype_policy(policy):
            model = make()
            layer = model.layers[0]
            assert layer(tf.constant(inputs)).dtype == layer.compute_dtype
            assert all(one.dtype == "float32" for one in layer.trainable_variables)
            trains(model, inputs, labels_of(7))
    _layer_is_copied(build, inputs)
    with replicas().scope():
        model = make()
    trains(model, inputs[:6], labels_of(6), batch_size=4)
    replicas_agree(model.trainable_variables)


def _layer_is_copied(build, inputs):
    layer = build()
    config = layer.get_config()
    assert type(layer).from_config(config).get_config() == config
    for built in (False, True):
        if built:
            layer(inputs, training=True)
        for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
            assert other.get_config() == config
            assert other.built == built
            for one, another in zip(layer.weights, other.weights, strict=True):
                np.testing.assert_array_equal(one, another)
