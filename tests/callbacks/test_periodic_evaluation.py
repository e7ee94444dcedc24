import csv

import keras
import numpy as np
import pytest
import tensorflow as tf

from callbacks import BestCheckpoint
from callbacks.periodic_evaluation import PeriodicEvaluation
from tf_varmixup.run import history as history_file

INPUTS = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
LABELS = np.arange(16) % 3


class Counting(PeriodicEvaluation):
    """Reports a value for each epoch, by default its number, and remembers which were asked for."""

    def __init__(self, prefix="val_", every=1, from_logits=True, values=range(100)):
        super().__init__(["metric"], prefix, every, from_logits)
        self.values = values
        self.epochs = []

    def evaluate(self, epoch):
        self.epochs.append(epoch)
        return {"metric": np.float32(self.values[epoch]), "ignored": 0.0}


def make_model(activation=None):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, activation=activation)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=activation is None)
    model.compile("sgd", loss, run_eagerly=True)
    return model


def fit(*callbacks, model=None, **arguments):
    model = make_model() if model is None else model
    return model.fit(INPUTS, LABELS, verbose=0, callbacks=list(callbacks), **arguments)


@pytest.mark.parametrize(
    ("every", "epochs", "initial_epoch", "expected"),
    [
        (1, 4, 0, [0, 1, 2, 3]),
        (2, 5, 0, [0, 2, 4]),
        (3, 6, 0, [0, 3, 5]),
        (10, 4, 0, [0, 3]),
        (3, 6, 1, [1, 3, 5]),
    ],
)
def test_which_epochs(every, epochs, initial_epoch, expected):
    callback, logged = Counting(every=every), {}
    note = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logged.update({epoch: dict(logs)})
    )
    history = fit(callback, note, epochs=epochs, initial_epoch=initial_epoch)
    assert callback.epochs == expected
    assert [epoch for epoch, logs in logged.items() if "val_metric" in logs] == expected
    assert history.history["val_metric"] == expected
    assert "val_ignored" not in history.history


def test_the_first_epoch_of_every_fit():
    callback, model = Counting(every=5), make_model()
    fit(callback, model=model, epochs=3)
    fit(callback, model=model, epochs=8, initial_epoch=3)
    assert callback.epochs == [0, 2, 3, 5, 7]


def test_the_epoch_in_which_training_is_stopped():
    callback = Counting(every=10)
    stop = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: setattr(callback.model, "stop_training", epoch == 2)
    )
    fit(stop, callback, epochs=9)
    assert callback.epochs == [0, 2]


def test_what_is_logged_already_stays_in_the_other_epochs():
    earlier = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logs.update(val_metric=7.0)
    )
    assert fit(earlier, Counting(every=2), epochs=3).history["val_metric"] == [0.0, 7.0, 2.0]


# An improvement at each measurement: epochs 0, 4, 8 and 11.
BETTER = np.linspace(1.0, 0.1, 12)


@pytest.mark.filterwarnings("ignore:.*not available")
def test_early_stopping_counts_measurements_and_not_epochs():
    stopping = keras.callbacks.EarlyStopping("val_metric", mode="min", patience=2)
    assert len(fit(Counting(every=4, values=BETTER), stopping, epochs=12).epoch) == 12
    # It gets worse after epoch 4: the second measurement without improvement is that of epoch 12.
    worse = [*BETTER[:5], *np.linspace(1.0, 2.0, 20)]
    stopping = keras.callbacks.EarlyStopping("val_metric", mode="min", patience=2)
    assert fit(Counting(every=4, values=worse), stopping, epochs=20).epoch[-1] == 12


@pytest.mark.filterwarnings("ignore:.*not available")
def test_the_learning_rate_is_cut_on_a_plateau_of_measurements_alone():
    def rates(values):
        plateau = keras.callbacks.ReduceLROnPlateau("val_metric", 0.5, patience=2, mode="min")
        return fit(Counting(every=4, values=values), plateau, epochs=12).history["learning_rate"]

    assert len(set(rates(BETTER))) == 1
    constant = rates(np.ones(12))  # logged before it is cut, at the end of epoch 8
    assert constant[8] == constant[0]
    assert constant[9] == pytest.approx(constant[0] / 2)


def test_the_best_checkpoint_is_the_best_measured_epoch(tmp_path):
    model = make_model()
    weights = {}
    note = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: weights.update({epoch: model.get_weights()})
    )
    values = [3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 4]  # the zeros are not measured
    best = BestCheckpoint(tmp_path / "best.keras", "val_metric", "min")
    fit(Counting(every=4, values=values), best, note, model=model, epochs=12)
    saved = keras.saving.load_model(tmp_path / "best.keras").get_weights()
    np.testing.assert_array_equal(saved[0], weights[4][0])
    assert not np.array_equal(saved[0], weights[11][0])


def test_the_csv_logger_has_a_column_that_reads_as_nan_where_nothing_was_measured(tmp_path):
    path = tmp_path / "history.csv"
    model = make_model()
    fit(Counting(every=2), keras.callbacks.CSVLogger(path), model=model, epochs=4)
    logger = keras.callbacks.CSVLogger(path, append=True)
    fit(Counting(every=5), logger, model=model, epochs=7, initial_epoch=4)
    values = [row["val_metric"] for row in csv.DictReader(path.open())]
    assert values == ["0.0", "NA", "2.0", "3.0", "4.0", "5.0", "6.0"]
    np.testing.assert_array_equal(history_file.read(path)["val_metric"], [0, np.nan, 2, 3, 4, 5, 6])


def test_the_model_is_traced_once_over_epochs_and_fits():
    traces = []

    class Noisy(keras.layers.Layer):
        def call(self, inputs, training=False):
            if not training and not isinstance(inputs, keras.KerasTensor):
                traces.append(inputs.shape)
            return inputs

    model = keras.Sequential([keras.Input((3,)), Noisy(), keras.layers.Dense(3)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    callback = Counting()
    callback.evaluate = lambda epoch: {"metric": float(tf.reduce_sum(callback.logits(INPUTS)))}
    traces.clear()
    fit(callback, model=model, epochs=3)
    fit(callback, model=model, epochs=3)
    assert len(traces) == 1
    # Another model is another function.
    other = make_model()
    fit(callback, model=other)
    np.testing.assert_allclose(callback.logits(INPUTS), other.predict(INPUTS, verbose=0), rtol=1e-5)


def test_logits_follow_the_weights():
    model, callback = make_model(), Counting()
    callback.set_model(model)
    before = callback.logits(INPUTS).numpy()
    model.set_weights([2 * weight for weight in model.get_weights()])
    np.testing.assert_allclose(callback.logits(INPUTS), 2 * before, rtol=1e-5)


def test_probabilities_become_logits_whose_softmax_they_are():
    model, callback = make_model("softmax"), Counting(from_logits=False)
    callback.set_model(model)
    np.testing.assert_allclose(
        tf.nn.softmax(callback.logits(INPUTS)), model.predict(INPUTS, verbose=0), rtol=1e-5
    )
    assert np.isfinite(callback.logits(1e6 * INPUTS)).all()


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "2"])
def test_bad_every(every):
    with pytest.raises(ValueError, match=f"Expected every to be a positive .* Received: {every!r}"):
        Counting(every=every)


def test_bad_prefix():
    with pytest.raises(ValueError, match=r"Expected prefix to be a string. Received: None"):
        Counting(prefix=None)


def test_labels_in_the_place_of_from_logits():
    with pytest.raises(ValueError, match=r"Expected from_logits to be .* Received: ndarray"):
        Counting(from_logits=LABELS)
