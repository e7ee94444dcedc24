"""Weights in HDF5, for which there is room before the first byte is written."""

import math
import os
import pathlib

import keras

_BYTES_PER_VALUE = 8  # at most
_BYTES_PER_VARIABLE = 8192  # of HDF5's own, beside the values


def save_weights(model: keras.Model, path: pathlib.Path) -> None:
    """Save a model's weights and its optimizer's variables as `Model.save_weights` does.

    HDF5 ends the process where it finds the disk full. So the space is asked for first.

    Args:
        model: A Keras model that is built.
        path: The file, ending in `.weights.h5`.

    Raises:
        OSError: If there is no space for it.
    """
    variables = [*model.variables, *getattr(model.optimizer, "variables", ())]
    values = sum(math.prod(one.shape) for one in variables)
    needed = values * _BYTES_PER_VALUE + (len(variables) + 1) * _BYTES_PER_VARIABLE
    if hasattr(os, "posix_fallocate"):  # on Linux, and not on Windows
        with open(path, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, needed)
    model.save_weights(path, overwrite=True)
