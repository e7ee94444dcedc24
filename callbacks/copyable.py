"""Callbacks that can be copied and pickled, before a fit and after it."""

from typing import Any

import keras


class CopyableCallback(keras.callbacks.Callback):
    """Base of callbacks whose copies leave the model behind.

    KerasTuner copies its callbacks for every trial, and Keras gives each copy a model of its own.
    What belongs to the model, such as a traced function, neither survives pickling nor fits
    another model: a subclass names these attributes, and makes them anew where they are None.

    Example:
        >>> import copy
        >>> callback = CopyableCallback()
        >>> callback.set_model(keras.Sequential())
        >>> copy.deepcopy(callback).model is None
        True
    """

    _left_behind: tuple[str, ...] = ("_model",)

    def __getstate__(self) -> dict[str, Any]:
        return {
            name: None if name in self._left_behind else value for name, value in vars(self).items()
        }
