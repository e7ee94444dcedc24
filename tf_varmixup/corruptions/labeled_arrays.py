"""Images with their labels as arrays, from the forms in which people have them."""

import reprlib
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions.arguments import check_images
from tf_varmixup.streaming import SAMPLE_BYTES, StreamedImages

_FORMS = "a pair (images, labels), an object with images and labels, or a tf.data.Dataset of pairs"


def labeled_arrays(
    dataset: Any, max_images: int | None = None
) -> tuple[np.ndarray | StreamedImages, np.ndarray]:
    """Convert a dataset to arrays of its first images and their class numbers.

    Args:
        dataset: A pair of arrays or tensors, `uint8` images `(N, H, W, C)` and labels; an object
            with such `images` and `labels`; or a `tf.data.Dataset` of such pairs, image by image or
            in batches. Labels are class numbers `(N,)` or `(N, 1)`, or one-hot `(N, K)`.
        max_images: How many images to take; None for all.

    Returns:
        Images, `uint8 (n, H, W, C)`, and class numbers, `int64 (n,)`. Streamed images stay so
        where they take more than 256 MiB.

    Raises:
        ValueError: If the dataset has another form, or its images or labels have.

    Example:
        >>> images, labels = labeled_arrays((np.zeros((2, 8, 8, 1), "uint8"), np.eye(2)))
        >>> labels.tolist()
        [0, 1]
    """
    if isinstance(dataset, tf.data.Dataset):
        images, labels = _pairs(dataset, max_images)
    elif hasattr(dataset, "images") and hasattr(dataset, "labels"):
        images, labels = dataset.images, dataset.labels
    elif isinstance(dataset, (tuple, list)) and len(dataset) == 2:
        images, labels = dataset
    else:
        raise ValueError(f"Expected dataset to be {_FORMS}. Received: {reprlib.repr(dataset)}.")
    if isinstance(images, StreamedImages):
        images, labels = images.select(slice(max_images)), np.asarray(labels)[:max_images]
        if images.nbytes <= SAMPLE_BYTES:  # not to be decoded anew for every cell
            images = images.array()
    else:
        images = np.asarray(images)
    check_images(images)
    if len(images) == 0:
        raise ValueError("Expected a dataset of at least one image. Received: no images.")
    numbers = _class_numbers(np.asarray(labels), len(images))[:max_images]
    return images if isinstance(images, StreamedImages) else images[:max_images], numbers


def _pairs(dataset: tf.data.Dataset, count: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Read the first `count` images and labels of a pipeline."""
    spec = dataset.element_spec
    if isinstance(spec, dict):
        raise ValueError(
            "Expected a tf.data.Dataset of pairs (images, labels). "
            f"Received: dicts with the keys {', '.join(map(repr, spec))}."
        )
    if not isinstance(spec, tuple) or len(spec) != 2 or not isinstance(spec[0], tf.TensorSpec):
        raise ValueError(
            f"Expected a tf.data.Dataset of pairs (images, labels). Received: elements {spec!r}."
        )
    shape = spec[0].shape
    if shape.rank not in (3, 4) or (shape.rank == 3 and shape[2] not in (1, 3, None)):
        hint = " Add the channel axis: images[..., None]." if shape.rank in (2, 3) else ""
        raise ValueError(
            f"Expected images (H, W, C) or batches (B, H, W, C). Received: shape {shape}.{hint}"
        )
    if count is None and dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ValueError("Expected a dataset that ends, or max_images. Received: an infinite one.")
    if shape.rank == 4:
        dataset = dataset.unbatch()
    pairs = list(dataset.take(-1 if count is None else count).as_numpy_iterator())
    if not pairs:
        raise ValueError("Expected a dataset of at least one image. Received: an empty one.")
    images, labels = zip(*pairs, strict=True)
    shapes = sorted({image.shape for image in images})
    if len(shapes) > 1:
        raise ValueError(f"Expected images of one shape. Received: {shapes[0]} and {shapes[1]}.")
    return np.stack(images), np.stack(labels)


def _class_numbers(labels: np.ndarray, count: int) -> np.ndarray:
    if labels.dtype.kind in "USO":
        raise ValueError(
            f"Expected labels to be class numbers or one-hot. Received: {reprlib.repr(labels)}. "
            "Number the classes: np.unique(labels, return_inverse=True)[1]."
        )
    if labels.ndim == 0 or len(labels) != count:
        raise ValueError(f"Expected {count} labels, one per image. Received: shape {labels.shape}.")
    if labels.ndim == 2 and labels.shape[1] > 1:
        if not np.isin(labels, (0, 1)).all() or not (np.count_nonzero(labels, axis=1) == 1).all():
            raise ValueError(
                "Expected labels of shape (N, K) to be one-hot. "
                f"Received: {labels.dtype} {labels.shape} with rows that are not."
            )
        return labels.argmax(axis=1)
    if labels.dtype.kind not in "iu" or labels.shape not in ((count,), (count, 1)):
        raise ValueError(
            "Expected labels to be class numbers, integers (N,), or one-hot (N, K). "
            f"Received: {labels.dtype} {labels.shape}."
        )
    if labels.min() < 0:
        raise ValueError(f"Expected class numbers of at least 0. Received: {labels.min()}.")
    return labels.reshape(count).astype(np.int64)
