"""Calibration on held-out images while a classifier trains."""

from typing import Any

import numpy as np

from tf_varmixup.checks import check_count
from tf_varmixup.data.labeled import labeled_batches
from tf_varmixup.images import VALUE_RANGE, check_value_range
from tf_varmixup.metrics import MEASURES, classification_summary

from .periodic_evaluation import PeriodicEvaluation


class CalibrationCallback(PeriodicEvaluation):
    """Measure a classifier's calibration on held-out images while it trains.

    Puts `ece`, `signed_gap`, `overconfidence_error`, `underconfidence_error`, `brier` and `nll`, as
    `classification_summary` computes them, into `logs`, each with the prefix, where `CSVLogger`,
    `EarlyStopping(monitor="val_ece", mode="min")` and `BestCheckpoint` find them if they come
    **later in the list of callbacks**. Works for any Keras classifier, of logits or probabilities,
    and under a distribution strategy, where the images run on one replica and with the weights
    that would be saved.

    Evaluated are the epochs whose number (from 0) is a multiple of `every`, and the first and last
    of each `fit`; in the others `logs` has none of these names, as under `validation_freq`.

    Args:
        data: A pair `(images, labels)`, an object that has them as `images` and `labels` (a
            `Split`), or a finite `tf.data.Dataset` of such batches. Images are `(B, H, W, C)`,
            `uint8` or floating, and the model gets them as they are; labels are class numbers
            `(B,)` or `(B, 1)`, or one-hot `(B, K)`.
        from_logits: Whether the model returns logits or probabilities.
        num_bins: Number of equal-width bins of the top-1 confidence.
        prefix: What precedes each name in `logs`.
        every: Evaluate once in this many epochs.
        batch_size: Largest batch; a `tf.data.Dataset` has its own.
        value_range: (0, 255), or (0, 1) for images in [0, 1].

    Raises:
        ValueError: If the data have another form, type, shape or range, or labels that do not fit
            them, or if a number is not a positive integer.

    Example:
        >>> images, labels = np.zeros((4, 8, 8, 1), "uint8"), np.array([0, 1, 1, 0])
        >>> model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
        >>> model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        >>> callbacks = [CalibrationCallback((images, labels))]
        >>> history = model.fit(images, labels, epochs=2, verbose=0, callbacks=callbacks)
        >>> len(history.history["val_ece"])
        2
    """

    # Keras' own metrics have an accuracy, under the same prefix.
    NAMES = tuple(
        one.name for one in MEASURES if one.formula and not one.detailed and one.name != "accuracy"
    )

    def __init__(
        self,
        data: Any,
        from_logits: bool = True,
        num_bins: int = 15,
        prefix: str = "val_",
        every: int = 1,
        batch_size: int = 256,
        value_range: tuple[int, int] = VALUE_RANGE,
    ) -> None:
        super().__init__(self.NAMES, prefix, every, from_logits)
        self.num_bins = check_count("num_bins", num_bins)
        self.value_range = check_value_range(value_range)
        self._batches = labeled_batches(data, batch_size, self.value_range)

    def evaluate(self, epoch: int) -> dict[str, float]:
        """Return the metrics of the held-out images."""
        logits, labels = [], []
        for images, class_numbers in self._batches:
            logits.append(self.logits(images).numpy())
            labels.append(class_numbers)
        return classification_summary(
            np.concatenate(logits),
            np.concatenate(labels),
            num_bins=self.num_bins,
            detailed=False,
        )
