"""Calibration on held-out pictures after each epoch."""

import numpy as np
import tensorflow as tf

from tf_varmixup.metrics import classification_summary

from .periodic_evaluation import PeriodicEvaluation, class_numbers


class CalibrationCallback(PeriodicEvaluation):
    """Measure a classifier's calibration on held-out data while it trains.

    Puts `ece`, `signed_gap`, `overconfidence_error`, `brier` and `nll`, as `classification_summary`
    defines them, into `logs`, each with the prefix, where `CSVLogger`,
    `EarlyStopping(monitor="val_ece", mode="min")` and `ModelCheckpoint` find them if they come
    **later in the list of callbacks**. Works for any Keras classifier, with its own pictures,
    sparse or one-hot labels, logits or probabilities, and under a distribution strategy, where the
    pictures run on one replica and with the weights that would be saved.

    Evaluated are the epochs whose number (from 0) is a multiple of `every`, and the first and last
    of each `fit`; the figures of the others are NaN.

    Args:
        data: pair of arrays `(images, labels)`, or a finite `tf.data.Dataset` of such batches; the
            pictures as the model takes them, the labels sparse `(B,)`, `(B, 1)` or one-hot `(B,
            K)`.
        from_logits: whether the model returns logits or probabilities.
        num_bins: number of equal-width bins of the top-1 confidence.
        prefix: what precedes each name in `logs`.
        every: run every how many epochs.
        batch_size: largest batch, for arrays; a `tf.data.Dataset` has its own.

    Raises:
        ValueError: if `data` is neither of the two, is empty or without end, or a number is not a
            positive integer.

    Example:
        >>> callbacks = [CalibrationCallback(validation), keras.callbacks.CSVLogger("history.csv")]
        >>> model.fit(training, epochs=10, callbacks=callbacks)
    """

    NAMES = ("ece", "signed_gap", "overconfidence_error", "brier", "nll")

    def __init__(self, data, from_logits=True, num_bins=15, prefix="val_", every=1, batch_size=256):
        super().__init__(self.NAMES, prefix, every, from_logits)
        for name, value in (("num_bins", num_bins), ("batch_size", batch_size)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be a positive integer, received {value!r}")
        self.num_bins = num_bins
        self._batches = _batches(data, batch_size)

    def evaluate(self, epoch):
        """Return the five figures of the held-out data."""
        logits, labels = [], []
        for images, batch_labels in self._batches:
            logits.append(self.logits(images).numpy())
            labels.append(class_numbers(batch_labels))
        if not logits:
            raise ValueError("expected data with at least one batch, received none")
        return classification_summary(
            np.concatenate(logits), np.concatenate(labels), num_bins=self.num_bins
        )


def _batches(data, batch_size):
    """Make a `tf.data.Dataset` of the two forms of `data`."""
    if isinstance(data, tf.data.Dataset):
        if data.cardinality() == tf.data.INFINITE_CARDINALITY:
            raise ValueError(
                "expected a finite tf.data.Dataset, received one that repeats without end"
            )
        if not isinstance(data.element_spec, tuple) or len(data.element_spec) != 2:
            raise ValueError(
                f"expected a tf.data.Dataset of (images, labels), received {data.element_spec}"
            )
        return data
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise ValueError(
            f"expected a pair of arrays (images, labels) or a tf.data.Dataset, received {type(data).__name__}"
        )
    images, labels = np.asarray(data[0]), class_numbers(data[1])
    if len(images) < 1 or len(images) != len(labels):
        raise ValueError(
            f"expected a label for each of at least one picture, received {len(images)} pictures and {len(labels)} labels"
        )
    with tf.device("CPU:0"):
        return (
            tf.data.Dataset.from_tensor_slices((images, labels))
            .batch(batch_size)
            .prefetch(tf.data.AUTOTUNE)
        )
