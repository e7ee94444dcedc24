"""One progress bar for a whole training."""

from collections.abc import Iterable
from typing import Any

import rich.console
import rich.progress

from tf_varmixup.checks import renamed

from .copyable import CopyableCallback


class TrainingProgress(CopyableCallback):
    """Show a training as one bar over all its steps, with the metrics of the last epoch.

    Where the output is not a terminal, a line is printed for every tenth of the epochs instead.

    Args:
        description: What is trained.
        metrics: Names of the metrics in `logs` to show.

    Example:
        >>> model = keras.Sequential([keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> progress = TrainingProgress("regression", ["loss"])
        >>> inputs = np.zeros((4, 1))
        >>> history = model.fit(inputs, inputs, epochs=2, verbose=0, callbacks=[progress])
        regression  epoch 1/2  loss 0
        regression  epoch 2/2  loss 0
    """

    _left_behind = ("_model", "_console", "_progress")

    @renamed(figures="metrics")
    def __init__(self, description: str, metrics: Iterable[str]) -> None:
        super().__init__()
        self.description = description
        self.metrics = list(metrics)
        self._console: rich.console.Console | None = None
        self._progress: rich.progress.Progress | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Draw the bar before the first epoch, where there is a terminal."""
        console = self._output()
        if self._progress is not None or not console.is_terminal:
            return
        total = self.params["epochs"] * self.params["steps"] if self.params.get("steps") else None
        columns = (
            rich.progress.TextColumn("[bold]{task.description:>10}"),
            rich.progress.BarColumn(),
            rich.progress.TimeElapsedColumn(),
            rich.progress.TimeRemainingColumn(),
            rich.progress.TextColumn("{task.fields[metrics]}"),
        )
        self._progress = rich.progress.Progress(*columns, console=console)
        self._progress.add_task(
            self.description,
            total=total,
            completed=epoch * (self.params.get("steps") or 0),
            metrics="",
        )
        self._progress.start()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move the bar by a step."""
        if self._progress is not None:
            self._progress.advance(self._progress.task_ids[0])

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Show the epoch's metrics beside the bar, or print a line."""
        logs, epochs = logs or {}, self.params["epochs"]
        shown = (f"{name} {logs[name]:.4g}" for name in self.metrics if name in logs)
        text = "  ".join([f"epoch {epoch + 1}/{epochs}", *shown])
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], metrics=text)
        elif epoch + 1 == epochs or (epoch + 1) % max(1, epochs // 10) == 0:
            line = f"{self.description:>10}  {text}"
            self._output().print(line, highlight=False, soft_wrap=True)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Give the terminal back."""
        self.close()

    def close(self) -> None:
        """Give the terminal back; Keras does not call `on_train_end` after an exception."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = None

    def _output(self) -> rich.console.Console:
        if self._console is None:
            self._console = rich.console.Console()
        return self._console
