"""Apply several functions to a batch, each to some of its images and at the cost of these."""

from collections.abc import Callable, Sequence

import tensorflow as tf

# A compromise: fewer waste less where a kind has few images, more waste less on starting
# operations.
AT_ONCE = 32


def apply_by_kind(
    functions: Sequence[Callable[..., tf.Tensor]],
    kinds: tf.Tensor,
    images: tf.Tensor,
    *arguments: tf.Tensor,
    at_once: int = AT_ONCE,
) -> tf.Tensor:
    """Replace each image by what the function of its kind makes of it.

    How many images are of a kind is known only when the graph runs, and XLA wants shapes that are
    known before, so that a function gets a fixed number of images at a time.

    Args:
        functions: Functions of images `(at_once, H, W, C)` and as many of each argument, which
            return images of the same shape and type and treat each image by itself.
        kinds: `int32 (B,)`, the number of each image's function. Images whose number is that of no
            function stay.
        images: Tensor `(B, H, W, C)`.
        *arguments: Tensors `(B,)`.
        at_once: How many images a function gets in one call.

    Returns:
        A tensor `(B, H, W, C)`.

    Example:
        >>> images = tf.constant([1, 2, 3], tf.uint8, (3, 1, 1, 1))
        >>> functions = [lambda some: some + 10, lambda some: 2 * some]
        >>> apply_by_kind(functions, tf.constant([1, -1, 0]), images).numpy().ravel().tolist()
        [2, 2, 13]
    """
    is_kind = tf.cast(kinds[:, None] == tf.range(len(functions)), tf.int32)
    counts = tf.reduce_sum(is_kind, 0)
    chunks = -(-counts // at_once)
    ends, chunk_ends = tf.cumsum(counts), tf.cumsum(chunks)
    firsts, first_chunks = ends - counts, chunk_ends - chunks
    # Image by image in the order of their kinds, those of no kind at the end.
    any_kind = tf.reduce_sum(is_kind, 1) > 0
    order = tf.argsort(tf.where(any_kind, kinds, len(functions)), stable=True)

    def apply(chunk: tf.Tensor, results: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
        kind = tf.reduce_sum(tf.cast(chunk >= chunk_ends, tf.int32))
        first = firsts[kind] + at_once * (chunk - first_chunks[kind])
        # Where few are left, the last is there more than once.
        rows = tf.gather(order, tf.minimum(first + tf.range(at_once), ends[kind] - 1))
        some = [tf.gather(one, rows) for one in (images, *arguments)]
        branches = [lambda one=one: one(*some) for one in functions]
        return chunk + 1, results.write(chunk, tf.switch_case(kind, branches))

    results = tf.TensorArray(
        images.dtype,
        size=tf.shape(images)[0] // at_once + len(functions),
        element_shape=(at_once, *images.shape[1:]),
    )
    start = tf.constant(0), results
    _, results = tf.while_loop(
        lambda chunk, _: chunk < chunk_ends[-1], apply, start, parallel_iterations=1
    )
    replaced = tf.reshape(results.stack(), (-1, *images.shape[1:]))
    # How many of its kind come before an image tells where its result lies.
    before = tf.cumsum(is_kind, exclusive=True) + at_once * first_chunks
    place = tf.reduce_sum(is_kind * before, 1)
    own = tf.shape(replaced)[0] + tf.range(tf.shape(images)[0])
    return tf.gather(tf.concat([replaced, images], 0), tf.where(any_kind, place, own))
