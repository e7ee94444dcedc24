"""One call that measures a classifier."""

import os
from collections.abc import Callable
from typing import Any

from tf_varmixup.calibration import fit_temperature, fit_vector_scaling
from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.evaluation.evaluation import Evaluation
from tf_varmixup.evaluation.grid import GridCell, grid_cells
from tf_varmixup.evaluation.prediction import predict_logits
from tf_varmixup.evaluation.predictor import Predictor
from tf_varmixup.evaluation.stored_grid import stored_grid_cells
from tf_varmixup.files import KeptFiles


def evaluate(
    predict: Predictor,
    test: Any,
    validation: Any = None,
    benchmark: CorruptionBenchmark | None = None,
    batch_size: int = 500,
    store: str | os.PathLike[str] | KeptFiles | None = None,
    on_cell: Callable[[GridCell], object] | None = None,
) -> Evaluation:
    """Measure a classifier on clean and on corrupted images, before and after calibration.

    Args:
        predict: A `Predictor`, such as `load_predictor` or `model_predictor` gives.
        test: A `Split` to report on, images `uint8 (N, H, W, C)` and class numbers.
        validation: A `Split` to fit temperature and vector scaling on, or None for neither.
        benchmark: The test images under corruptions, or None for clean ones alone.
        batch_size: Largest size of a batch.
        store: A folder that keeps each corruption's logits once they are there, so that a call that
            was interrupted goes on; or None.
        on_cell: Called with each `GridCell` once it is done, or None.

    Returns:
        An `Evaluation`.

    Raises:
        ValueError: If a split is empty, its labels do not fit the logits, or `predict` does not
            return `(B, K)`.

    Example:
        >>> from tf_varmixup.data import Split
        >>> images, labels = np.zeros((4, 8, 8, 1), "uint8"), np.array([0, 1, 0, 0])
        >>> predict = lambda images, indices: tf.tile([[2.0, 0.0]], [len(images), 1])
        >>> evaluate(predict, Split(images, labels)).metrics()["clean"]["accuracy"]
        0.75

    Source: Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions
    and Perturbations", arXiv 1903.12261; Guo et al., "On Calibration of Modern Neural Networks",
    arXiv 1706.04599, section 4.2, on temperature and vector scaling.
    """
    temperature, scaling = None, None
    if validation is not None:
        logits = predict_logits(predict, validation, batch_size)
        temperature = fit_temperature(logits, validation.labels)
        scaling = fit_vector_scaling(logits, validation.labels)
    logits = predict_logits(predict, test, batch_size)
    cells: list[GridCell] = []
    if benchmark is not None:
        measured = (
            grid_cells(predict, benchmark, batch_size)
            if store is None
            else stored_grid_cells(store, predict, benchmark, batch_size)
        )
        for cell in measured:
            cells.append(cell)
            if on_cell is not None:
                on_cell(cell)
    origin = {} if benchmark is None else benchmark.origin
    return Evaluation(logits, test.labels, cells, temperature, origin, scaling)
