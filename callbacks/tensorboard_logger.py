"""A training in TensorBoard."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup.calibration import reliability_bins
from tf_varmixup.checks import check_installed
from tf_varmixup.data.labeled import labeled_batches
from tf_varmixup.images import VALUE_RANGE, check_value_range, to_uint8

# Matplotlib, and what draws with it, is imported once there is something to draw.
from .periodic_evaluation import PeriodicEvaluation

_SHOWN = 24  # images


class TensorBoardLogger(PeriodicEvaluation):
    """Write a training's scalars, images and reliability diagrams for TensorBoard.

    Scalars are everything in `logs`, so that the callback belongs **after those that measure**, and
    the learning rate, in every epoch. Reliability diagrams and images are written in the epochs
    whose number (from 0) is a multiple of `every`, and in the first and last of each `fit`. It
    needs the package tensorboard: `pip install ".[tensorboard]"` in a checkout.

    Args:
        log_dir: Folder of the event files, to be shown by `tensorboard --logdir`.
        data: Labeled images to draw the reliability diagram of, in a form that
            `CalibrationCallback` takes; None for no diagram.
        images: Mapping of a name to a function without arguments that returns what is to be shown
            under it: images `(N, H, W, C)` in 0..255, or a pair of such images and soft labels
            `(N, K)`, which are written below them.
        class_names: The K names, for soft labels; by default their numbers.
        every: Write diagrams and images once in this many epochs.
        from_logits: Whether the model returns logits or probabilities.
        batch_size: Largest batch; a `tf.data.Dataset` has its own.
        value_range: (0, 255), or (0, 1) for images, `data` and `images` alike, in [0, 1].

    Raises:
        ImportError: If tensorboard is not installed.
        ValueError: If the data have another form, type, shape or range, or if a number is not a
            positive integer.

    Example:
        >>> images, labels = np.zeros((4, 8, 8, 1), "uint8"), np.array([0, 1, 1, 0])
        >>> logger = TensorBoardLogger("logs", (images, labels))  # doctest: +SKIP
        >>> model.fit(images, labels, epochs=10, callbacks=[logger])  # doctest: +SKIP
    """

    _left_behind = (*PeriodicEvaluation._left_behind, "_writer")

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        data: Any = None,
        images: Mapping[str, Callable[[], Any]] | None = None,
        class_names: Any = None,
        every: int = 1,
        from_logits: bool = True,
        batch_size: int = 256,
        value_range: tuple[int, int] = VALUE_RANGE,
    ) -> None:
        check_installed("tensorboard", "tensorboard")
        super().__init__((), "", every, from_logits)
        self.log_dir = os.fspath(log_dir)
        self.value_range = check_value_range(value_range)
        self.images = dict(images or {})
        self.class_names = class_names
        self._batches = None if data is None else labeled_batches(data, batch_size, value_range)
        self._writer: Any = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the scalars, and where the epoch is one to evaluate, diagram and images."""
        scalars = {**(logs or {}), "learning_rate": self._learning_rate()}
        with self._open().as_default(step=epoch):
            for name, value in scalars.items():
                if value is not None:
                    tf.summary.scalar(name, float(value))
            super().on_epoch_end(epoch, {} if logs is None else logs)
        self._open().flush()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Close the event file."""
        if self._writer is not None:
            self._writer.close()
        self._writer = None

    def evaluate(self, epoch: int) -> dict[str, Any]:
        """Write the reliability diagram and the images."""
        from tf_varmixup.report import reliability_diagram

        if self._batches is not None:
            _write_plot("reliability", reliability_diagram({"validation": self._bins()}))
        for name, make in self.images.items():
            shown = make()
            if isinstance(shown, tuple):
                _write_plot(name, self._with_labels(*shown))
            else:
                given = tf.convert_to_tensor(shown)[:_SHOWN]
                scale = 255.0 if self.value_range != VALUE_RANGE else 1.0
                pixels = to_uint8(scale * tf.cast(given, tf.float32))
                tf.summary.image(name, pixels, max_outputs=_SHOWN)
        return {}

    def _bins(self) -> Any:
        logits, labels = [], []
        for images, class_numbers in self._batches or ():
            logits.append(self.logits(images).numpy())
            labels.append(class_numbers)
        return reliability_bins(np.concatenate(logits), np.concatenate(labels))

    def _with_labels(self, images: Any, labels: Any) -> Any:
        from tf_varmixup.report import training_batch

        images, labels = (np.asarray(part)[:_SHOWN] for part in (images, labels))
        names = range(labels.shape[-1]) if self.class_names is None else self.class_names
        return training_batch(images, labels, names, self.value_range)

    def _learning_rate(self) -> Any:
        return getattr(getattr(self.model, "optimizer", None), "learning_rate", None)

    def _open(self) -> Any:
        if self._writer is None:
            self._writer = tf.summary.create_file_writer(self.log_dir)
        return self._writer


def _write_plot(name: str, figure: Any) -> None:
    from tf_varmixup.report.drawing import png

    tf.summary.image(name, tf.io.decode_png(png(figure), channels=3)[None])
