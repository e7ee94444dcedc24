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

    def unpickled(one):
        return pickle.loads(pickle.dumps(one))

    # Keras has one function for `copy` and `pickle`, `__reduce__`.
    for used, ways in ((False, (copy.deepcopy,)), (True, (unpickled, saved_and_loaded))):
        if used:
            trains(model, inputs, labels)
        expected = apply(model)
        for way in ways:
            other = way(model)
            assert type(other) is type(model)
            assert other.name == model.name
            np.testing.assert_allclose(apply(other), expected, rtol=1e-5, atol=1e-5)
            if used:
                optimizers_agree(model, other)
    for weight in other.weights:
        weight.assign(tf.zeros_like(weight))
    np.testing.assert_array_equal(apply(model), expected)
    clone = keras.models.clone_model(model)
    assert type(clone) is type(model)
    assert clone.get_config().keys() == model.get_config().keys()
    clone.set_weights(model.get_weights())
    np.testing.assert_allclose(apply(clone), expected, rtol=1e-5, atol=1e-5)


def optimizers_agree(one, other):
    """Check that the optimizers of two models are in the same state."""
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
    one_replica = model.distribute_strategy.num_replicas_in_sync == 1
    # Not by `fit`, whose pipeline takes longer than such steps do.
    model.run_eagerly = one_replica
    step = model.train_on_batch if one_replica else _step_on_replicas(model, images, labels)
    for first in range(0, len(images), batch_size):
        rows = slice(first, first + batch_size)
        logs = step(*(part[rows] for part in (images, labels) if part is not None))
        assert np.isfinite(logs).all()
    after = model.get_weights()
    assert all(np.isfinite(weight).all() for weight in after)
    assert any((one != other).any() for one, other in zip(before, after, strict=True))


def _step_on_replicas(model, *parts):
    """Return a function that takes a step of training on a batch, in a graph, a share a replica."""
    strategy = model.distribute_strategy
    with strategy.scope():
        model.optimizer.build(model.trainable_variables)

    def step_on_share(*batch):
        half = (tf.shape(batch[0])[0] + 1) // 2
        first = half * tf.distribute.get_replica_context().replica_id_in_sync_group
        logs = model.train_step(tuple(part[first : first + half] for part in batch))
        return logs["loss"]

    shapes = [(None, *part.shape[1:]) for part in parts if part is not None]
    dtypes = [part.dtype for part in parts if part is not None]

    @tf.function(
        input_signature=[tf.TensorSpec(*one) for one in zip(shapes, dtypes, strict=True)],
        autograph=False,
    )
    def step(*batch):
        return strategy.experimental_local_results(strategy.run(step_on_share, batch))

    return step
