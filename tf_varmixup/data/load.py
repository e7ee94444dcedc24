"""One door to every source of pictures."""

import dataclasses
import difflib
import pathlib

from tf_varmixup.data.digits_source import load_digits
from tf_varmixup.data.folder_source import load_folder
from tf_varmixup.data.limits import SMALLEST_SIDE
from tf_varmixup.data.split import divide
from tf_varmixup.data.tensorflow_datasets_source import (
    dataset_names,
    is_prepared,
    load_tensorflow_dataset,
)

# Fixed, and not the run's: all runs on a data set train and validate on the same pictures, so that
# their figures compare.
_VALIDATION_SEED = 20


def load_data(name, data_dir=None, image_size=None, validation_fraction=0.1):
    """Load a data set into memory.

    The validation split is held out of the training data by class, the same fraction of each, by a
    fixed seed that does not depend on the run's; the test split is never touched by it. A
    validation split that the data set brings along is not used, unless it has to stand in for a
    missing test split.

    Args:
        name: str, one of: `"digits"` (scikit-learn's, needs no network); the name of a TFDS data
            set for image classification, such as `"cifar10"`; the path of a folder of class folders
            (`./cifar10` if it is called like a TFDS data set).
        data_dir: TFDS' data folder; None takes the environment variable `TFDS_DATA_DIR`, or TFDS'
            default, `~/tensorflow_datasets`.
        image_size: int, at least 8: pictures are resized to this height and width. None leaves them
            as they are.
        validation_fraction: number in [0, 1), how much of every training class is held out; 0
            leaves the validation split empty.

    Returns:
        An `ImageData`.

    Raises:
        ValueError: if the name is not known, or the data set is not one of pictures with one class
            each, all of one size of at least 8 x 8 with 1 or 3 channels, that fits into half of the
            memory.
        ConnectionError: if the data set is not there and cannot be downloaded.

    Example:
        >>> data = load_data("cifar10")
        >>> len(data.train), len(data.validation), len(data.test)
        (45000, 5000, 10000)
    """
    name = str(name)
    if image_size is not None and image_size < SMALLEST_SIDE:
        raise ValueError(f"image_size must be at least {SMALLEST_SIDE}, not {image_size}")
    if not 0 <= validation_fraction < 1:
        raise ValueError(f"validation_fraction must be in [0, 1), not {validation_fraction}")
    data = _load(name, data_dir, image_size)
    train, validation = divide(data.train, validation_fraction, _VALIDATION_SEED)
    return dataclasses.replace(data, train=train, validation=validation)


def _load(name, data_dir, image_size):
    if name == "digits":
        return load_digits(image_size)
    names = dataset_names()
    known = name.split(":")[0].split("/")[0] in names
    if not known and pathlib.Path(name).expanduser().is_dir():
        return load_folder(name, image_size)
    if known or is_prepared(name, data_dir):
        return load_tensorflow_dataset(name, data_dir, image_size)
    close = ", ".join(difflib.get_close_matches(name, ["digits", *names]))
    raise ValueError(
        f"unknown data set {name!r}: not 'digits', not a TFDS data set{close and f' (close: {close})'}, not a folder that exists"
    )
