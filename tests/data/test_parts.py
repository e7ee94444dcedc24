"""Several workers without several processes: each has the parts that `tf.distribute` gives it."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.data.experimental.ops import distribute
from tensorflow.python.distribute import input_ops

from tf_varmixup.data import Split, augment, evaluation_batches, training_batches
from tf_varmixup.data.parts import part_of
from tf_varmixup.streaming import ImageSource, StreamedImages

CLUSTERS = [(3, 1), (2, 2)]  # workers, and replicas of each
SPLIT = Split(
    np.random.default_rng(0).integers(0, 256, (23, 8, 8, 3), dtype=np.uint8), np.arange(23) % 3
)


def contexts(workers, replicas):
    return [tf.distribute.InputContext(workers, one, workers * replicas) for one in range(workers)]


def training(batch_size, context=None, first_epoch=0, first_step=0):
    begun = first_epoch, first_step
    return training_batches(SPLIT, batch_size, 3, 7, augment, *begun, context=context)


def divided(dataset, context):
    """Whole batches as `Strategy.experimental_distribute_dataset` divides them on a worker."""
    workers, replicas = context.num_input_pipelines, context.num_replicas_in_sync
    size = distribute.compute_batch_size(dataset)
    if size == -1:
        dataset = distribute._LegacyRebatchDataset(dataset, replicas)
    else:
        own = workers, replicas // workers, context.input_pipeline_id
        dataset = dataset.rebatch(distribute.batch_sizes_for_worker(size, *own))
    return input_ops.auto_shard_dataset(dataset, workers, context.input_pipeline_id, replicas)


def assert_equal(dataset, expected, count):
    assert dataset.element_spec == expected.element_spec
    found = list(dataset.take(count).as_numpy_iterator())
    assert len(found) == count
    for (images, labels), (images_again, labels_again) in zip(
        found, expected.take(count).as_numpy_iterator(), strict=True
    ):
        np.testing.assert_array_equal(images, images_again)
        np.testing.assert_array_equal(labels, labels_again)


# Divided evenly, with one image too few, and with a part that is empty.
@pytest.mark.parametrize(
    ("workers", "replicas", "batch_size"), [(2, 1, 12), (3, 1, 10), (2, 2, 10), (3, 2, 9)]
)
def test_replicas_have_the_parts_that_whole_batches_are_divided_into(workers, replicas, batch_size):
    for context in contexts(workers, replicas):
        dataset = training(batch_size, context)
        assert dataset.cardinality() == tf.data.INFINITE_CARDINALITY
        assert_equal(dataset, divided(training(batch_size), context), 5 * replicas)


@pytest.mark.parametrize(("workers", "replicas"), CLUSTERS)
def test_so_have_they_of_a_split_that_is_measured(workers, replicas):
    for context in contexts(workers, replicas):
        dataset = evaluation_batches(SPLIT, 10, 3, context)
        assert dataset.cardinality() == 3 * replicas
        assert_equal(dataset, divided(evaluation_batches(SPLIT, 10, 3), context), 3 * replicas)


@pytest.mark.parametrize(("workers", "replicas", "batch_size"), [(3, 1, 10), (2, 2, 12), (3, 2, 9)])
def test_the_workers_together_have_the_batch_of_one_process(workers, replicas, batch_size):
    served = [
        list(training(batch_size, context).take(3 * replicas).as_numpy_iterator())
        for context in contexts(workers, replicas)
    ]
    for step, (images, labels) in enumerate(training(batch_size).take(3).as_numpy_iterator()):
        places = [(step * replicas + n, worker) for n in range(replicas) for worker in served]
        parts = [worker[place] for place, worker in places]
        np.testing.assert_array_equal(np.concatenate([one for one, _ in parts]), images)
        np.testing.assert_array_equal(np.concatenate([one for _, one in parts]), labels)


def test_resuming_is_going_on():
    workers, replicas = 2, 2
    for context in contexts(workers, replicas):
        going_on = training(5, context).skip(replicas * (4 + 2))  # an epoch and two steps of it
        assert_equal(training(5, context, 1, 2), going_on, 6 * replicas)


class Counted(ImageSource):
    """Images of their own number, that keeps the numbers it was asked for."""

    shape = (23, 8, 8, 1)

    def __init__(self):
        self.asked = []

    def read(self, rows):
        def note(rows):
            self.asked.append(rows.tolist())
            return np.tile(rows.astype("uint8")[:, None, None, None], (1, *self.shape[1:]))

        return tf.ensure_shape(tf.numpy_function(note, [rows], tf.uint8), (None, *self.shape[1:]))


@pytest.mark.parametrize(("workers", "replicas"), [(1, 1), (2, 2)])
def test_a_worker_reads_the_images_of_its_parts_alone(workers, replicas):
    for context in contexts(workers, replicas):
        source = Counted()
        split = Split(StreamedImages(source), SPLIT.labels)
        read = evaluation_batches(split, 10, 3, context).as_numpy_iterator()
        served = np.concatenate([images[:, 0, 0, 0] for images, _ in read])
        assert sorted(row for rows in source.asked for row in rows) == sorted(served)

        source.asked.clear()
        batches = training_batches(split, 12, 3, seed=0, context=context).take(4)
        served = [images[:, 0, 0, 0].tolist() for images, _ in batches.as_numpy_iterator()]
        assert all(one in source.asked for one in served)
        assert {len(one) for one in source.asked} == {12 // (workers * replicas)}  # and ahead


def test_an_augmentation_is_told_which_part_of_which_batch_it_has():
    told = []

    def note(images, seed, place):
        told.append((images.shape[0], place[1]))
        return images + tf.cast(place[0], tf.uint8)

    [_, context] = contexts(2, 1)
    [whole] = training_batches(SPLIT, 12, 3, seed=0).take(1).as_numpy_iterator()
    [part] = training_batches(SPLIT, 12, 3, 0, note, context=context).take(1).as_numpy_iterator()
    assert set(told) == {(6, 12)}
    np.testing.assert_array_equal(part[0], whole[0][6:] + 6)


@pytest.mark.parametrize("count", [0, 1, 7, 12])
def test_parts_follow_each_other_and_leave_nothing_out(count):
    rows = np.arange(count)
    parts = [part_of(tf.constant(rows), number, parts=5) for number in range(5)]
    np.testing.assert_array_equal(np.concatenate([part for _, part in parts]), rows)
    assert all(int(first) == part[0] for first, part in parts if len(part))
