"""`tf.data` pipelines: endless shuffled batches to train on, ordered batches to evaluate on."""

from collections.abc import Callable

import tensorflow as tf

from tf_varmixup.checks import check_count
from tf_varmixup.data.labels import check_class_numbers
from tf_varmixup.data.parts import numbered_parts, part_of
from tf_varmixup.data.split import Split
from tf_varmixup.draws import fold, permutation, run_seed
from tf_varmixup.pipelines import tensor_of, without_autotuner
from tf_varmixup.streaming import StreamedImages

# Folded into the run's seed first, so that no draw here repeats a draw of the training step, which
# folds its step and its replica.
_STREAM = 0x64617461


def steps_per_epoch(split: Split, batch_size: int) -> int:
    """Return how many full batches an epoch has.

    Args:
        split: The images, at least one.
        batch_size: Images per batch; more than there are count as all.

    Returns:
        A positive integer.

    Raises:
        ValueError: If the split is empty or `batch_size` is not a positive integer.

    Example:
        >>> split = Split(np.zeros((10, 8, 8, 1), np.uint8), np.zeros(10, np.int64))
        >>> steps_per_epoch(split, 4)
        2
    """
    return len(split) // _checked_batch_size(split, batch_size)


def training_batches(
    split: Split,
    batch_size: int,
    num_classes: int,
    seed: int,
    augmentation: Callable[..., tf.Tensor] | None = None,
    first_epoch: int = 0,
    first_step: int = 0,
    context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
    """Serve a split for training: without end, every epoch in a new order, full batches only.

    Batch `index` of epoch `epoch` is a pure function of `(seed, epoch, index)`: a pipeline with
    `first_epoch=k` goes on exactly as one that has already served k epochs. An epoch is
    `steps_per_epoch(split, batch_size)` batches; the images that fill no batch are other ones in
    every epoch. `Model.fit` takes it with that `steps_per_epoch` and walks on through it from epoch
    to epoch.

    It may be distributed: sharding is by data, so that the replicas of one or several workers
    divide each batch among themselves, while without sharding every worker would train on the whole
    of it. So every worker reads whole batches. With the `context` that
    `tf.distribute.Strategy.distribute_datasets_from_function` gives, it reads the parts of its own
    replicas alone, which are the same to the bit.

    Args:
        split: The images, at least one.
        batch_size: Images per batch over all replicas; more than there are count as all.
        num_classes: Number of classes.
        seed: The run's seed.
        augmentation: Function `(images, seed) -> images` on `uint8` batches with a `(2,)` int32
            seed, such as `augment`; None for none. With `context` it is given a part of a batch,
            the seed of the whole, and as `place=(first, count)` the number of the part's first
            image in the batch and how many images that has.
        first_epoch: The epoch to begin with.
        first_step: The batch of that epoch to begin with.
        context: Which of several workers this is, of how many replicas: the batches' parts for its
            replicas are served, one after the other. None for whole batches.

    Returns:
        A `tf.data.Dataset` of `(images, labels)`: `uint8 (B, H, W, C)` and one-hot `float32 (B,
        num_classes)`.

    Raises:
        ValueError: If the split is empty, `batch_size` is not a positive integer, or a label lies
            outside the classes.

    Example:
        >>> split = Split(np.zeros((10, 8, 8, 1), np.uint8), np.arange(10) % 2)
        >>> images, labels = next(iter(training_batches(split, 4, num_classes=2, seed=0)))
        >>> images.shape, labels.shape
        (TensorShape([4, 8, 8, 1]), TensorShape([4, 2]))
    """
    read, labels = _reader(split), _labels(split, num_classes)
    batch_size = _checked_batch_size(split, batch_size)
    steps = len(split) // batch_size
    stream = fold(run_seed(seed), _STREAM)

    def epoch_of_batches(epoch: tf.Tensor) -> tf.data.Dataset:
        order = permutation(len(split), fold(stream, epoch, 0))
        rows = tf.reshape(order[: steps * batch_size], (steps, batch_size))
        return tf.data.Dataset.from_tensor_slices((rows, tf.fill([steps], epoch), tf.range(steps)))

    def batch(
        rows: tf.Tensor, epoch: tf.Tensor, index: tf.Tensor, number: tf.Tensor = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        place = {}
        if context is not None:
            first, rows = part_of(rows, number, context.num_replicas_in_sync)
            place = {"place": (first, batch_size)}
        chosen = read(rows)
        if augmentation is not None:
            chosen = augmentation(chosen, fold(stream, epoch, 1, index), **place)
        return chosen, tf.one_hot(tf.gather(labels, rows), num_classes, dtype=tf.float32)

    dataset = tf.data.Dataset.counter(first_epoch).flat_map(epoch_of_batches)
    if first_step:  # before the images are gathered, so that passing over batches takes no time
        dataset = dataset.skip(first_step)
    if context is not None:
        dataset = numbered_parts(dataset, context)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))
    return _finished(dataset.map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True))


