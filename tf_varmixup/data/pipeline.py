"""`tf.data` pipelines: endless shuffled batches to train on, ordered batches to evaluate on."""

import tensorflow as tf

from tf_varmixup.draws import fold, permutation, run_seed

# Folded into the run's seed first, so that no draw here repeats a draw of the training step, which
# folds its step and its replica.
_STREAM = 0x64617461


def steps_per_epoch(split, batch_size):
    """Return how many full batches an epoch has; a batch size larger than the split counts as the
    split's size.

    Args:
        split: `Split`, not empty.
        batch_size: positive int.

    Returns:
        A positive int.

    Raises:
        ValueError: if the split is empty or `batch_size` is not positive.

    Example:
        >>> steps_per_epoch(data.train, 128)  # 45,000 pictures
        351
    """
    return len(split) // _checked_batch_size(split, batch_size)


def training_batches(split, batch_size, num_classes, seed, augmentation=None, first_epoch=0):
    """Serve a split for training: without end, every epoch in a new order, full batches only.

    Batch `index` of epoch `epoch` is a pure function of `(seed, epoch, index)`: a pipeline with
    `first_epoch=k` goes on exactly as one that has already served k epochs. An epoch is
    `steps_per_epoch(split, batch_size)` batches; the pictures that fill no batch are other ones in
    every epoch. `Model.fit` takes it with that `steps_per_epoch` and walks on through it from epoch
    to epoch.

    It may be distributed: sharding is by data, so that the replicas of one or several workers
        divide each batch among themselves, while
    without sharding every worker would train on the whole of it.

    Args:
        split: `Split`.
        batch_size: positive int, over all replicas; larger than the split counts as the split's
            size.
        num_classes: int.
        seed: Python integer, the run's seed.
        augmentation: callable `(images, seed) -> images` on `uint8` batches with a `(2,)` int32
            seed, such as `augment`; None for none.
        first_epoch: int, the epoch to begin with.

    Returns:
        A `tf.data.Dataset` of `(images, labels)`: `uint8 (B, H, W, C)` and one-hot `float32 (B,
        num_classes)`.

    Raises:
        ValueError: if the split is empty, `batch_size` is not positive or a label lies outside the
            classes.

    Example:
        >>> batches = training_batches(data.train, 128, data.num_classes, seed=0, augmentation=augment)
        >>> model.fit(batches, steps_per_epoch=steps_per_epoch(data.train, 128), epochs=10, shuffle=False)
    """
    images, labels = _tensors(split, num_classes)
    batch_size = _checked_batch_size(split, batch_size)
    steps = len(split) // batch_size
    stream = fold(run_seed(seed), _STREAM)

    def epoch_of_batches(epoch):
        order = permutation(len(split), fold(stream, epoch, 0))
        rows = tf.reshape(order[: steps * batch_size], (steps, batch_size))
        return tf.data.Dataset.from_tensor_slices((rows, tf.fill([steps], epoch), tf.range(steps)))

    def batch(rows, epoch, index):
        pictures = tf.gather(images, rows)
        if augmentation is not None:
            pictures = augmentation(pictures, fold(stream, epoch, 1, index))
        return pictures, tf.one_hot(tf.gather(labels, rows), num_classes, dtype=tf.float32)

    dataset = tf.data.Dataset.counter(first_epoch).flat_map(epoch_of_batches)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))
    return _finished(dataset.map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True))


def evaluation_batches(split, batch_size, num_classes):
    """Serve a split once, in its order; the last batch may be short.

    Args:
        split: `Split`.
        batch_size: positive int.
        num_classes: int.

    Returns:
        A finite `tf.data.Dataset` of `(images, labels)`: `uint8 (B, H, W, C)` and one-hot `float32
        (B, num_classes)`.

    Raises:
        ValueError: if the split is empty, `batch_size` is not positive or a label lies outside the
            classes.

    Example:
        >>> model.evaluate(evaluation_batches(data.test, 500, data.num_classes))
    """
    images, labels = _tensors(split, num_classes)
    batch_size = _checked_batch_size(split, batch_size)

    def batch(start):
        stop = start + batch_size
        return images[start:stop], tf.one_hot(labels[start:stop], num_classes, dtype=tf.float32)

    return _finished(
        tf.data.Dataset.range(0, len(split), batch_size).map(
            batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        )
    )


def _checked_batch_size(split, batch_size):
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    if not len(split):
        raise ValueError("the split is empty: there are no pictures to batch")
    return min(int(batch_size), len(split))


def _tensors(split, num_classes):
    """The split in the host's memory, wherever the model is: the pipeline captures these two
    tensors and copies neither."""
    if len(split) and not 0 <= split.labels.min() <= split.labels.max() < num_classes:
        raise ValueError(
            f"labels must lie in 0 to {num_classes - 1}, not in {split.labels.min()} to {split.labels.max()}"
        )
    with tf.device("CPU:0"):
        return tf.constant(split.images), tf.constant(split.labels)


def _finished(dataset):
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return dataset.prefetch(tf.data.AUTOTUNE).with_options(options)
