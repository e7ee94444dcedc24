"""The best model by a metric that is not measured in every epoch."""

import math
import os
import pathlib
from typing import Any

from tf_varmixup.checks import check_choice, suggestion
from tf_varmixup.files import read_json, whole, write_json

from .copyable import CopyableCallback
from .weights_file import save_weights


class BestCheckpoint(CopyableCallback):
    """Save the model in each epoch in which a metric is better than ever before.

    Epochs without the metric are passed over: those that `CalibrationCallback(every=5)` or the
    `validation_freq` of `Model.fit` does not evaluate. Keras'
    `ModelCheckpoint(save_best_only=True)` saves the model in these as well, over the best one.

    The best value is kept beside the file, in `<path>.json`, so that a training that goes on after
    a stop, with an `initial_epoch` above 0, does not replace a better model.

    Args:
        path: File to write, ending in `.keras`, or in `.weights.h5` for the weights alone.
        monitor: Name of the metric in `logs`, such as "val_ece".
        mode: "min" or "max", which of its values is the best.

    Attributes:
        best: The best value so far, infinite before the first.

    Raises:
        ValueError: If the ending or `mode` is another; in the first epoch of a `fit`, if `logs`
            has no such metric.

    Example:
        >>> images, labels = np.zeros((4, 8, 8, 1), "uint8"), np.array([0, 1, 1, 0])
        >>> model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
        >>> model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        >>> best = BestCheckpoint("best.keras", monitor="loss", mode="min")
        >>> history = model.fit(images, labels, epochs=2, verbose=0, callbacks=[best])
        >>> best.best == min(history.history["loss"])
        True
    """

    def __init__(self, path: str | os.PathLike[str], monitor: str, mode: str) -> None:
        super().__init__()
        self.path = pathlib.Path(path)
        if not self.path.name.endswith((".keras", ".weights.h5")):
            raise ValueError(f"Expected path to end in .keras or .weights.h5. Received: {path}.")
        self.monitor = monitor
        self.mode = check_choice("mode", mode, ("min", "max"))
        self.best = math.inf if mode == "min" else -math.inf
        self._is_first = True

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Expect the metric in the epoch that follows."""
        self._is_first = True

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Where a training goes on, go on from the best value of before."""
        record = self._record()
        if not self._is_first or epoch == 0 or not (record.exists() and self.path.exists()):
            return
        kept = read_json(record)
        if (kept["monitor"], kept["mode"]) == (self.monitor, self.mode):
            self.best = (min if self.mode == "min" else max)(self.best, kept["best"])

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save the model if the metric was measured and is the best so far."""
        logs = logs or {}
        if self._is_first and self.monitor not in logs:
            raise ValueError(
                f"Expected monitor to be one of {', '.join(sorted(logs))}. "
                f"Received: {self.monitor!r}.{suggestion(self.monitor, logs)}"
            )
        self._is_first = False
        value = float(logs.get(self.monitor, math.nan))
        # False for NaN
        if value < self.best if self.mode == "min" else value > self.best:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with whole(self.path) as partial:
                if self.path.suffix == ".keras":
                    self.model.save(partial)
                else:
                    save_weights(self.model, partial)
            self.best = value
            kept = {"monitor": self.monitor, "mode": self.mode, "best": value}
            write_json(self._record(), kept)

    def _record(self) -> pathlib.Path:
        return self.path.with_name(f"{self.path.name}.json")
