"""What an interrupted training goes on from."""

import math
import os
import pathlib

import keras


class EpochCheckpoint(keras.callbacks.Callback):
    """Save the training state after every epoch, whole or not at all.

    The state is one file, weights and the optimizer's variables together, that is put in place by a
    rename. Keras' own `BackupAndRestore` writes the epoch's number to a second file, so that a run
    stopped between the two would repeat an epoch; here the number follows from the model's own
    count of steps.

    Args:
        path: file to write, ending in `.weights.h5`.

    Raises:
        FloatingPointError: at the end of an epoch whose loss is not finite. Training on would be in
            vain; the state before is kept.

    Example:
        >>> checkpoint = EpochCheckpoint("checkpoints/classifier.weights.h5")
        >>> first_epoch = checkpoint.restore(model, steps_per_epoch)
        >>> model.fit(batches, initial_epoch=first_epoch, epochs=20, steps_per_epoch=steps_per_epoch, callbacks=[checkpoint])
    """

    def __init__(self, path):
        super().__init__()
        self.path = pathlib.Path(path)

    def restore(self, model, steps_per_epoch):
        """Load the saved state, if there is one, into a compiled model with a `step` weight that
        counts its training steps.

        Args:
            model: a `VicinalClassifier` or a `VariationalAutoencoder`, compiled.
            steps_per_epoch: positive integer.

        Returns:
            The number of finished epochs, 0 if nothing was saved.
        """
        if not self.path.exists():
            return 0
        with model.distribute_strategy.scope():
            model.optimizer.build(model.trainable_variables)
        model.load_weights(self.path)
        return int(keras.ops.convert_to_numpy(model.step)) // steps_per_epoch

    def on_epoch_end(self, epoch, logs=None):
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"the training of {self.model.name} diverged: its loss is {loss} in epoch {epoch + 1}."
            )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_name(f"partial-{self.path.name}")
        self.model.save_weights(partial, overwrite=True)
        os.replace(partial, self.path)
