"""What every metric must do."""

import copy
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf

from .shared import CLASSES, MIXED_POLICIES, dtype_policy, labels_of, replicas, saved_and_loaded


def check_metric(build, *inputs):
    """Check a metric.

    Args:
        build: Function that makes the metric anew.
        *inputs: Arrays with a row per image, what `update_state` takes; labels and logits if none.
    """
    of_predictions = not inputs
    if of_predictions:
        logits = np.random.default_rng(0).normal(0.0, 2.0, (11, CLASSES)).astype("float32")
        inputs = labels_of(11).argmax(1), logits
    expected = _measured(build(), inputs)
    assert np.isfinite(expected)
    _metric_adds_up_over_batches(build, inputs, expected)
    _metric_is_copied_with_what_it_measured(build, inputs, expected)
    _metric_is_float32_under_every_policy(build, inputs, expected)
    _metric_is_the_same_under_xla(build, inputs, expected)
    _metric_adds_up_over_replicas(build, inputs, expected)
    if of_predictions:
        _metric_takes_labels_of_any_form(build, inputs, expected)
        _metric_works_inside_a_model(build, inputs, expected)
        _metric_tells_logits_from_probabilities(build, inputs)


def _measured(metric, inputs, sizes=(11,), **options):
    start = 0
    for size in sizes:
        metric.update_state(*(part[start : start + size] for part in inputs), **options)
        start += size
    assert start == len(inputs[0])
    return float(metric.result())


def _metric_adds_up_over_batches(build, inputs, expected):
    metric = build()
    sizes = (7, 1, len(inputs[0]) - 8)
    np.testing.assert_allclose(_measured(metric, inputs, sizes), expected, rtol=1e-5)
    metric.reset_state()
    np.testing.assert_allclose(_measured(metric, inputs), expected, rtol=1e-6)


def _metric_is_copied_with_what_it_measured(build, inputs, expected):
    config = build().get_config()
    again = type(build()).from_config(config)
    assert again.get_config() == config
    assert _measured(again, inputs) == expected
    metric = build()
    for other in (copy.deepcopy(metric), pickle.loads(pickle.dumps(metric))):
        assert _measured(other, inputs) == expected
    _measured(metric, inputs)
    for other in (copy.deepcopy(metric), pickle.loads(pickle.dumps(metric))):
        assert float(other.result()) == expected
        other.reset_state()
        assert float(metric.result()) == expected


def _metric_is_float32_under_every_policy(build, inputs, expected):
    for policy in ("float32", *MIXED_POLICIES):
        with dtype_policy(policy):
            metric = build()
            assert _measured(metric, inputs) == expected
            assert tf.convert_to_tensor(metric.result()).dtype == tf.float32


def _metric_is_the_same_under_xla(build, inputs, expected):
    metric = build()
    tf.function(lambda *parts: metric.update_state(*parts), jit_compile=True)(
        *(tf.constant(part) for part in inputs)
    )
    np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-5)


def _metric_adds_up_over_replicas(build, inputs, expected):
    strategy = replicas()
    with strategy.scope():
        metric = build()

    def halves(context):
        replica = context.replica_id_in_sync_group
        return tuple(tf.constant(part[:4] if replica == 0 else part[4:]) for part in inputs)

    parts = strategy.experimental_distribute_values_from_function(halves)
    strategy.run(lambda given: metric.update_state(*given), (parts,))
    np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-5)


def _metric_takes_labels_of_any_form(build, inputs, expected):
    labels, logits = inputs
    one_hot = np.eye(CLASSES, dtype="float32")[labels]
    for form in (labels[:, None], labels.astype("int32"), one_hot):
        np.testing.assert_allclose(_measured(build(), (form, logits)), expected, rtol=1e-6)
    metric = build()
    metric.update_state(labels, logits, sample_weight=np.ones(11))
    np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-6)


def _metric_works_inside_a_model(build, inputs, expected):
    labels, logits = inputs
    model = keras.Sequential([keras.Input((CLASSES,)), keras.layers.Rescaling(1.0)])
    metric = build()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, metrics=[metric])
    loaded = saved_and_loaded(model)
    loaded.run_eagerly = True  # one of them in a graph
    for one in (model, loaded):
        logs = one.evaluate(logits, labels, batch_size=4, verbose=0, return_dict=True)
        np.testing.assert_allclose(logs[metric.name], expected, rtol=1e-5)


def _metric_tells_logits_from_probabilities(build, inputs):
    labels, logits = inputs
    probabilities = tf.nn.softmax(logits)
    metric = build()
    metric.update_state(labels, probabilities)
    with pytest.warns(RuntimeWarning, match="Say from_logits=False"):
        assert np.isnan(float(metric.result()))
    metric = build()
    with pytest.raises(ValueError, match="Received: the output of a softmax"):
        tf.function(lambda: metric.update_state(labels, tf.nn.softmax(logits)))()
    metric = build(from_logits=False)
    with pytest.raises(ValueError, match="say from_logits=True"):
        metric.update_state(labels, logits)
    tf.function(metric.update_state)(tf.constant(labels), tf.constant(logits))
    assert np.isnan(float(metric.result()))
