import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.corruptions import CorruptionCell
from tf_varmixup.data import Split, augment, evaluation_batches, steps_per_epoch, training_batches
from tf_varmixup.methods import Mixup


def numbered(count, classes=3):
    """Images whose every pixel is their own number, their class being the number modulo
    `classes`."""
    images = np.broadcast_to(
        np.arange(count, dtype=np.uint8)[:, None, None, None], (count, 8, 8, 3)
    ).copy()
    return Split(images, np.arange(count, dtype=np.int64) % classes)


def taken(dataset, count):
    return [(images.numpy(), labels.numpy()) for images, labels in dataset.take(count)]


def numbers(batches):
    return np.concatenate([images[:, 0, 0, 0] for images, _ in batches])


@pytest.mark.parametrize(("batch_size", "steps"), [(1, 10), (3, 3), (5, 2), (10, 1), (64, 1)])
def test_steps_per_epoch(batch_size, steps):
    assert steps_per_epoch(numbered(10), batch_size) == steps


def test_every_epoch_is_another_permutation():
    split = numbered(60)
    dataset = training_batches(split, 20, 3, seed=0)
    assert dataset.cardinality() == tf.data.INFINITE_CARDINALITY
    assert dataset.element_spec == (
        tf.TensorSpec((20, 8, 8, 3), tf.uint8),
        tf.TensorSpec((20, 3), tf.float32),
    )
    batches = taken(dataset, 9)
    epochs = numbers(batches).reshape(3, 60)
    assert all(sorted(epoch) == list(range(60)) for epoch in epochs)
    assert (epochs[0] != epochs[1]).any()
    assert (epochs[1] != epochs[2]).any()
    assert (epochs[0] != np.arange(60)).any()
    for images, labels in batches:
        np.testing.assert_array_equal(labels, np.eye(3, dtype=np.float32)[images[:, 0, 0, 0] % 3])


def test_full_batches_only_and_no_image_twice():
    epochs = numbers(taken(training_batches(numbered(10), 4, 3, seed=1), 2 * 20)).reshape(20, 8)
    assert all(len(set(epoch)) == 8 for epoch in epochs)
    assert (
        len({frozenset(range(10)) - frozenset(epoch) for epoch in epochs}) > 5
    )  # those left out change


def test_batch_size_larger_than_the_split():
    (images, labels), _ = taken(training_batches(numbered(7), 100, 3, seed=0), 2)
    assert images.shape == (7, 8, 8, 3)
    assert labels.shape == (7, 3)
    assert sorted(images[:, 0, 0, 0]) == list(range(7))


@pytest.mark.parametrize("first_epoch", [1, 3])
def test_resuming_is_going_on(first_epoch):
    split = Split(
        np.random.default_rng(0).integers(0, 256, (22, 8, 8, 3), dtype=np.uint8), np.arange(22) % 3
    )
    whole = taken(training_batches(split, 5, 3, seed=9, augmentation=augment), 5 * 4)
    rest = taken(
        training_batches(split, 5, 3, seed=9, augmentation=augment, first_epoch=first_epoch),
        4 * (5 - first_epoch),
    )
    for (images, labels), (images_again, labels_again) in zip(
        whole[4 * first_epoch :], rest, strict=True
    ):
        np.testing.assert_array_equal(images, images_again)
        np.testing.assert_array_equal(labels, labels_again)


def test_other_seeds_other_batches():
    split = numbered(60)
    assert (
        numbers(taken(training_batches(split, 60, 3, seed=0), 1))
        != numbers(taken(training_batches(split, 60, 3, seed=1), 1))
    ).any()


