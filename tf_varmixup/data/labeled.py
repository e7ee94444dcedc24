"""One form for the labeled images that callbacks and the benchmark take."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup.checks import check_count
from tf_varmixup.data.labels import labeled_pair
from tf_varmixup.images import VALUE_RANGE, check_images, check_value_range, check_values
from tf_varmixup.streaming import StreamedImages

_FORMS = (
    "data to be a pair (images, labels), an object with .images and .labels such as a Split, "
    "or a finite tf.data.Dataset of pairs"
)


class LabeledBatches:
    """Batches of images and their class numbers that can be read again and again.

    `labeled_batches` makes them of what a caller has. A copy shares the data; a pickle has the
    images in it, also where they come from a pipeline, which cannot be pickled itself.

    Args:
        batches: Iterable of pairs `(images, labels)`, such as a list or a `tf.data.Dataset`.

    Example:
        >>> batches = LabeledBatches([(np.zeros((2, 8, 8, 1), "uint8"), np.eye(2))])
        >>> [labels.tolist() for _, labels in batches]
        [[0, 1]]
    """

    def __init__(self, batches: Iterable[tuple[Any, Any]]) -> None:
        self._batches = batches

    def __iter__(self) -> Iterator[tuple[Any, np.ndarray]]:
        """Iterate over images `(B, H, W, C)` and `int64` class numbers `(B,)`."""
        for images, labels in self._batches:
            yield images, labeled_pair(images, labels, value_range=None)[1]

    def __deepcopy__(self, memo: dict[int, Any]) -> "LabeledBatches":
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return LabeledBatches, ([(np.asarray(images), labels) for images, labels in self],)


def labeled_batches(
    data: Any, batch_size: int = 256, value_range: tuple[int, int] = VALUE_RANGE
) -> LabeledBatches:
    """Return labeled images as batches that can be read again and again.

    Shapes, types, labels and the range of values are checked here: of arrays all of them, of a
    `tf.data.Dataset` those of the first batch. What its later batches have is checked as they come,
    apart from the range.

    Args:
        data: A pair of arrays `(images, labels)`, an object that has them as `images` and `labels`
            (a `Split`, whose images may be streamed), or a finite `tf.data.Dataset` of such
            batches. Images are `(B, H, W, C)`,
            `uint8` or floating; labels class numbers `(B,)` or `(B, 1)`, or one-hot `(B, K)`.
        batch_size: Images per batch; a `tf.data.Dataset` has its own.
        value_range: (0, 255) or (0, 1), the range of the images' values.

    Returns:
        A `LabeledBatches`, which iterates over `(images, class_numbers)`.

    Raises:
        ValueError: If the data have another form, no image, or labels that do not fit them.

    Example:
        >>> batches = labeled_batches((np.zeros((5, 8, 8, 1), "uint8"), [0, 1, 2, 0, 1]), 2)
        >>> [labels.tolist() for _, labels in batches]
        [[0, 1], [2, 0], [1]]
    """
    check_count("batch_size", batch_size)
    value_range = check_value_range(value_range)
    if not isinstance(data, tf.data.Dataset):
        images, labels = labeled_pair(*_pair(data), value_range)
        if isinstance(images, StreamedImages):
            numbers = tf.data.Dataset.from_tensor_slices(labels).batch(batch_size)
            return LabeledBatches(tf.data.Dataset.zip((images.batches(batch_size), numbers)))
        starts = range(0, len(labels), batch_size)
        return LabeledBatches(
            [(images[i : i + batch_size], labels[i : i + batch_size]) for i in starts]
        )
    _check_dataset(data)
    check_images(data.element_spec[0])
    for images, labels in data.take(1):
        labeled_pair(images, labels, value_range)
        return LabeledBatches(data)
    raise ValueError("Expected data with at least one image. Received: an empty tf.data.Dataset.")


def labeled_arrays(
    data: Any, count: int | None = None, value_range: tuple[int, int] = VALUE_RANGE
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first labeled images as a pair of arrays.

    Args:
        data: What `labeled_batches` takes, or a `tf.data.Dataset` of single pairs.
        count: How many images to take, the first ones; None or more than there are means all.
        value_range: (0, 255) or (0, 1), the range of the images' values.

    Returns:
        Images `(N, H, W, C)` of the type they were given in, and `int64` class numbers `(N,)`.

    Raises:
        ValueError: If the data have another form, no image, or labels that do not fit them.

    Example:
        >>> pairs = tf.data.Dataset.from_tensor_slices((np.zeros((5, 8, 8, 1), "uint8"), range(5)))
        >>> images, labels = labeled_arrays(pairs.batch(2), count=3)
        >>> images.shape, labels.tolist()
        ((3, 8, 8, 1), [0, 1, 2])
    """
    if count is not None:
        check_count("count", count)
    value_range = check_value_range(value_range)
    if not isinstance(data, tf.data.Dataset):
        images, labels = labeled_rows(data, value_range)
        return np.asarray(images if count is None else images[:count]), labels[:count]
    _check_dataset(data)
    shape = data.element_spec[0].shape
    # (H, W, C) and not a batch (B, H, W) without its channels
    if shape.rank == 3 and shape[2] in (1, 3):
        data = data.batch(256 if count is None else min(count, 256))
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    for images, labels in labeled_batches(data, value_range=value_range):
        parts.append((np.asarray(images), labels))
        if count is not None and sum(len(labels) for _, labels in parts) >= count:
            break
    different = {images.shape[1:] for images, _ in parts}
    if len(different) > 1:
        raise ValueError(
            "Expected images of one size. "
            f"Received: {' and '.join(map(str, sorted(different)))} in different batches."
        )
    images, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    check_values(images, value_range)
    return images[:count], labels[:count]


