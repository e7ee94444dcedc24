"""Digests of what a run reads, which say whether that is still the same."""

import hashlib
import pathlib
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.corruptions.published import TFDS_NAME
from tf_varmixup.data import Dataset, Split
from tf_varmixup.streaming import StreamedImages

_DIGITS = 16


def data_digest(dataset: Dataset) -> str:
    """Return a digest of all images, labels and class names of a dataset, split by split.

    Streamed images, all of which are decoded for it, have the digest that they have in memory.

    Args:
        dataset: A `tf_varmixup.data.Dataset`.

    Returns:
        16 hexadecimal digits.

    Raises:
        UnreadableImageError: If an image that is streamed cannot be read.

    Example:
        >>> split = Split(np.zeros((3, 8, 8, 1), np.uint8), np.array([0, 1, 1]))
        >>> data = Dataset("a", split, split.take(0), split, ("disc", "square"), flip=False)
        >>> data_digest(data) == data_digest(data)
        True
    """
    splits = dataset.train, dataset.validation, dataset.test
    arrays = [array for split in splits for array in (split.images, split.labels)]
    return _digest(arrays, "\n".join(dataset.class_names))


def images_digest(split: Split) -> str:
    """Return a digest of the images of a split, whatever their labels.

    Args:
        split: A `tf_varmixup.data.Split`.

    Returns:
        16 hexadecimal digits.

    Raises:
        UnreadableImageError: If an image that is streamed cannot be read.

    Example:
        >>> images = np.zeros((3, 8, 8, 1), np.uint8)
        >>> len(images_digest(Split(images, np.array([0, 1, 1]))))
        16
    """
    return _digest([split.images])


def weights_digest(model: keras.Model) -> str:
    """Return a digest of a model's weights.

    Args:
        model: A Keras model that is built.

    Returns:
        16 hexadecimal digits.

    Example:
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> len(weights_digest(model))
        16
    """
    return _digest(keras.ops.convert_to_numpy(weight) for weight in model.weights)


def corruption_digest(benchmark: CorruptionBenchmark) -> str | None:
    """Return a digest of the published images and labels of a benchmark that are measured.

    Args:
        benchmark: A `CorruptionBenchmark`.

    Returns:
        16 hexadecimal digits; None where the images are not read but made. Of images that TFDS
        prepared, which take long to decode, it is one of the names and sizes of the files.

    Example:
        >>> images, labels = np.zeros((2, 8, 8, 1), "uint8"), np.array([0, 1])
        >>> corruption_digest(CorruptionBenchmark((images, labels)))
    """
    if benchmark.published is None:
        return None
    folder = pathlib.Path(benchmark.published, TFDS_NAME)
    if folder.is_dir():
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        sizes = (f"{path.relative_to(folder).as_posix()} {path.stat().st_size}" for path in files)
        return _digest((), "\n".join(sizes))
    return _digest(array for cell in benchmark for array in (cell.source, cell.labels))


def _digest(arrays: Iterable[Any], text: str = "") -> str:
    found = hashlib.sha256(text.encode())
    for array in arrays:
        if isinstance(array, StreamedImages):
            parts: Iterable[np.ndarray] = array.parts()
        else:
            array = np.ascontiguousarray(array)
            parts = (array,)
        found.update(f"{array.dtype} {array.shape}".encode())
        for part in parts:
            found.update(part.data if part.size else b"")
    return found.hexdigest()[:_DIGITS]
