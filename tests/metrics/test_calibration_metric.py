"""What holds for every metric: forms of labels, XLA, dtype policies, distribution, saving, early
stopping."""

import copy
import functools
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.metrics import (
    BrierRefinement,
    BrierReliability,
    BrierScore,
    ClasswiseCalibrationError,
    ExpectedCalibrationError,
    NegativeLogLikelihood,
    OverconfidenceError,
    SignedCalibrationGap,
    UnderconfidenceError,
    classification_summary,
)
from tf_varmixup.metrics.calibration_metric import CalibrationMetric

METRICS = (ExpectedCalibrationError, SignedCalibrationGap, OverconfidenceError, BrierScore)
NAMES = ("ece", "signed_gap", "overconfidence_error", "brier")
ALL = (
    *METRICS,
    functools.partial(ExpectedCalibrationError, norm="l2"),
    functools.partial(ExpectedCalibrationError, norm="max"),
    UnderconfidenceError,
    NegativeLogLikelihood,
    functools.partial(ClasswiseCalibrationError, num_classes=5),
    functools.partial(BrierReliability, num_classes=5),
    functools.partial(BrierRefinement, num_classes=5),
)


def make_data(count=203, num_classes=5, seed=0):
    generator = np.random.default_rng(seed)
    logits = (2 * generator.normal(size=(count, num_classes))).astype("float32")
    labels = np.where(
        generator.uniform(size=count) < 0.5,
        logits.argmax(1),
        generator.integers(num_classes, size=count),
    )
    return logits, labels


def make_classifier(num_classes=5, **compile_options):
    """A classifier that returns its input, so that the inputs are the logits."""
    inputs = keras.Input((num_classes,))
    dense = keras.layers.Dense(num_classes, kernel_initializer="identity")
    model = keras.Model(inputs, keras.layers.Activation("linear", dtype="float32")(dense(inputs)))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(
        keras.optimizers.SGD(0.0), loss, metrics=[metric() for metric in METRICS], **compile_options
    )
    return model


@pytest.fixture
def two_replicas():
    # not the default collectives: their keys collide between several strategies in one process
    return tf.distribute.MirroredStrategy(
        ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )


@pytest.fixture(params=["mixed_bfloat16", "mixed_float16"])
def policy(request):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy(before)


def assert_is_summary(results, logits, labels, tolerance=2e-6):
    expected = classification_summary(logits, labels)
    for name in NAMES:
        assert float(results[name]) == pytest.approx(expected[name], abs=tolerance), name


@pytest.mark.parametrize("metric_class", ALL)
def test_forms_of_labels_give_one_value(metric_class):
    logits, labels = make_data()
    expected = classification_summary(logits, labels)[metric_class().name]
    for form in (labels, labels[:, None], labels.astype("float32"), np.eye(5)[labels]):
        metric = metric_class()
        metric.update_state(form, logits)
        assert float(metric.result()) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("metric_class", ALL)
def test_probabilities_give_what_their_logits_give(metric_class):
    logits, labels = make_data()
    metric = metric_class(from_logits=False)
    metric.update_state(labels, tf.nn.softmax(logits))
    assert float(metric.result()) == pytest.approx(
        classification_summary(logits, labels)[metric.name], abs=2e-6
    )


@pytest.mark.parametrize("metric_class", METRICS)
def test_nothing_added_is_zero_and_reset_forgets(metric_class):
    metric = metric_class()
    assert float(metric.result()) == 0
    metric.update_state([0], [[0.0, 5.0]])
    assert float(metric.result()) != 0
    metric.reset_state()
    assert float(metric.result()) == 0


@pytest.mark.parametrize("metric_class", ALL)
def test_weight_zero_leaves_a_sample_out(metric_class):
    logits, labels = make_data()
    metric = metric_class()
    metric.update_state(
        labels, logits, sample_weight=(np.arange(203) < 100).astype("float32")[:, None]
    )
    assert float(metric.result()) == pytest.approx(
        classification_summary(logits[:100], labels[:100])[metric.name], abs=2e-6
    )