def evaluation_batches(
    split: Split,
    batch_size: int,
    num_classes: int,
    context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
    """Serve a split once, in its order; the last batch may be short.

    Args:
        split: The images, at least one.
        batch_size: Images per batch.
        num_classes: Number of classes.
        context: As of `training_batches`; a part of a short batch may have no images.

    Returns:
        A finite `tf.data.Dataset` of `(images, labels)`: `uint8 (B, H, W, C)` and one-hot `float32
        (B, num_classes)`.

    Raises:
        ValueError: If the split is empty, `batch_size` is not a positive integer, or a label lies
            outside the classes.

    Example:
        >>> split = Split(np.zeros((5, 8, 8, 1), np.uint8), np.array([0, 1, 2, 0, 1]))
        >>> [len(labels) for _, labels in evaluation_batches(split, 2, num_classes=3)]
        [2, 2, 1]
    """
    read, labels = _reader(split), _labels(split, num_classes)
    batch_size = _checked_batch_size(split, batch_size)

    def batch(start: tf.Tensor, number: tf.Tensor = None) -> tuple[tf.Tensor, tf.Tensor]:
        rows = tf.range(start, tf.minimum(start + batch_size, len(split)))
        if context is not None:
            _, rows = part_of(rows, number, context.num_replicas_in_sync)
        return read(rows), tf.one_hot(tf.gather(labels, rows), num_classes, dtype=tf.float32)

    dataset = tf.data.Dataset.range(0, len(split), batch_size)
    if context is not None:
        parts = len(dataset) * context.num_replicas_in_sync // context.num_input_pipelines
        dataset = numbered_parts(dataset, context)
        dataset = dataset.apply(tf.data.experimental.assert_cardinality(parts))
    return _finished(dataset.map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True))


def _checked_batch_size(split: Split, batch_size: int) -> int:
    check_count("batch_size", batch_size)
    if not len(split):
        raise ValueError("Expected a split with at least one image. Received: an empty one.")
    return min(int(batch_size), len(split))


def _reader(split: Split) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return the graph function that gives the images of some rows, decoded only if they must be.

    Images in memory are captured as they are, without a copy.
    """
    if isinstance(split.images, StreamedImages):
        return split.images.read
    images = tensor_of(split.images)
    return lambda rows: tf.gather(images, rows)


def _labels(split: Split, num_classes: int) -> tf.Tensor:
    check_class_numbers(split.labels, num_classes)
    with tf.device("CPU:0"):
        return tf.constant(split.labels)


def _finished(dataset: tf.data.Dataset) -> tf.data.Dataset:
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    # To rewrite a pipeline, tf.data writes it down with all images that it captured, for a while a
    # second time; there is nothing in these that it could make faster.
    options.experimental_optimization.apply_default_optimizations = False
    return without_autotuner(dataset.prefetch(tf.data.AUTOTUNE).with_options(options))
