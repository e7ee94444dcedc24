"""The corruption grid, divided over the workers of a run."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.evaluation import GridCell, Predictor, grid_cells
from tf_varmixup.evaluation.stored_grid import missing_corruptions, store_cells
from tf_varmixup.files import KeptFiles
from tf_varmixup.run.cluster import Cluster
from tf_varmixup.workers import sum_over_workers


def measure_grid(
    predict: Predictor,
    benchmark: CorruptionBenchmark,
    kept: KeptFiles,
    num_classes: int,
    strategy: tf.distribute.Strategy,
    cluster: Cluster,
    on_cell: Callable[[GridCell], object],
) -> None:
    """Run a classifier over what the chief lacks of a grid, each worker over other corruptions.

    The chief stores all of it. All workers must come here.

    Args:
        predict: A `Predictor`, the same on all workers.
        benchmark: A `CorruptionBenchmark`, the same on all workers.
        kept: Where the chief keeps each corruption's logits.
        num_classes: K.
        strategy: What distributes the run.
        cluster: Its processes.
        on_cell: Called with each `GridCell` once its worker has told it.

    Raises:
        tf.errors.OpError: If another worker ended.
    """
    names = benchmark.corruptions
    mine = missing_corruptions(kept, benchmark) if cluster.is_chief else []
    lacking = sum_over_workers(strategy, np.array([name in mine for name in names], "int32"))
    missing = [name for name, lacks in zip(names, lacking, strict=True) if lacks]
    count = len(cluster.workers)
    for start in range(0, len(missing), count):
        at_once = missing[start : start + count]
        own = at_once[cluster.index] if cluster.index < len(at_once) else None
        measured = []
        if own is not None:
            cells = [benchmark.cell(own, severity) for severity in benchmark.severities]
            measured = [cell.logits for cell in grid_cells(predict, cells)]
        for name in at_once:
            cells = [benchmark.cell(name, severity) for severity in benchmark.severities]
            shape = (len(cells), len(cells[0]), num_classes)
            told = np.stack(measured) if name == own else np.zeros(shape, "float32")
            logits = sum_over_workers(strategy, told)
            found = [
                GridCell(name, cell.severity, one, cell.labels, cell.published)
                for cell, one in zip(cells, logits, strict=True)
            ]
            if cluster.is_chief:
                store_cells(kept, found)
            for cell in found:
                on_cell(cell)
