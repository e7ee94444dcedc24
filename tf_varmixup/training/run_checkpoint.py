"""The state of a training, kept so that a run that was stopped goes on from it bit for bit."""

import json
import math
import pathlib
import time
from typing import Any

import keras
import numpy as np

from tf_varmixup.run import history
from tf_varmixup.run.folder import RunFolder

GENERATIONS = 2  # where the last file is damaged, the one before it serves
_CURVES = "curves"  # in the file, beside the numbered variables


class RunCheckpoint(keras.callbacks.Callback):
    """Keep the state of a training after each epoch, and within epochs that are long.

    A state is one file: the weights, the optimizer's variables, the metrics of the epoch so far,
    all of them as each replica has them, and the learning curves. The position in the data follows
    from the model's own count of steps. The last two states are kept. They are arrays of NumPy,
    since HDF5 ends the process where it finds the disk full.

    Args:
        run: The run's folder.
        name: Of the training, what the files begin with.
        steps_per_epoch: Positive integer.
        minutes: How often a state is kept within an epoch, a positive number; None for never.
        curves: File of the learning curves, written after each epoch; or None.

    Raises:
        FloatingPointError: After a step whose loss is not finite. The last states stay.
    """

    def __init__(
        self,
        run: RunFolder,
        name: str,
        steps_per_epoch: int,
        minutes: float | None = None,
        curves: pathlib.Path | None = None,
    ) -> None:
        super().__init__()
        self.run, self.name, self.steps_per_epoch = run, name, steps_per_epoch
        self.seconds = math.inf if minutes is None else 60.0 * minutes
        self.curves = curves
        self._rows: list[dict[str, float]] = []
        self._measured: list[np.ndarray] = []  # of the metrics in the epoch that is resumed
        self._skipped = 0  # steps of the epoch that is resumed, still to be passed over
        self._kept_at = 0.0

    def restore(self, model: keras.Model) -> int:
        """Load the last good state, if there is one, into a compiled model.

        Args:
            model: A `VicinalClassifier` or a `VariationalAutoencoder`, compiled; any model with a
                weight `step` that counts its training steps.

        Returns:
            The number of steps that were taken, 0 if nothing was kept.

        Raises:
            OSError: If the state is of another version of the library.
        """
        path = self.run.kept.find(self._file("*"))
        step = 0
        if path is not None:
            with model.distribute_strategy.scope():
                model.optimizer.build(model.trainable_variables)
            try:
                self._load(model, path)
            except (ValueError, KeyError) as error:
                raise OSError(
                    f"Expected {path} to be a state of this version of the library. Received: "
                    f"one that does not fit. Choose another run_dir. ({str(error)[:200]})"
                ) from error
            step = int(keras.ops.convert_to_numpy(model.step))
        if self.curves is not None:
            history.write(self.curves, self._rows)
        self._skipped = step % self.steps_per_epoch
        return step

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begin to count the minutes."""
        self._kept_at = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Go on within the epoch that is resumed, its metrics as they were."""
        if not self._skipped:
            return
        _assign(_parts(self.model.metrics_variables), self._measured)
        self._measured = []
        step = self.model.train_function

        def pass_over(iterator: Any) -> dict[str, Any]:
            if self._skipped:
                self._skipped -= 1
                return {}
            self.model.train_function = step
            return step(iterator)

        self.model.train_function = pass_over

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Check the loss, and keep the state where it is time to."""
        logs = logs or {}
        if "loss" not in logs:  # a step that was taken before the run was resumed
            return
        self._check_loss(logs["loss"])
        is_last = batch + 1 == self.steps_per_epoch
        if not is_last and time.monotonic() - self._kept_at >= self.seconds:
            self._keep(self.model.metrics_variables)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Add a row to the learning curves, and keep the state."""
        logs = logs or {}
        self._check_loss(logs.get("loss", 0.0))
        self._rows.append({name: float(value) for name, value in logs.items()})
        self._keep([])
        if self.curves is not None:
            history.write(self.curves, self._rows)

    def _check_loss(self, loss: float) -> None:
        if not math.isfinite(loss):
            self._stop("loss", f"{loss}")

    def _stop(self, what: str, received: str) -> None:
        step = int(keras.ops.convert_to_numpy(self.model.step))
        last = self.run.kept.find(self._file("*"))
        kept = ""
        if last is not None:
            kept = f" The state after step {_step_of(last):,} is kept in {last}."
        raise FloatingPointError(
            f"Expected a finite {what} of {self.name} in epoch "
            f"{(step - 1) // self.steps_per_epoch + 1}, step {step:,}. Received: {received}. The "
            f"training diverged.{kept} Try {_advice(self.name)} in another run_dir."
        )

    def _file(self, step: str) -> str:
        return f"{self.name}-{step}.npz"

    def _keep(self, measured: list[Any]) -> None:
        if not all(
            np.isfinite(_array(part)).all() for part in _parts(self.model.trainable_variables)
        ):
            self._stop("number for every weight", "others")
        step = int(keras.ops.convert_to_numpy(self.model.step))
        parts = _parts([*_variables(self.model), *measured])
        arrays: dict[str, Any] = {f"{number:06}": _array(part) for number, part in enumerate(parts)}
        arrays[_CURVES] = np.array(json.dumps(self._rows))
        with self.run.kept.writing(self._file(f"{step:012}")) as partial:
            np.savez(partial, **arrays)
        self._kept_at = time.monotonic()
        for path in self.run.kept.named(self._file("*"))[GENERATIONS:]:
            path.unlink()

    def _load(self, model: keras.Model, path: pathlib.Path) -> None:
        parts = _parts(_variables(model))
        with np.load(path, allow_pickle=False) as stored:
            arrays = [stored[name] for name in sorted(stored.files) if name != _CURVES]
            rows = json.loads(str(stored[_CURVES]))
        _assign(parts, arrays[: len(parts)])
        self._rows, self._measured = rows, arrays[len(parts) :]


def _advice(name: str) -> str:
    return {
        "classifier": "half the learning_rate, or precision float32",
        "vae": "a larger likelihood_scale, or precision float32",
    }.get(name, "a lower learning rate")


def _step_of(path: pathlib.Path) -> int:
    return int(path.name.split(".")[0].rpartition("-")[2])


def _variables(model: keras.Model) -> list[Any]:
    """Return all that a training changes but the metrics, which begin anew with each epoch."""
    return [*model.variables, *model.optimizer.variables]


def _parts(variables: list[Any]) -> list[Any]:
    """Return variables of TensorFlow, where they differ between replicas one for each."""
    return [part for one in variables for part in getattr(one.value, "values", (one.value,))]


def _array(part: Any) -> np.ndarray:
    return np.asarray(part)


def _assign(parts: list[Any], arrays: list[np.ndarray]) -> None:
    for part, array in zip(parts, arrays, strict=True):
        part.assign(array)
