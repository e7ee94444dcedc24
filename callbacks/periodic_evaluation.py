"""What the evaluating callbacks share: when they run, and how they run the model."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tf_varmixup.checks import check_count
from tf_varmixup.evaluation.predictor import Predictor, model_predictor
from tf_varmixup.images import VALUE_RANGE

from .copyable import CopyableCallback


class PeriodicEvaluation(CopyableCallback):
    """Abstract base of callbacks that evaluate the model at the end of some epochs.

    Evaluated are the epochs whose number, counted from 0, is a multiple of `every`, and the first
    and the last of each `fit`: the first, since `CSVLogger` takes its columns from it. The metrics
    go into `logs`. In the other epochs `logs` has none of them, as under the `validation_freq` of
    `Model.fit`: a NaN would count as no improvement for `EarlyStopping` and `ReduceLROnPlateau`.

    The model runs in inference mode in one `tf.function`, which is traced once per model:
    `Model.predict` builds a pipeline at each call, and `predict_on_batch` repeats the batch on
    every replica under a distribution strategy.

    Args:
        names: Names of the metrics.
        prefix: What precedes each name in `logs`.
        every: Evaluate once in this many epochs, a positive integer.
        from_logits: Whether the model returns logits or probabilities.

    Raises:
        ValueError: If `every` is not a positive integer, `prefix` not a string, or `from_logits`
            not a bool.

    Example:
        >>> images = np.full((2, 8, 8, 1), 100, "uint8")
        >>> class LargestLogit(PeriodicEvaluation):
        ...     def evaluate(self, epoch):
        ...         return {"largest_logit": tf.reduce_max(self.logits(images))}
        >>> model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
        >>> model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        >>> callback = LargestLogit(["largest_logit"], "val_", every=2, from_logits=True)
        >>> history = model.fit(images, np.array([0, 1]), epochs=4, verbose=0, callbacks=[callback])
        >>> len(history.history["loss"]), len(history.history["val_largest_logit"])
        (4, 3)
    """

    # Whether a `fit` goes on an earlier one, whose first epoch was measured already.
    resumed = False

    _left_behind: tuple[str, ...] = ("_model", "_predictor")

    def __init__(self, names: Iterable[str], prefix: str, every: int, from_logits: bool) -> None:
        super().__init__()
        if not isinstance(prefix, str):
            raise ValueError(f"Expected prefix to be a string. Received: {prefix!r}.")
        if not isinstance(from_logits, bool | np.bool_):
            raise ValueError(
                f"Expected from_logits to be True or False. Received: {type(from_logits).__name__}."
            )
        self.names = tuple(names)
        self.prefix = prefix
        self.every = check_count("every", every)
        self.from_logits = bool(from_logits)
        self._first_epoch: int | None = None
        self._predictor: Predictor | None = None

    def evaluate(self, epoch: int) -> dict[str, Any]:
        """Evaluate the model at the end of an epoch.

        Args:
            epoch: The epoch's number, counted from 0.

        Returns:
            A dict of name to number, with at least the names given to the constructor.
        """
        raise NotImplementedError

    def logits(self, images: Any) -> tf.Tensor:
        """Run the model in inference mode.

        Args:
            images: Batch `(B, H, W, C)` as the model takes it.

        Returns:
            Logits, a `float32` tensor `(B, K)`: the logarithms of probabilities where the model
            returns these.
        """
        if self._predictor is None:
            # The images are in the model's own range already.
            self._predictor = model_predictor(self.model, self.from_logits, VALUE_RANGE)
        return self._predictor(images, tf.range(len(images)))

    def set_model(self, model: keras.Model) -> None:
        """Take the model to evaluate; Keras calls it at the beginning of a `fit`.

        Args:
            model: A Keras model.

        Raises:
            ValueError: If the model says that it takes images in another range than the callback's.
        """
        own, given = (getattr(one, "value_range", None) for one in (model, self))
        if None not in (own, given) and own != given:
            raise ValueError(
                f"Expected value_range of {type(self).__name__} to be that of the model, {own}. "
                f"Received: {given}."
            )
        if model is not self.model:
            self._predictor = None
        super().set_model(model)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forget which epoch was the first of an earlier `fit`."""
        self._first_epoch = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Put the metrics into `logs` where the epoch is one to evaluate."""
        if self._first_epoch is None:
            self._first_epoch = epoch
        last = self.model.stop_training or epoch + 1 == self.params.get("epochs")
        first = epoch == self._first_epoch and not self.resumed
        if logs is not None and (epoch % self.every == 0 or first or last):
            metrics = self.evaluate(epoch)
            logs.update({self.prefix + name: float(metrics[name]) for name in self.names})
