"""Corrupted pictures, made while the caller is at work on the ones before."""

import collections
import concurrent.futures

import tensorflow as tf

CELLS_BUILT_AHEAD = 3
BYTES_AT_ONCE = 2**24


def pictures_at_once(cell):
    """Return how many pictures of a cell make up about 16 MB, at least one."""
    return max(1, BYTES_AT_ONCE // cell.pictures[0].nbytes)


def corrupted_ahead(cells, part_size=pictures_at_once):
    """Go through the pictures of cells part by part; the next part, and the graphs of the next
    cells, are made in threads meanwhile.

    To build the graph of a cell takes as long as to corrupt some thousand pictures with it, and
    keeps one core busy.

    Args:
        cells: `CorruptionCell`s; some are taken ahead of what is yielded.
        part_size: function of a cell that returns a positive integer, the number of pictures in all
            its parts but the last.

    Yields:
        Triples of a cell, the number of the part's first picture, and its pictures, a `uint8`
        tensor `(n, H, W, C)`.

    Example:
        >>> for cell, start, pictures in corrupted_ahead(benchmark):
        ...     images[cell.corruption, cell.severity][start : start + len(pictures)] = pictures
    """

    def make(cell, start, stop):
        with tf.device("CPU:0"):  # where `tf.data` would work; a GPU has the classifier to run
            return cell.corrupt(cell.pictures[start:stop], start)

    def make_once_built(built, *part):
        built.result()
        return make(*part)

    with (
        concurrent.futures.ThreadPoolExecutor(1) as builder,
        concurrent.futures.ThreadPoolExecutor(1) as maker,
    ):
        built = _draw_ahead(
            ((cell, builder.submit(make, cell, 0, 0)) for cell in cells), CELLS_BUILT_AHEAD
        )
        parts = (
            (cell, start, maker.submit(make_once_built, graph, cell, start, start + size))
            for cell, graph in built
            for size in [part_size(cell)]
            for start in range(0, len(cell), size)
        )
        for cell, start, pictures in _draw_ahead(parts, 1):
            yield cell, start, pictures.result()


def _draw_ahead(items, count):
    """Yield items, with `count` more drawn already."""
    waiting = collections.deque()
    for item in items:
        waiting.append(item)
        if len(waiting) > count:
            yield waiting.popleft()
    yield from waiting
