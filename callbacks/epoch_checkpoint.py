"""The training state after each epoch, which an interrupted training is resumed from."""

import hashlib
import math
import os
import pathlib
from typing import Any

import keras

from tf_varmixup.files import whole

from .copyable import CopyableCallback
from .weights_file import save_weights

# What follows the state in the file, where HDF5 does not look.
_EPOCH, _MARK = b"\nepoch ", b"\nsha256 "


class EpochCheckpoint(CopyableCallback):
    """Save the training state after every epoch, whole or not at all.

    The state is one file, weights and the optimizer's variables together, that is put in place by a
    rename. Keras' own `BackupAndRestore` writes the epoch's number to a second file, so that a run
    stopped between the two would repeat an epoch; here the number stands at the end of the state,
    before a digest of both, so that a file that was changed is not taken for what was written.
    `Model.load_weights` reads it as any other.

    Args:
        path: File to write, ending in `.weights.h5`.

    Raises:
        ValueError: If the ending is another.
        FloatingPointError: At the end of an epoch whose loss is not finite. Training on would be in
            vain; the state before is kept.

    Example:
        >>> from tf_varmixup import EmpiricalRisk, VicinalClassifier
        >>> images, labels = np.full((4, 8, 8, 1), 100, "uint8"), np.eye(2)[[0, 1, 1, 0]]
        >>> backbone = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])
        >>> backbone.add(keras.layers.Dense(2))
        >>> model = VicinalClassifier(backbone, EmpiricalRisk())
        >>> model.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True))
        >>> checkpoint = EpochCheckpoint("checkpoint.weights.h5")
        >>> history = model.fit(images, labels, epochs=2, verbose=0, callbacks=[checkpoint])
        >>> checkpoint.restore(model, steps_per_epoch=1)
        2
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__()
        self.path = pathlib.Path(path)
        if not self.path.name.endswith(".weights.h5"):
            raise ValueError(f"Expected path to end in .weights.h5. Received: {path}.")

    def restore(self, model: keras.Model, steps_per_epoch: int) -> int:
        """Load the saved state, if there is one, into a compiled model.

        Args:
            model: A `VicinalClassifier` or a `VariationalAutoencoder`, compiled; any model with a
                weight `step` that counts its training steps.
            steps_per_epoch: Positive integer, for files of earlier versions, whose epochs are
                counted by it.

        Returns:
            The number of finished epochs, for `fit(initial_epoch=...)`; 0 if nothing was saved.

        Raises:
            OSError: If the file is not as it was written.
        """
        if not self.path.exists():
            return 0
        content, mark, digest = self.path.read_bytes().rpartition(_MARK)
        if mark and digest != _digest(content):  # earlier versions wrote none
            raise self._damaged("other contents")
        with model.distribute_strategy.scope():
            model.optimizer.build(model.trainable_variables)
        try:
            model.load_weights(self.path)
        except OSError as error:
            raise self._damaged(str(error)) from error
        finished = content.rpartition(_EPOCH)[2] if mark else b""
        if finished.isdigit() and len(finished) < 10:
            return int(finished)
        # Earlier versions wrote none; what the model did before this training counted as well.
        return int(keras.ops.convert_to_numpy(model.step)) // steps_per_epoch

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save the state, or raise FloatingPointError where the loss is not finite."""
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"Expected a finite loss of {self.model.name} in epoch {epoch + 1}. "
                f"Received: {loss}. The training diverged; try a lower learning rate."
            )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with whole(self.path) as partial:
            save_weights(self.model, partial)
            with open(partial, "r+b") as file:
                content, number = file.read(), _EPOCH + str(epoch + 1).encode()
                file.write(number + _MARK + _digest(content + number))

    def _damaged(self, received: str) -> OSError:
        return OSError(
            f"Expected {self.path} to be as it was written. Received: {received}. Remove it to "
            "begin anew."
        )


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
