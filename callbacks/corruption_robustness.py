"""Accuracy and calibration under common corruptions while a classifier trains."""

import csv
import io
import os
import pathlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup.checks import check_count, renamed
from tf_varmixup.corruptions import SEVERITIES, CorruptionBenchmark
from tf_varmixup.data.labeled import labeled_arrays
from tf_varmixup.evaluation import cell_row, grid_cells
from tf_varmixup.evaluation.table import COLUMNS
from tf_varmixup.files import write_bytes
from tf_varmixup.images import VALUE_RANGE, check_value_range, from_unit, to_uint8, to_unit
from tf_varmixup.metrics import brief_measures

from .periodic_evaluation import PeriodicEvaluation


class CorruptionRobustnessCallback(PeriodicEvaluation):
    """Measure a classifier under common corruptions while it trains.

    Puts the means over the grid of corruptions and severities, `accuracy`, `error` (the
    unnormalized mCE) and `ece`, into `logs`, each with the prefix, for the callbacks **later in the
    list**; with `csv_path` it also writes every cell. Works for any Keras classifier: it is given
    images of the type and range of `data`. The corruptions are the same in every epoch, and are
    computed ahead of the model in a thread; their graphs are traced in the first evaluation and
    kept. Under a distribution strategy the images run on one replica, with the weights that would
    be saved.

    Evaluated are the epochs whose number (from 0) is a multiple of `every`, and the first and last
    of each `fit`; in the others `logs` has none of these names, as under `validation_freq`.

    Args:
        data: A pair `(images, labels)`, an object that has them as `images` and `labels` (a
            `Split`), or a finite `tf.data.Dataset` of pairs; or images alone, with `labels`.
            Images are `(N, H, W, C)`, `uint8` or floating; labels are class numbers `(N,)` or
            `(N, 1)`, or one-hot `(N, K)`.
        labels: The labels where `data` is images alone.
        corruptions: "benchmark", "validation", "all", or names of corruptions, see
            `CorruptionBenchmark`.
        severities: Integers from 1 to 5.
        max_images: How many images to take, the first ones; None for all.
        every: Evaluate once in this many epochs.
        csv_path: None, or a file to which each evaluation appends a row per cell: epoch,
            corruption, severity, accuracy, error, ece, nll.
        from_logits: Whether the model returns logits or probabilities.
        prefix: What precedes each name in `logs`.
        batch_size: Largest size of a batch.
        seed: Python integer, seed of the corruptions.
        value_range: (0, 255), or (0, 1) for images, and a model, in [0, 1].

    Raises:
        ValueError: If the data have another form, type or range or are too small, the labels do
            not fit them, a corruption or severity does not exist, a number is not a positive
            integer, or `csv_path` is a file with other columns.

    Example:
        >>> images, labels = np.full((4, 8, 8, 1), 100, "uint8"), np.array([0, 1, 1, 0])
        >>> model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
        >>> model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        >>> robustness = CorruptionRobustnessCallback((images, labels), None, ["contrast"], [3])
        >>> history = model.fit(images, labels, verbose=0, callbacks=[robustness])
        >>> sorted(history.history)
        ['corrupted_accuracy', 'corrupted_ece', 'corrupted_error', 'loss']
    """

    # Shares alone: corrupted_nll would be a column that histories of earlier versions lack.
    NAMES = tuple(one.name for one in brief_measures() if one.unit == "%")

    @renamed(images="data", max_pictures="max_images")
    def __init__(
        self,
        data: Any,
        labels: Any = None,
        corruptions: str | Iterable[str] = "benchmark",
        severities: int | Iterable[int] = SEVERITIES,
        max_images: int | None = 1000,
        every: int = 1,
        csv_path: str | os.PathLike[str] | None = None,
        from_logits: bool = True,
        prefix: str = "corrupted_",
        batch_size: int = 250,
        seed: int = 0,
        value_range: tuple[int, int] = VALUE_RANGE,
    ) -> None:
        super().__init__(self.NAMES, prefix, every, from_logits)
        self.batch_size = check_count("batch_size", batch_size)
        self.value_range = check_value_range(value_range)
        if max_images is not None:
            check_count("max_images", max_images)
        if labels is not None:
            _check_images_alone(data)
            data = (data, labels)
        images, labels = labeled_arrays(data, max_images, self.value_range)
        self._image_dtype = images.dtype
        with tf.device("CPU:0"):
            images = to_uint8(images if self.value_range == VALUE_RANGE else from_unit(images))
        self.benchmark = CorruptionBenchmark(
            (images.numpy(), labels), corruptions, severities, seed=seed
        )
        self.csv_path = None if csv_path is None else pathlib.Path(csv_path)
        if self.csv_path is not None:
            _check_header(self.csv_path)

    def evaluate(self, epoch: int) -> dict[str, float]:
        """Return the means over the grid, and append the cells to the file."""
        cells = grid_cells(self._predict, self.benchmark, self.batch_size)
        rows = [{"epoch": epoch, **cell_row(cell)} for cell in cells]
        if self.csv_path is not None:
            _append(self.csv_path, rows)
        return {name: float(np.mean([row[name] for row in rows])) for name in self.NAMES}

    def _predict(self, images: tf.Tensor, indices: tf.Tensor) -> tf.Tensor:
        if self.value_range != VALUE_RANGE:
            images = to_unit(images)
            if self._image_dtype == np.uint8:  # which would leave 0 and 1 alone
                return self.logits(images)
        return self.logits(tf.cast(images, self._image_dtype))


def _check_images_alone(data: Any) -> None:
    if isinstance(data, tuple | tf.data.Dataset) or hasattr(data, "labels"):
        raise ValueError(
            "Expected labels beside images alone. "
            f"Received: labels beside a {type(data).__name__}, which has its own."
        )


def _check_header(path: pathlib.Path) -> list[str] | None:
    """Return a file's columns, or None if it is new; raise ValueError if they are others."""
    if not path.exists():
        return None
    with open(path, newline="", encoding="utf-8") as file:
        header = next(csv.reader(file), None)
    # Files of earlier versions end with a column less, and go on so.
    if header is not None and header not in (["epoch", *COLUMNS], ["epoch", *COLUMNS[:-1]]):
        raise ValueError(
            f"Expected {path} to have the columns epoch, {', '.join(COLUMNS)}. "
            f"Received: {', '.join(header)}."
        )
    return header


def _append(path: pathlib.Path, rows: list[dict[str, Any]]) -> None:
    header = _check_header(path)
    before = path.read_bytes() if path.exists() else b""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header or ["epoch", *COLUMNS], extrasaction="ignore")
    if not before:
        writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, before + text.getvalue().encode("utf-8"))