@pytest.mark.slow
@pytest.mark.parametrize(("jit_compile", "one_hot"), [(False, False), (True, True)])
def test_in_fit_and_evaluate(jit_compile, one_hot):
    logits, labels = make_data()
    model = make_classifier(jit_compile=jit_compile)
    if not one_hot:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(
            keras.optimizers.SGD(0.0),
            loss,
            metrics=[metric() for metric in METRICS],
            jit_compile=jit_compile,
        )
    targets = np.eye(5, dtype="float32")[labels] if one_hot else labels
    history = model.fit(logits, targets, batch_size=64, epochs=1, verbose=0)
    assert_is_summary({name: values[0] for name, values in history.history.items()}, logits, labels)
    assert_is_summary(
        model.evaluate(logits, targets, batch_size=64, verbose=0, return_dict=True), logits, labels
    )


@pytest.mark.slow
def test_on_two_replicas_with_uneven_batches_and_copied_from_there(two_replicas):
    logits, labels = make_data()
    with two_replicas.scope():
        model = make_classifier()
    targets = np.eye(5, dtype="float32")[labels]
    history = model.fit(logits, targets, batch_size=64, epochs=2, verbose=0)
    assert_is_summary({name: values[1] for name, values in history.history.items()}, logits, labels)
    logs = model.evaluate(logits, targets, batch_size=64, verbose=0, return_dict=True)
    assert_is_summary(logs, logits, labels)
    metrics = {one.name: one for one in model.metrics[1].metrics}
    copies = {name: copy.deepcopy(metrics[name]) for name in NAMES}  # with what both measured
    assert_is_summary({name: copies[name].result() for name in NAMES}, logits, labels)


def test_state_and_result_are_float32_under_mixed_policies(policy):
    logits, labels = make_data()
    model = make_classifier(run_eagerly=True)
    assert model.layers[1].compute_dtype == policy.removeprefix("mixed_")
    results = model.evaluate(
        logits, np.eye(5, dtype="float32")[labels], verbose=0, return_dict=True
    )
    # the layer rounds the logits, the metrics must not
    assert_is_summary(results, model.predict(logits, verbose=0), labels)
    for metric_class in METRICS:
        metric = metric_class()
        metric.update_state(labels, tf.cast(logits, policy.removeprefix("mixed_")))
        assert metric.result().dtype == tf.float32
        assert {variable.dtype for variable in metric.variables} == {"float32"}


@pytest.mark.parametrize("metric_class", ALL)
def test_configuration_round_trip(metric_class):
    options = {"from_logits": False, "name": "mine"} | (
        {} if metric_class in (BrierScore, NegativeLogLikelihood) else {"num_bins": 7}
    )
    metric = metric_class(**options)
    restored = keras.metrics.deserialize(keras.metrics.serialize(metric))
    assert type(restored) is type(metric)
    assert options.items() <= restored.get_config().items()
    assert restored.get_config() == metric.get_config()
    name = type(metric).__name__
    assert keras.saving.get_registered_name(type(metric)) == f"tf_varmixup>{name}"


def test_a_saved_model_reloads_with_its_metrics(tmp_path):
    logits, labels = make_data()
    targets = np.eye(5, dtype="float32")[labels]
    model = make_classifier(run_eagerly=True)
    model.fit(logits, targets, verbose=0)
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    assert_is_summary(
        restored.evaluate(logits, targets, verbose=0, return_dict=True), logits, labels
    )


def test_early_stopping_finds_a_direction():
    logits, labels = make_data(32)
    targets = np.eye(5, dtype="float32")[labels]
    model = make_classifier(run_eagerly=True)
    model.compile(
        model.optimizer, model.loss, metrics=[metric() for metric in ALL], run_eagerly=True
    )
    stopping = [
        keras.callbacks.EarlyStopping(monitor=f"val_{metric().name}", mode="auto", patience=1)
        for metric in ALL
    ]
    history = model.fit(
        logits,
        targets,
        validation_data=(logits, targets),
        epochs=3,
        verbose=0,
        callbacks=stopping,
    )
    # nothing is learned, so the second epoch is no better than the first
    assert len(history.epoch) == 2
    assert [one.stopped_epoch for one in stopping] == [1] * len(ALL)


