"""The parts of batches that are a worker's, found before anything is read."""

import tensorflow as tf


def numbered_parts(
    dataset: tf.data.Dataset, context: tf.distribute.InputContext
) -> tf.data.Dataset:
    """Serve each element once for each replica of a worker, with the number of that one's part.

    The numbers are those that `tf.distribute` gives the worker where it divides whole batches.

    Args:
        dataset: A `tf.data.Dataset` of tuples, or of single tensors.
        context: Which of several workers this is, of how many replicas.

    Returns:
        A `tf.data.Dataset` of tuples, the last component of which is the number, `int64`.

    Example:
        >>> context = tf.distribute.InputContext(2, 1, num_replicas_in_sync=4)
        >>> parts = numbered_parts(tf.data.Dataset.from_tensor_slices([7, 8]), context)
        >>> [(int(element), int(number)) for element, number in parts]
        [(7, 1), (7, 3), (8, 1), (8, 3)]
    """

    def parts(*element: tf.Tensor) -> tf.data.Dataset:
        numbers = tf.data.Dataset.range(
            context.input_pipeline_id, context.num_replicas_in_sync, context.num_input_pipelines
        )
        return numbers.map(lambda number: (*element, number))

    return dataset.flat_map(parts)


def part_of(rows: tf.Tensor, number: tf.Tensor, parts: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Return a part of a batch: equally many rows for each, but for those at the end.

    The last part that has rows may have fewer, as `tf.distribute` divides batches, and there may be
    parts behind it that have none.

    Args:
        rows: A tensor `(B, ...)`.
        number: Number of the part, an integer scalar.
        parts: How many there are.

    Returns:
        A pair of the number of the part's first row, an `int32` scalar, and the rows.

    Example:
        >>> [part_of(tf.range(10), number, parts=3)[1].numpy().tolist() for number in range(3)]
        [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    """
    count = tf.shape(rows)[0]
    size = -(-count // parts)
    first = tf.minimum(tf.cast(number, tf.int32) * size, count)
    part = rows[first : first + size]
    if rows.shape[0] is not None and rows.shape[0] % parts == 0:
        part = tf.ensure_shape(part, (rows.shape[0] // parts, *rows.shape[1:]))
    return first, part
