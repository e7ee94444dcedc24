"""Accuracy and calibration under common corruptions, now and then while a classifier trains."""

import csv
import pathlib

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions import SEVERITIES, CorruptionBenchmark
from tf_varmixup.evaluation import grid_cells
from tf_varmixup.evaluation.prediction import even_batch_size
from tf_varmixup.evaluation.table import COLUMNS, cell_row
from tf_varmixup.images import as_float, as_uint8

from .periodic_evaluation import PeriodicEvaluation, class_numbers


class CorruptionRobustnessCallback(PeriodicEvaluation):
    """Measure a classifier under common corruptions while it trains.

    Puts the means over the grid of corruptions and severities, `accuracy`, `error` (the
    unnormalised mCE) and `ece`, into `logs`, each with the prefix, for the callbacks **later in the
    list**; with `csv_path` it also writes every cell. Works for any Keras classifier that takes
    `uint8` pictures, or pictures in [0, 1] of a floating-point type: it is given the type of
    `images`. The corruptions are the same in every epoch, and are computed ahead of the model in a
    thread; their graphs are traced in the first evaluation and kept. Under a distribution strategy
    the pictures run on one replica, with the weights that would be saved.

    Evaluated are the epochs whose number (from 0) is a multiple of `every`, and the first and last
    of each `fit`; the figures of the others are NaN.

    Args:
        images: `(N, H, W, C)`, `uint8`, or of a floating-point type in [0, 1].
        labels: class numbers `(N,)` or `(N, 1)`, or one-hot `(N, K)`.
        corruptions: "benchmark", "validation", "all", or names of corruptions, see
            `CorruptionBenchmark`.
        severities: integers from 1 to 5.
        max_pictures: how many pictures to take, the first ones; None for all.
        every: run every how many epochs.
        csv_path: None, or a file to which each evaluation appends one row a cell: epoch,
            corruption, severity, accuracy, error, ece, nll.
        from_logits: whether the model returns logits or probabilities.
        prefix: what precedes each name in `logs`.
        batch_size: largest size of a batch.
        seed: Python integer, seed of the corruptions.

    Raises:
        ValueError: if the pictures are of another type, outside [0, 1] or too small, the labels do
            not fit them, a corruption or severity does not exist, a number is not a positive
            integer, or `csv_path` is a file with other columns.

    Example:
        >>> robustness = CorruptionRobustnessCallback(data.validation.images, data.validation.labels, every=5, csv_path="robustness.csv")
        >>> model.fit(training, epochs=20, callbacks=[robustness, keras.callbacks.CSVLogger("history.csv")])
    """

    NAMES = ("accuracy", "error", "ece")

    def __init__(
        self,
        images,
        labels,
        corruptions="benchmark",
        severities=SEVERITIES,
        max_pictures=1000,
        every=1,
        csv_path=None,
        from_logits=True,
        prefix="corrupted_",
        batch_size=250,
        seed=0,
    ):
        super().__init__(self.NAMES, prefix, every, from_logits)
        images = np.asarray(images)
        if images.dtype != np.uint8 and not np.issubdtype(images.dtype, np.floating):
            raise ValueError(
                f"expected pictures of type uint8 or floating-point ones in [0, 1], received {images.dtype}"
            )
        if (
            images.dtype != np.uint8
            and images.size
            and not (images.min() >= 0 and images.max() <= 1)
        ):
            raise ValueError(
                f"floating-point pictures must lie in [0, 1], received {images.min()} to {images.max()}"
            )
        self._image_dtype, self.batch_size = images.dtype, batch_size
        with tf.device("CPU:0"):
            levels = as_uint8(images).numpy()
        self.benchmark = CorruptionBenchmark(
            (levels, class_numbers(labels)), corruptions, severities, max_pictures, seed
        )
        self.csv_path = None if csv_path is None else pathlib.Path(csv_path)
        if self.csv_path is not None:
            _check_header(self.csv_path)
        even_batch_size(
            len(self.benchmark.labels), batch_size
        )  # judged here rather than after an epoch

    def evaluate(self, epoch):
        """Return the means over the grid, and append the cells to the file."""
        rows = [
            {"epoch": epoch, **cell_row(cell)}
            for cell in grid_cells(self._predict, self.benchmark, self.batch_size)
        ]
        if self.csv_path is not None:
            _append(self.csv_path, rows)
        return {name: np.mean([row[name] for row in rows]) for name in self.NAMES}

    def _predict(self, images):
        return self.logits(
            images
            if self._image_dtype == np.uint8
            else tf.cast(as_float(images), self._image_dtype)
        )


def _header(path):
    """Return the first row of a CSV file, None if the file is missing or empty."""
    if not path.exists():
        return None
    with open(path, newline="", encoding="utf-8") as file:
        return next(csv.reader(file), None)


def _check_header(path):
    if _header(path) not in (None, ["epoch", *COLUMNS]):
        raise ValueError(
            f"{path} exists with other columns than epoch, {', '.join(COLUMNS)}: {', '.join(_header(path))}"
        )


def _append(path, rows):
    _check_header(path)
    new = _header(path) is None
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["epoch", *COLUMNS])
        if new:
            writer.writeheader()
        writer.writerows(rows)
