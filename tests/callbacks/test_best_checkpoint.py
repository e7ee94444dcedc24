import keras
import numpy as np
import pytest

from callbacks import BestCheckpoint

INPUTS, TARGETS = np.ones((4, 1), "float32"), np.ones((4, 1), "float32")


def make_model():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)
    return model


def saved_epochs(values, path, mode):
    """The epochs in which the file is written when the metric has these values, None for none."""
    model, saved = make_model(), []

    def log(epoch, logs):
        if values[epoch] is not None:
            logs["metric"] = values[epoch]

    def look(epoch, logs):
        if path.exists():
            saved.append(epoch)
            path.unlink()

    callbacks = [
        keras.callbacks.LambdaCallback(on_epoch_end=log),
        BestCheckpoint(path, "metric", mode),
        keras.callbacks.LambdaCallback(on_epoch_end=look),
    ]
    model.fit(INPUTS, TARGETS, epochs=len(values), verbose=0, callbacks=callbacks)
    return saved


@pytest.mark.parametrize(
    ("mode", "expected"), [("min", [1, 4]), ("max", [1, 3])], ids=["min", "max"]
)
def test_saves_when_it_is_better_than_ever_before(tmp_path, mode, expected):
    values = [float("nan"), 2.0, None, 3.0, 1.0, 1.0, None]
    assert saved_epochs(values, tmp_path / "new" / "best.keras", mode) == expected


def test_a_training_that_goes_on_does_not_replace_a_better_model(tmp_path):
    path = tmp_path / "best.keras"

    def train(values, initial_epoch):
        def log(epoch, logs):
            logs["metric"] = values[epoch]

        best = BestCheckpoint(path, "metric", "min")
        callbacks = [keras.callbacks.LambdaCallback(on_epoch_end=log), best]
        make_model().fit(
            INPUTS,
            TARGETS,
            epochs=len(values),
            initial_epoch=initial_epoch,
            verbose=0,
            callbacks=callbacks,
        )
        return best.best

    assert train([0.3, 0.2], 0) == 0.2
    kept = path.read_bytes()
    assert train([0.3, 0.2, 0.5, 0.4], 2) == 0.2
    assert path.read_bytes() == kept
    assert train([0.3, 0.2, 0.1], 2) == 0.1
    assert path.read_bytes() != kept
    assert train([0.9], 0) == 0.9  # another training from its beginning


def test_weights_alone(tmp_path):
    model, path = make_model(), tmp_path / "best.weights.h5"
    best = BestCheckpoint(str(path), "loss", "min")
    model.fit(INPUTS, TARGETS, epochs=3, verbose=0, callbacks=[best])
    other = make_model()
    other.load_weights(path)
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "best.weights.h5",
        "best.weights.h5.json",
    ]


def test_a_name_that_is_never_logged_is_an_error_in_the_first_epoch(tmp_path):
    best = BestCheckpoint(tmp_path / "best.keras", "los", "min")
    with pytest.raises(ValueError, match=r"monitor .* loss. Received: 'los'. Did you mean 'loss'"):
        make_model().fit(INPUTS, TARGETS, verbose=0, callbacks=[best])


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"Expected path to end in .keras .* Received: best.h5."):
        BestCheckpoint("best.h5", "val_ece", "min")
    with pytest.raises(
        ValueError, match=r"Expected mode to be one of 'min', 'max'. Received: 'auto"
    ):
        BestCheckpoint("best.keras", "val_ece", "auto")
