"""What takes the place of Keras' own steps under several workers, with one here.

`test_two_workers.py` has two.
"""

import functools
import inspect
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from models import FusedBatchNormalization, VariationalAutoencoder
from tf_varmixup import Mixup, VicinalClassifier, workers
from tf_varmixup.data import Split, augment, evaluation_batches, training_batches
from tf_varmixup.training.averaged_statistics import AveragedStatistics
from tf_varmixup.workers import (
    average_over_replicas,
    distributed_batches,
    spans_workers,
    sum_over_workers,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (24, 8, 8, 1)).astype("uint8")
LABELS = np.eye(3, dtype="float32")[np.arange(24) % 3]
SPLIT = Split(IMAGES, np.arange(24) % 3)


@pytest.fixture(scope="module")
def worker():
    return tf.distribute.MultiWorkerMirroredStrategy()


@pytest.fixture(scope="module")
def mirrored():
    return tf.distribute.MirroredStrategy(
        ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )


def classifier():
    keras.utils.set_random_seed(0)
    layers = [FusedBatchNormalization(), keras.layers.Flatten()]
    layers += [keras.layers.Dense(3, dtype="float32")]
    backbone = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Rescaling(1 / 255), *layers])
    model = VicinalClassifier(backbone, Mixup(), seed=1)
    model.compile(
        "sgd", keras.losses.CategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
    )
    return model


def autoencoder():
    keras.utils.set_random_seed(0)
    model = VariationalAutoencoder((8, 8, 1), width=4, blocks=1, latent_size=2)
    model.compile("adam")
    return model


def batches():
    dataset = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS))
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return dataset.batch(8, drop_remainder=True).repeat().with_options(options)


def fit(model):
    validation = batches().take(2)
    settings = {"epochs": 2, "steps_per_epoch": 3, "verbose": 0, "shuffle": False}
    return model.fit(batches(), validation_data=validation, **settings).history


def test_what_is_overridden_is_as_it_was_written_for():
    # Another version of Keras: read `TensorFlowTrainer.fit` and `evaluate` again, and run
    # test_two_workers.py, before the numbers here are raised.
    assert (3, 12) <= tuple(map(int, keras.__version__.split(".")[:2])) <= (3, 15)
    build = inspect.signature(keras.Model._maybe_symbolic_build)
    assert list(build.parameters) == ["self", "iterator", "data_batch"]
    for name in ("make_train_function", "make_test_function"):
        assert list(inspect.signature(getattr(keras.Model, name)).parameters) == ["self", "force"]
    for method in (keras.Model.fit, keras.Model.evaluate):
        assert "self._maybe_symbolic_build(iterator=epoch_iterator)" in inspect.getsource(method)


@pytest.mark.parametrize("make", [classifier, autoencoder])
def test_fit_is_as_without_workers(worker, make):
    expected = fit(make())
    with worker.scope():
        model = make()
    assert spans_workers(model.distribute_strategy)
    history = fit(model)
    assert list(history) == list(expected)
    for name, values in history.items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-4, atol=1e-5)


def test_parts_of_a_first_batch_may_be_unequal(mirrored):
    with mirrored.scope():
        model = classifier()  # what builds its metrics is the autoencoder's too
    odd = batches().unbatch().batch(9).take(1)
    history = model.fit(batches(), steps_per_epoch=1, validation_data=odd, verbose=0).history
    assert np.isfinite(history["val_loss"]).all()


def history(model, make):
    """What `fit` finds with the batches of `make`, four to train on and two to measure."""
    strategy = model.distribute_strategy
    batches = [
        make(strategy, functools.partial(training_batches, SPLIT, 6, 3, 0, augment, 0, 0)),
        make(strategy, functools.partial(evaluation_batches, SPLIT, 14, 3)),
    ]
    settings = {"epochs": 2, "steps_per_epoch": 4, "validation_steps": 2, "verbose": 0}
    return model.fit(batches[0], validation_data=batches[1], shuffle=False, **settings).history


def whole(strategy, make):
    return make(None)


# With one replica of a worker: test_two_workers.py.
def test_replicas_for_which_a_worker_reads_its_parts_train_as_with_whole_batches(
    mirrored, monkeypatch
):
    monkeypatch.setattr(workers, "spans_workers", lambda _: True)
    histories = []
    for make in (distributed_batches, whole):
        with mirrored.scope():
            model = classifier()
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # of Keras, that batches ran out
            histories.append(history(model, make))
    assert histories[0] == histories[1]
    assert len(histories[0]["val_loss"]) == 2


def test_a_worker_alone_is_the_sum(worker, mirrored):
    array = np.arange(6, dtype="int32").reshape(2, 3)
    for strategy in (worker, mirrored):
        np.testing.assert_array_equal(sum_over_workers(strategy, array), array)


def test_of_several_replicas_of_a_worker_one_is_counted(mirrored, monkeypatch):
    monkeypatch.setattr(workers, "spans_workers", lambda _: True)
    array = np.arange(6, dtype="float32").reshape(2, 3)
    np.testing.assert_array_equal(sum_over_workers(mirrored, array), array)


def parts(variable):
    return [part.numpy() for part in variable.value.values]


def test_statistics_become_their_mean(mirrored):
    with mirrored.scope():
        model = classifier()
    fit(model)
    statistics = [one for one in model.non_trainable_variables if "moving" in one.path]
    before = [parts(one) for one in statistics]
    assert len(before) == 2
    assert all((first != second).any() for first, second in before)
    average_over_replicas(model)
    for one, (first, second) in zip(statistics, before, strict=True):
        for part in parts(one):
            np.testing.assert_allclose(part, (first + second) / 2, rtol=1e-6)
    again = [parts(one) for one in statistics]
    average_over_replicas(model)
    np.testing.assert_array_equal([parts(one) for one in statistics], again)


def test_statistics_are_averaged_before_they_are_measured(mirrored):
    with mirrored.scope():
        model = classifier()
    seen = []

    class Look(keras.callbacks.Callback):
        def on_test_batch_begin(self, batch, logs=None):
            seen.extend(parts(one) for one in model.non_trainable_variables if "moving" in one.path)

    model.fit(
        batches(),
        steps_per_epoch=2,
        validation_data=batches().take(1),
        verbose=0,
        callbacks=[AveragedStatistics(), Look()],
    )
    assert len(seen) == 2
    for first, second in seen:
        np.testing.assert_array_equal(first, second)