@pytest.mark.parametrize("metric_class", ALL)
def test_a_diverged_model_gives_nan_and_not_a_number_that_looks_fine(metric_class):
    metric = metric_class()
    metric.update_state([0, 1], [[0.0, 1.0, 2.0, 0.0, 0.0], [np.nan] * 5])
    assert np.isnan(float(metric.result()))


@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("metric_class", METRICS)
def test_labels_counted_from_one_give_nan_in_a_graph(metric_class, jit_compile):
    logits, labels = make_data()
    metric = metric_class()
    tf.function(metric.update_state, jit_compile=jit_compile)(
        tf.constant(labels + 1), tf.constant(logits)
    )
    assert np.isnan(float(metric.result()))
    with pytest.raises(ValueError, match=r"Expected labels in 0 ... 4. Received: 5."):
        metric_class().update_state(labels + 1, logits)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_probabilities_in_place_of_logits_give_nan_in_a_graph_and_one_warning(jit_compile):
    logits, labels = make_data()
    metric = ExpectedCalibrationError()
    update = tf.function(metric.update_state, jit_compile=jit_compile)
    update(tf.constant(labels), tf.nn.softmax(logits))
    assert np.isnan(float(tf.function(metric.result, jit_compile=jit_compile)()))
    with pytest.warns(RuntimeWarning, match="Expected predictions of ece that are logits") as seen:
        results = [float(metric.result()) for _ in range(2)]
    assert np.isnan(results).all()
    assert len(seen) == 1
    update(tf.constant(labels), tf.constant(logits))
    assert np.isfinite(float(metric.result()))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "logits",
    [np.eye(5)[:2], np.full((1, 5), 0.2), np.zeros((2, 5)), [[0.2] * 5, [0.2, 0.2, 0.2, 0.2, 0.3]]],
)
def test_logits_that_sum_to_1_by_chance_are_logits(logits):
    metric = ExpectedCalibrationError()
    metric.update_state(np.zeros(len(logits), int), logits)
    assert np.isfinite(float(metric.result()))


def test_a_model_that_ends_in_softmax_is_told_to_say_so():
    logits, labels = make_data(8)
    model = keras.Sequential([keras.Input((5,)), keras.layers.Softmax()])
    model.compile(loss="sparse_categorical_crossentropy", metrics=[ExpectedCalibrationError()])
    with pytest.raises(ValueError, match=r"the output of a softmax.*from_logits=False"):
        model.evaluate(logits, labels, verbose=0)
    metric = ExpectedCalibrationError(from_logits=False)
    model.compile(loss="sparse_categorical_crossentropy", metrics=[metric])
    found = model.evaluate(logits, labels, verbose=0, return_dict=True)["ece"]
    assert found == pytest.approx(classification_summary(logits, labels)["ece"], abs=1e-6)


COPIES = (copy.copy, copy.deepcopy, lambda metric: pickle.loads(pickle.dumps(metric)))


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("metric_class", METRICS)
def test_copies_keep_configuration_and_state_and_go_their_own_way(metric_class, copied):
    logits, labels = make_data()

    def add(metric, part):
        metric.update_state(labels[part], logits[part])

    metric = metric_class(name="mine")
    fresh = copied(metric)
    assert type(fresh) is type(metric)
    assert fresh.get_config() == metric.get_config()
    assert float(fresh.result()) == 0
    add(metric, slice(100))
    used, measured = copied(metric), float(metric.result())
    assert float(used.result()) == measured != 0
    add(used, slice(100, 101))
    assert float(metric.result()) == measured
    add(metric, slice(100, 101))
    assert float(used.result()) == float(metric.result())


@pytest.mark.parametrize("num_bins", [0, -1, 2.5, "15", True, None])
def test_bad_num_bins(num_bins):
    with pytest.raises(ValueError, match="Expected num_bins to be a positive integer"):
        ExpectedCalibrationError(num_bins=num_bins)


def test_bad_shapes():
    metric = ExpectedCalibrationError()
    with pytest.raises(ValueError, match="at least 2 classes"):
        metric.update_state([0, 1], [[0.1], [0.9]])
    with pytest.raises(ValueError, match="Expected labels of shape"):
        metric.update_state(np.zeros((2, 4)), np.zeros((2, 3)))


def test_the_base_is_abstract():
    with pytest.raises(NotImplementedError):
        CalibrationMetric().result()