def labeled_rows(
    data: Any, value_range: tuple[int, int] = VALUE_RANGE
) -> tuple[np.ndarray | StreamedImages, np.ndarray]:
    """Return labeled images as what rows can be taken of: arrays, or streamed images as they are.

    Args:
        data: What `labeled_arrays` takes.
        value_range: (0, 255) or (0, 1), the range of the images' values.

    Returns:
        Images, and `int64` class numbers `(N,)`.

    Raises:
        ValueError: As `labeled_arrays`.

    Example:
        >>> images, labels = labeled_rows((np.zeros((5, 8, 8, 1), "uint8"), range(5)))
        >>> images[[3, 1]].shape, labels[[3, 1]].tolist()
        ((2, 8, 8, 1), [3, 1])
    """
    if isinstance(data, tf.data.Dataset):
        return labeled_arrays(data, value_range=value_range)
    return labeled_pair(*_pair(data), value_range)


def _pair(data: Any) -> tuple[Any, Any]:
    if hasattr(data, "images") and hasattr(data, "labels"):
        return data.images, data.labels
    if isinstance(data, tuple | list) and len(data) == 2:
        return data[0], data[1]
    if hasattr(data, "train") and hasattr(data, "validation"):
        hint = " Name one of its splits, such as data.validation."
    else:
        hint = ""
    raise ValueError(f"Expected {_FORMS}. Received: {_described(data)}.{hint}")


def _described(data: Any) -> str:
    if isinstance(data, tuple | list):
        return f"a {type(data).__name__} of {len(data)} items"
    if isinstance(data, dict):
        return f"a dict with the keys {', '.join(map(str, data))}"
    return type(data).__name__


def _check_dataset(data: tf.data.Dataset) -> None:
    """Refuse what can be told from a pipeline without running it."""
    if data.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ValueError(
            f"Expected {_FORMS}. Received: a tf.data.Dataset that repeats without end. "
            "Take a number of its batches: data.take(10)."
        )
    spec = data.element_spec
    if not isinstance(spec, tuple) or len(spec) != 2:
        elements = _described(spec) if isinstance(spec, tuple | dict) else str(spec)
        raise ValueError(f"Expected {_FORMS}. Received: a tf.data.Dataset of {elements}.")
    for part in spec:
        if not isinstance(part, tf.TensorSpec):
            raise ValueError(f"Expected {_FORMS}. Received: a tf.data.Dataset with {part}.")
