import keras
import numpy as np
import pytest
import tensorflow as tf

from callbacks.periodic_evaluation import PeriodicEvaluation, class_numbers

INPUTS = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
LABELS = np.arange(16) % 3


class Counting(PeriodicEvaluation):
    """Reports the epoch, and remembers which it was asked for."""

    def __init__(self, prefix="val_", every=1, from_logits=True):
        super().__init__(["figure"], prefix, every, from_logits)
        self.epochs = []

    def evaluate(self, epoch):
        self.epochs.append(epoch)
        return {"figure": np.float32(epoch), "ignored": 0.0}


def make_model(activation=None):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, activation=activation)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=activation is None))
    return model


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
    callback = Counting(every=every)
    history = make_model().fit(
        INPUTS, LABELS, epochs=epochs, initial_epoch=initial_epoch, verbose=0, callbacks=[callback]
    )
    assert callback.epochs == expected
    figures = dict(zip(history.epoch, history.history["val_figure"], strict=True))
    assert [epoch for epoch, figure in figures.items() if not np.isnan(figure)] == expected
    assert (
        all(figures[epoch] == epoch for epoch in expected) and "val_ignored" not in history.history
    )


def test_the_first_epoch_of_every_fit():
    callback, model = Counting(every=5), make_model()
    model.fit(INPUTS, LABELS, epochs=3, verbose=0, callbacks=[callback])
    model.fit(INPUTS, LABELS, epochs=8, initial_epoch=3, verbose=0, callbacks=[callback])
    assert callback.epochs == [0, 2, 3, 5, 7]


def test_the_epoch_in_which_training_is_stopped():
    callback = Counting(every=10)
    stop = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: setattr(callback.model, "stop_training", epoch == 2)
    )
    make_model().fit(INPUTS, LABELS, epochs=9, verbose=0, callbacks=[stop, callback])
    assert callback.epochs == [0, 2]


def test_nan_does_not_overwrite_what_is_logged():
    callback = Counting(prefix="val_", every=2)
    earlier = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logs.update(val_figure=7.0)
    )
    history = make_model().fit(INPUTS, LABELS, epochs=3, verbose=0, callbacks=[earlier, callback])
    assert history.history["val_figure"] == [0.0, 7.0, 2.0]


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
    callback.evaluate = lambda epoch: {"figure": float(tf.reduce_sum(callback.logits(INPUTS)))}
    traces.clear()
    model.fit(INPUTS, LABELS, epochs=3, verbose=0, callbacks=[callback])
    model.fit(INPUTS, LABELS, epochs=3, verbose=0, callbacks=[callback])
    assert len(traces) == 1
    # another model is another function
    other = make_model()
    other.fit(INPUTS, LABELS, verbose=0, callbacks=[callback])
    np.testing.assert_allclose(callback.logits(INPUTS), other.predict(INPUTS, verbose=0), rtol=1e-5)


def test_logits_follow_the_weights():
    model, callback = make_model(), Counting()
    callback.set_model(model)
    before = callback.logits(INPUTS).numpy()
    model.set_weights([2 * weight for weight in model.get_weights()])
    np.testing.assert_allclose(callback.logits(INPUTS), 2 * before, rtol=1e-5)


def test_probabilities_become_their_logarithms():
    model, callback = make_model("softmax"), Counting(from_logits=False)
    callback.set_model(model)
    np.testing.assert_allclose(
        np.exp(callback.logits(INPUTS)), model.predict(INPUTS, verbose=0), rtol=1e-5
    )
    assert np.isfinite(callback.logits(1e6 * INPUTS)).all()


@pytest.mark.parametrize(
    "labels",
    [[2, 0], [[2], [0]], [2.0, 0.0], [[0, 0, 1], [1, 0, 0]], tf.constant([2, 0], tf.uint8)],
)
def test_class_numbers(labels):
    np.testing.assert_array_equal(class_numbers(labels), [2, 0])
    assert class_numbers(labels).dtype == np.int64


@pytest.mark.parametrize("labels", [[0.5, 1.0], np.zeros((2, 2, 2)), 3])
def test_labels_that_are_none(labels):
    with pytest.raises(ValueError, match="expected class numbers"):
        class_numbers(labels)


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "2"])
def test_bad_every(every):
    with pytest.raises(ValueError, match="every must be a positive integer"):
        Counting(every=every)


def test_bad_prefix():
    with pytest.raises(ValueError, match="prefix must be a string, received None"):
        Counting(prefix=None)
