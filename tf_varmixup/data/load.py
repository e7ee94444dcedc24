"""One door to every source of images."""

import dataclasses
import difflib
import functools
import os
from collections.abc import Callable

from tf_varmixup.checks import check_count, check_share
from tf_varmixup.data.dataset import Dataset
from tf_varmixup.data.digits_source import load_digits
from tf_varmixup.data.folder_source import stream_folder
from tf_varmixup.data.limits import SMALLEST_SIDE, fits_in_memory
from tf_varmixup.data.split import divide
from tf_varmixup.data.tensorflow_datasets_builder import dataset_names, is_prepared
from tf_varmixup.data.tensorflow_datasets_source import stream_tensorflow_dataset

# Fixed, and not the run's: all runs on a dataset train and validate on the same images, so that
# their figures compare.
_VALIDATION_SEED = 20


def load_data(
    name: str | os.PathLike[str],
    data_dir: str | os.PathLike[str] | None = None,
    image_size: int | None = None,
    validation_fraction: float = 0.1,
    stream: bool | None = None,
) -> Dataset:
    """Load a dataset into memory, or open it where it does not fit.

    The validation split is held out of the training data by class, the same fraction of each, by a
    fixed seed that does not depend on the run's; the test split is never touched by it. A folder
    that has validation images beside test images keeps them as its validation split, and nothing is
    held out. A validation split of TFDS is not used, unless it has to stand in for a missing test
    split.

    Args:
        name: One of: `"digits"` (scikit-learn's, needs no network); the name of a TFDS dataset for
            image classification, such as `"cifar10"`; the path of a folder of class folders
            (`./cifar10` if it is called like a TFDS dataset).
        data_dir: TFDS' data folder; None takes the environment variable `TFDS_DATA_DIR`, or TFDS'
            default, `~/tensorflow_datasets`.
        image_size: Images are resized to this height and width, at least 8. None leaves them as
            they are.
        validation_fraction: How much of every training class is held out, in [0, 1); 0 leaves the
            validation split empty.
        stream: Whether images are decoded when they are asked for instead of being kept in memory,
            as they come out the same; None streams them where they exceed half of the memory.

    Returns:
        A `Dataset`.

    Raises:
        ValueError: If the name is not known; if the dataset is not one of images with one class
            each, all of one size of at least 8 x 8 with 1 or 3 channels; if it is not to be
            streamed and does not fit into half of the memory; if the digits are to be streamed; or
            if it has too few images to train, validate and test on.
        ConnectionError: If the dataset is not there and cannot be downloaded.

    Example:
        >>> data = load_data("digits")
        >>> len(data.train), len(data.validation), len(data.test)
        (1293, 145, 359)
    """
    name = os.fspath(name)
    if image_size is not None:
        check_count("image_size", image_size, SMALLEST_SIDE)
    check_share("validation_fraction", validation_fraction)
    data = _source(name, data_dir)(image_size)
    if len(data.validation) == 0:
        train, validation = divide(data.train, validation_fraction, _VALIDATION_SEED)
        data = dataclasses.replace(data, train=train, validation=validation)
    _check_enough(data, validation_fraction)
    if stream and not data.is_streamed:
        raise ValueError(
            "Expected a folder or a TFDS dataset to stream, whose images are files. "
            f"Received: {name!r}, which is in memory anyway."
        )
    if stream is None:
        count = len(data.train) + len(data.validation) + len(data.test)
        stream = not fits_in_memory(count, data.image_shape)
    return data if stream else data.in_memory()


def check_dataset_name(
    name: str | os.PathLike[str], data_dir: str | os.PathLike[str] | None = None
) -> None:
    """Refuse a name under which there is no dataset, without loading any.

    Args:
        name: As of `load_data`.
        data_dir: As of `load_data`.

    Raises:
        ValueError: If the name is not known.

    Example:
        >>> check_dataset_name("cifar01")
        Traceback (most recent call last):
            ...
        ValueError: Expected the name of a dataset ... Did you mean 'cifar10' ...?
    """
    _source(os.fspath(name), data_dir)


def _source(name: str, data_dir: str | os.PathLike[str] | None) -> Callable[[int | None], Dataset]:
    """Return what loads a dataset with its images at a height and width."""
    if name == "digits":
        return load_digits
    names = dataset_names()
    known = name.split(":")[0].split("/")[0] in names
    if not known and os.path.isdir(os.path.expanduser(name)):
        return functools.partial(stream_folder, name)
    if known or is_prepared(name, data_dir):
        return functools.partial(stream_tensorflow_dataset, name, data_dir)
    close = " or ".join(map(repr, difflib.get_close_matches(name, ["digits", *names])))
    raise ValueError(
        "Expected the name of a dataset to be 'digits', a TFDS dataset, or a folder that exists. "
        f"Received: {name!r}.{close and f' Did you mean {close}?'}"
    )


def _check_enough(data: Dataset, validation_fraction: float) -> None:
    """Refuse a dataset that leaves a split without any image."""
    sizes = {"train": len(data.train), "test": len(data.test)}
    if validation_fraction > 0:
        sizes["validate"] = len(data.validation)
    if not all(sizes.values()):
        parts = [data.train, data.validation, data.test]
        raise ValueError(
            f"Expected at least 3 images of a class in {data.name!r}, one each to train, validate "
            f"and test on. Received: {sum(map(len, parts))} images of {data.num_classes} classes."
        )
