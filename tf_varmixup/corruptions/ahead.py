"""Cells one after the other, the next one's pipeline set up in the meantime."""

import collections
import concurrent.futures


def pipelines_ahead(cells, pipeline):
    """Go through cells and their pipelines; while the caller is at one, the next one's is built in a thread.

    To build the graph of a cell takes as long as to corrupt some thousand pictures, on one core, while nothing is computed.

    Args:
        cells: `CorruptionCell`s, taken one ahead of what is yielded.
        pipeline: function of a cell that returns a `tf.data.Dataset`.

    Yields:
        Pairs of a cell and an iterator over its pipeline.

    Example:
        >>> for cell, batches in pipelines_ahead(benchmark, lambda cell: cell.batches(500)):
        ...     images = np.concatenate([images for images, _ in batches])
    """

    def start(cell):
        return cell, iter(pipeline(cell))

    with concurrent.futures.ThreadPoolExecutor(1) as builder:
        started = collections.deque()
        for cell in cells:
            started.append(builder.submit(start, cell))
            if len(started) > 1:
                yield started.popleft().result()
        for future in started:
            yield future.result()
