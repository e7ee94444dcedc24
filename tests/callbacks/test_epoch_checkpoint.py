import keras
import numpy as np
import pytest

from callbacks import EpochCheckpoint
from tf_varmixup import Mixup, VicinalClassifier
from tf_varmixup.data import Split, steps_per_epoch, training_batches

SPLIT = Split(
    np.random.default_rng(0).integers(0, 256, (20, 8, 8, 1), dtype="uint8"), np.arange(20) % 2
)
STEPS = steps_per_epoch(SPLIT, 8)


def classifier():
    keras.utils.set_random_seed(0)
    backbone = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    model = VicinalClassifier(backbone, Mixup(), seed=1)
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9),
        keras.losses.CategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )
    return model


def fit(model, path, epochs):
    checkpoint = EpochCheckpoint(path)
    first = checkpoint.restore(model, STEPS)
    batches = training_batches(SPLIT, 8, 2, seed=1, first_epoch=first)
    model.fit(
        batches,
        steps_per_epoch=STEPS,
        initial_epoch=first,
        epochs=epochs,
        shuffle=False,
        callbacks=[checkpoint],
        verbose=0,
    )
    return first


def test_a_resumed_training_is_the_uninterrupted_one(tmp_path):
    whole, first_part, second_part = classifier(), classifier(), classifier()
    assert fit(whole, tmp_path / "whole.weights.h5", 3) == 0
    assert fit(first_part, tmp_path / "parts.weights.h5", 2) == 0
    assert fit(second_part, tmp_path / "parts.weights.h5", 3) == 2
    for one, other in zip(whole.get_weights(), second_part.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "parts.weights.h5",
        "whole.weights.h5",
    ]


def test_epochs_of_an_earlier_training_do_not_count(tmp_path):
    model = classifier()
    fit(model, tmp_path / "first.weights.h5", 3)
    assert fit(model, tmp_path / "second.weights.h5", 2) == 0
    assert int(model.step) == 5 * STEPS
    assert EpochCheckpoint(tmp_path / "second.weights.h5").restore(classifier(), STEPS) == 2


def test_momentum_is_restored(tmp_path):
    model, restored = classifier(), classifier()
    fit(model, tmp_path / "a.weights.h5", 1)
    EpochCheckpoint(tmp_path / "a.weights.h5").restore(restored, STEPS)
    momentum = [value.numpy() for value in model.optimizer.variables]
    assert max(np.abs(value).max() for value in momentum[2:]) > 0
    for one, other in zip(momentum, restored.optimizer.variables, strict=True):
        np.testing.assert_array_equal(one, other.numpy())


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_diverged_training_stops_and_keeps_the_state_before(tmp_path, loss):
    class Diverging(keras.losses.Loss):
        def call(self, labels, logits):
            return loss * (1.0 + logits[:, 0])

    model = classifier()
    fit(model, tmp_path / "a.weights.h5", 1)
    saved = (tmp_path / "a.weights.h5").read_bytes()
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), Diverging(), run_eagerly=True)
    with pytest.raises(
        FloatingPointError,
        match=r"Expected a finite loss of vicinal_classifier.* in epoch 2. Received: (nan|inf)",
    ):
        fit(model, tmp_path / "a.weights.h5", 3)
    assert (tmp_path / "a.weights.h5").read_bytes() == saved


def test_another_ending_is_refused_before_training(tmp_path):
    with pytest.raises(ValueError, match=r"Expected path to end in .weights.h5. Received: .*a.h5"):
        EpochCheckpoint(tmp_path / "a.h5")


def test_a_write_that_fails_leaves_the_state_before(tmp_path, monkeypatch):
    model, path = classifier(), tmp_path / "a.weights.h5"
    fit(model, path, 1)
    saved = path.read_bytes()

    def half(self, partial, **settings):
        partial.write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(VicinalClassifier, "save_weights", half)
    with pytest.raises(OSError, match="no space"):
        fit(model, path, 2)
    assert path.read_bytes() == saved
    assert [file.name for file in tmp_path.iterdir()] == ["a.weights.h5"]


def test_a_disk_that_is_full_is_found_before_anything_is_written(tmp_path, monkeypatch):
    model, path = classifier(), tmp_path / "a.weights.h5"
    fit(model, path, 1)
    saved = path.read_bytes()

    def full(descriptor, start, size):
        assert size >= len(saved)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full, raising=False)
    with pytest.raises(OSError, match=r"No space left on device: .*a\.weights\.h5"):
        fit(model, path, 2)
    assert path.read_bytes() == saved


def test_a_state_that_was_changed_is_refused(tmp_path):
    path = tmp_path / "a.weights.h5"
    fit(classifier(), path, 1)
    saved = bytearray(path.read_bytes())
    saved[len(saved) // 2] ^= 1
    path.write_bytes(saved)
    with pytest.raises(OSError, match=r"a\.weights\.h5 to be as it was written"):
        EpochCheckpoint(path).restore(classifier(), STEPS)


@pytest.mark.parametrize("keep", [0.5, 0.0], ids=["cut", "empty"])
def test_a_state_that_was_cut_is_refused(tmp_path, keep):
    path = tmp_path / "a.weights.h5"
    fit(classifier(), path, 1)
    saved = path.read_bytes()
    path.write_bytes(saved[: int(keep * len(saved))])
    with pytest.raises(OSError, match=r"a\.weights\.h5 to be as it was written"):
        EpochCheckpoint(path).restore(classifier(), STEPS)


def test_keras_reads_the_state_and_a_state_of_keras_is_restored(tmp_path):
    model, path = classifier(), tmp_path / "a.weights.h5"
    fit(model, path, 2)
    read = classifier()
    read.optimizer.build(read.trainable_variables)
    read.load_weights(path)
    model.save_weights(tmp_path / "plain.weights.h5")  # as earlier versions wrote it
    other = classifier()
    assert EpochCheckpoint(tmp_path / "plain.weights.h5").restore(other, STEPS) == 2
    for weights in (read.get_weights(), other.get_weights()):
        for one, expected in zip(weights, model.get_weights(), strict=True):
            np.testing.assert_array_equal(one, expected)
