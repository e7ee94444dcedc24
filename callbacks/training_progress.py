"""One progress bar for a whole training."""

import keras
import rich.console
import rich.progress


class TrainingProgress(keras.callbacks.Callback):
    """Show a training as one bar over all its steps, with the figures of the last epoch.

    Where the output is not a terminal, a line is printed for every tenth of the epochs instead.

    Args:
        description: what is trained.
        figures: names of the figures in `logs` to show.

    Example:
        >>> model.fit(images, labels, epochs=20, verbose=0, callbacks=[TrainingProgress("classifier", ["loss", "val_accuracy"])])
    """

    def __init__(self, description, figures):
        super().__init__()
        self.description = description
        self.figures = list(figures)
        self._console = rich.console.Console()
        self._progress = None
        self._task = None

    def on_epoch_begin(self, epoch, logs=None):
        if self._progress is not None or not self._console.is_terminal:
            return
        total = self.params["epochs"] * self.params["steps"] if self.params.get("steps") else None
        columns = (
            rich.progress.TextColumn("[bold]{task.description:>10}"),
            rich.progress.BarColumn(),
            rich.progress.TimeElapsedColumn(),
            rich.progress.TimeRemainingColumn(),
            rich.progress.TextColumn("{task.fields[figures]}"),
        )
        self._progress = rich.progress.Progress(*columns, console=self._console)
        self._task = self._progress.add_task(
            self.description,
            total=total,
            completed=epoch * (self.params.get("steps") or 0),
            figures="",
        )
        self._progress.start()

    def on_train_batch_end(self, batch, logs=None):
        if self._progress is not None:
            self._progress.advance(self._task)

    def on_epoch_end(self, epoch, logs=None):
        epochs = self.params["epochs"]
        text = "  ".join(
            [
                f"epoch {epoch + 1}/{epochs}",
                *(f"{name} {logs[name]:.4g}" for name in self.figures if name in (logs or {})),
            ]
        )
        if self._progress is not None:
            self._progress.update(self._task, figures=text)
        elif epoch + 1 == epochs or (epoch + 1) % max(1, epochs // 10) == 0:
            self._console.print(f"{self.description:>10}  {text}", highlight=False, soft_wrap=True)

    def on_train_end(self, logs=None):
        self.close()

    def close(self):
        """Give the terminal back; Keras does not say that a training ended when it ended by an
        exception."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = None
