"""Corrupted images, made while the caller is at work on the ones before."""

import collections
import concurrent.futures
import math
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import tensorflow as tf

from tf_varmixup.corruptions.cell import CorruptionCell

CELLS_BUILT_AHEAD = 3
BYTES_AT_ONCE = 2**24

_Item = TypeVar("_Item")


def images_at_once(cell: CorruptionCell) -> int:
    """Return how many images of a cell make up about 16 MB, at least one."""
    return max(1, BYTES_AT_ONCE // math.prod(cell.source.shape[1:]))


def corrupted_ahead(
    cells: Iterable[CorruptionCell],
    part_size: Callable[[CorruptionCell], int] = images_at_once,
) -> Iterator[tuple[CorruptionCell, int, tf.Tensor]]:
    """Go through the images of cells part by part, and make the next part in a thread meanwhile.

    The graphs of the next cells are built in another thread: to build the graph of a cell takes as
    long as to corrupt some thousand images with it, and keeps one core busy.

    Args:
        cells: `CorruptionCell`s; some are taken ahead of what is yielded.
        part_size: Function of a cell that returns a positive integer, the number of images in all
            its parts but the last.

    Yields:
        Triples of a cell, the number of the part's first image, and its images, a `uint8` tensor
        `(n, H, W, C)`.

    Example:
        >>> images = np.zeros((5, 8, 8, 3), "uint8")
        >>> cells = [CorruptionCell("contrast", 1, images, np.zeros(5, "int64"))]
        >>> [(start, len(part)) for _, start, part in corrupted_ahead(cells, lambda cell: 3)]
        [(0, 3), (3, 2)]
    """

    def make(cell: CorruptionCell, start: int, stop: int) -> tf.Tensor:
        with tf.device("CPU:0"):  # where `tf.data` would work; a GPU has the classifier to run
            return cell.corrupt(cell.source[start:stop], start)

    def make_once_built(
        built: concurrent.futures.Future[tf.Tensor], cell: CorruptionCell, start: int, stop: int
    ) -> tf.Tensor:
        built.result()
        return make(cell, start, stop)

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
        for cell, start, images in _draw_ahead(parts, 1):
            yield cell, start, images.result()


def _draw_ahead(items: Iterable[_Item], count: int) -> Iterator[_Item]:
    """Yield items, with `count` more drawn already."""
    waiting: collections.deque[_Item] = collections.deque()
    for item in items:
        waiting.append(item)
        if len(waiting) > count:
            yield waiting.popleft()
    yield from waiting
