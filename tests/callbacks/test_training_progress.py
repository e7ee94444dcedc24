import contextlib
import io

import keras
import numpy as np
import pytest
import rich.console

from callbacks import TrainingProgress


def fit(terminal, **arguments):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    progress = TrainingProgress("classifier", ["loss", "absent"])
    text = io.StringIO()
    progress._console = rich.console.Console(file=text, force_terminal=terminal, width=120)
    model.fit(
        np.zeros((4, 1)),
        np.zeros((4, 1)),
        batch_size=2,
        verbose=0,
        callbacks=[progress],
        **arguments,
    )
    return text.getvalue()


def test_prints_a_line_for_every_tenth_of_the_epochs_without_a_terminal():
    lines = fit(False, epochs=20).splitlines()
    assert len(lines) == 10
    assert lines[0] == "classifier  epoch 2/20  loss 0"
    assert lines[-1] == "classifier  epoch 20/20  loss 0"


def test_draws_one_bar_on_a_terminal_and_goes_on_from_a_later_epoch():
    text = fit(True, epochs=3, initial_epoch=1)
    assert "classifier" in text
    assert "epoch 3/3" in text
    assert "epoch 1/3" not in text


def test_gives_the_terminal_back_after_an_exception():
    hidden, shown = "\x1b[?25l", "\x1b[?25h"
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    text = io.StringIO()

    def interrupt(epoch, logs):
        raise KeyboardInterrupt

    progress = TrainingProgress("classifier", ["loss"])
    progress._console = rich.console.Console(file=text, force_terminal=True, width=120)
    callbacks = [progress, keras.callbacks.LambdaCallback(on_epoch_end=interrupt)]
    with pytest.raises(KeyboardInterrupt), contextlib.closing(progress):
        model.fit(np.zeros((4, 1)), np.zeros((4, 1)), verbose=0, callbacks=callbacks)
    assert text.getvalue().rfind(shown) > text.getvalue().rfind(hidden) >= 0


def test_the_former_name_of_the_metrics():
    with pytest.warns(DeprecationWarning, match="figures is called metrics now"):
        assert TrainingProgress("classifier", figures=["loss"]).metrics == ["loss"]