def test_every_batch_has_its_own_augmentation_seed():
    def show_seed(images, seed):
        assert images.dtype == tf.uint8
        assert seed.shape == (2,)
        assert seed.dtype == tf.int32
        return tf.zeros_like(images) + tf.cast(
            tf.random.stateless_uniform((3,), seed, 0, 256, tf.int32), tf.uint8
        )

    batches = taken(training_batches(numbered(12), 4, 3, seed=0, augmentation=show_seed), 30)
    assert len({tuple(images[0, 0, 0]) for images, _ in batches}) == 30
    # The order does not depend on the augmentation.
    plain = taken(training_batches(numbered(12), 4, 3, seed=0), 30)
    assert all(
        np.array_equal(labels, labels_again)
        for (_, labels), (_, labels_again) in zip(batches, plain, strict=True)
    )


def test_evaluation_batches():
    split = numbered(10)
    dataset = evaluation_batches(split, 4, 3)
    assert dataset.cardinality() == 3
    for _ in range(2):
        batches = taken(dataset, 99)
        assert [len(images) for images, _ in batches] == [4, 4, 2]
        np.testing.assert_array_equal(
            np.concatenate([images for images, _ in batches]), split.images
        )
        np.testing.assert_array_equal(
            np.concatenate([labels for _, labels in batches]),
            np.eye(3, dtype=np.float32)[split.labels],
        )
    assert dataset.element_spec == (
        tf.TensorSpec((None, 8, 8, 3), tf.uint8),
        tf.TensorSpec((None, 3), tf.float32),
    )


@pytest.mark.parametrize(
    ("serve", "rest"), [(training_batches, (3, 0)), (evaluation_batches, (3,))]
)
def test_bad_arguments(serve, rest):
    with pytest.raises(ValueError, match=r"batch_size to be a positive integer\. Received: 0"):
        serve(numbered(4), 0, *rest)
    with pytest.raises(ValueError, match="empty"):
        serve(numbered(4).take(0), 2, *rest)
    with pytest.raises(ValueError, match=r"labels in 0 to 2.*Received: 0 to 3\."):
        serve(numbered(4, classes=4), 2, *rest)


def test_mirrored_replicas_divide_each_batch():
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    split = numbered(30)
    plain = taken(training_batches(split, 10, 3, seed=0, augmentation=augment), 6)
    distributed = iter(
        strategy.experimental_distribute_dataset(
            training_batches(split, 10, 3, seed=0, augmentation=augment)
        )
    )
    for images, labels in plain:
        per_replica = next(distributed)
        assert [len(part) for part in strategy.experimental_local_results(per_replica[0])] == [5, 5]
        np.testing.assert_array_equal(
            np.concatenate(strategy.experimental_local_results(per_replica[0])), images
        )
        np.testing.assert_array_equal(
            np.concatenate(strategy.experimental_local_results(per_replica[1])), labels
        )


def test_fit_walks_on_from_epoch_to_epoch():
    """Keras must neither begin again with epoch 0 in every epoch nor skip a batch between two."""

    class Seen(keras.Model):
        def __init__(self):
            super().__init__()
            self.seen = []

        def call(self, images):
            return images

        def train_step(self, batch):
            self.seen.append(batch[0].numpy())
            return {"loss": 0.0}

    model = Seen()
    model.compile(run_eagerly=True)
    split = numbered(9)
    model.fit(
        training_batches(split, 4, 3, seed=5),
        steps_per_epoch=steps_per_epoch(split, 4),
        epochs=3,
        shuffle=False,
        verbose=0,
    )
    expected = [images for images, _ in taken(training_batches(split, 4, 3, seed=5), 6)]
    assert len(model.seen) == 6
    np.testing.assert_array_equal(model.seen, expected)


def test_no_iterator_has_an_autotuner_that_its_deletion_waits_for():
    split = numbered(10)
    batches = training_batches(split, 4, 3, seed=0)
    cell = CorruptionCell("contrast", 1, split.images, split.labels)
    for dataset in (
        batches,
        evaluation_batches(split, 4, 3),
        Mixup().map(batches, seed=0),
        cell.batches(4),
    ):
        assert dataset.options().autotune.enabled is False
