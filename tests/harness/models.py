"""What every Keras model must do, whatever its kind."""

import copy
import pickle

import keras
import numpy as np
import tensorflow as tf

from .shared import LOSS, saved_and_loaded


def model_is_copied_and_saved(model, inputs, apply=None, labels=None):
    """Check the copies of a new model, and of the same once it was trained; it must be new."""
    apply = apply or (lambda one: np.asarray(one(inputs)))
    for used in (False, True):
        if used:
            trains(model, inputs, labels, batch_size=4)
        expected = apply(model)
        for other in (
            copy.deepcopy(model),
            pickle.loads(pickle.dumps(model)),
            saved_and_loaded(model),
        ):
            assert type(other) is type(model)
            assert other.name == model.name
            np.testing.assert_allclose(apply(other), expected, rtol=1e-5, atol=1e-5)
            if used:
                _optimizers_agree(model, other)
    for weight in other.weights:
        weight.assign(tf.zeros_like(weight))
    np.testing.assert_array_equal(apply(model), expected)
    clone = keras.models.clone_model(model)
    assert type(clone) is type(model)
    assert clone.get_config().keys() == model.get_config().keys()
    clone.set_weights(model.get_weights())
    np.testing.assert_allclose(apply(clone), expected, rtol=1e-5, atol=1e-5)


def _optimizers_agree(one, other):
    ours, theirs = one.optimizer.variables, other.optimizer.variables
    for mine, another in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine, another)


def model_is_the_same_under_xla(model, inputs):
    """Check the outputs in inference, and the loss in training."""
    inputs = tf.constant(inputs)
    compiled = tf.function(lambda given: model(given, training=False), jit_compile=True)
    np.testing.assert_allclose(
        compiled(inputs), model(inputs, training=False), rtol=1e-4, atol=1e-4
    )

    def gradients(given):
        with tf.GradientTape():
            loss = tf.reduce_mean(tf.nn.log_softmax(model(given, training=True))[:, 0])
        return loss

    np.testing.assert_allclose(
        tf.function(gradients, jit_compile=True)(inputs), gradients(inputs), rtol=1e-3, atol=1e-4
    )


def images_do_not_depend_on_each_other(model, inputs):
    """Check that what a model gives for an input is the same whatever the batch."""
    together = model(inputs, training=False)
    for count in (1, 3):
        np.testing.assert_allclose(
            model(inputs[:count], training=False), together[:count], rtol=1e-4, atol=1e-4
        )


def trains(model, images, labels, batch_size=None):
    """Fit for an epoch, the last batch of which is smaller where the numbers are not even."""
    with model.distribute_strategy.scope():
        optimizer = keras.optimizers.SGD(1e-4, momentum=0.9)
        if labels is None:
            model.compile(optimizer)
        else:
            model.compile(optimizer, LOSS)
    before = [weight.copy() for weight in model.get_weights()]
    batch_size = batch_size or len(images)
    if model.distribute_strategy.num_replicas_in_sync == 1:
        # Not by `fit`, whose pipeline takes longer than such steps do.
        model.run_eagerly = True
        for first in range(0, len(images), batch_size):
            rows = slice(first, first + batch_size)
            logs = model.train_on_batch(images[rows], None if labels is None else labels[rows])
            assert np.isfinite(logs).all()
    else:
        batches = {"batch_size": batch_size, "shuffle": False, "verbose": 0}
        assert np.isfinite(model.fit(images, labels, **batches).history["loss"]).all()
    after = model.get_weights()
    assert all(np.isfinite(weight).all() for weight in after)
    assert any((one != other).any() for one, other in zip(before, after, strict=True))
