"""Look at the first batch of what a model is to be fitted to, before anything long starts."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tf_varmixup.images import VALUE_RANGE, check_images, check_values

LOOKED_AT = 256


def first_batch(x: Any, y: Any = None) -> tuple[Any, Any] | None:
    """Return the first images and labels of what `Model.fit` takes, without using it up.

    Args:
        x: Array, tensor, `tf.data.Dataset` or `keras.utils.PyDataset`.
        y: Labels beside an array or tensor, or None.

    Returns:
        A pair of images and labels, labels None where there are none; None where a look would use
        up what is there, as with a generator.

    Example:
        >>> images, labels = first_batch(np.zeros((1000, 8, 8, 1)), np.zeros(1000))
        >>> len(images), len(labels)
        (256, 256)
    """
    if isinstance(x, tf.data.Dataset):
        batch = next(iter(x.take(1)), None)
    elif isinstance(x, keras.utils.PyDataset):
        batch = x[0]
    elif hasattr(x, "shape") and hasattr(x, "__getitem__") and len(x.shape):
        return x[:LOOKED_AT], None if y is None else y[:LOOKED_AT]
    elif isinstance(x, dict):
        batch = x
    else:
        return None
    if isinstance(batch, list | tuple):
        return batch[0], batch[1] if len(batch) > 1 else None
    return None if batch is None else (batch, None)


def check_first_batch(
    x: Any,
    y: Any = None,
    image_shape: tuple[int | None, ...] | None = None,
    num_classes: int | None = None,
    value_range: tuple[int, int] = VALUE_RANGE,
) -> None:
    """Raise ValueError if the first batch of what a model is to be fitted to cannot be right.

    Args:
        x: As of `first_batch`.
        y: As of `first_batch`.
        image_shape: `(H, W, C)` that the images must have, or None.
        num_classes: K, the number of columns of one-hot labels, which class numbers must stay
            below; or None.
        value_range: (0, 255) or (0, 1), what the images must lie in.

    Raises:
        ValueError: If the images are of another type, shape or range, or the labels are text, of
            another number of columns, or class numbers outside 0 to K - 1.

    Example:
        >>> check_first_batch(np.zeros((4, 8, 8, 1), "uint8"), np.arange(4), (8, 8, 1), 4)
    """
    batch = first_batch(x, y)
    if batch is None:
        return
    images, labels = batch
    check_images(images, image_shape)
    check_values(images, value_range)
    if labels is None or isinstance(labels, dict):
        return
    labels = np.asarray(labels)
    if labels.dtype.kind not in "fiub":
        raise ValueError(
            f"Expected labels as numbers. Received: {labels.dtype.name}, "
            f"such as {labels.reshape(-1)[0]!r}."
        )
    if num_classes is not None and labels.ndim == 2 and labels.shape[1] not in (1, num_classes):
        raise ValueError(
            f"Expected labels (B, {num_classes}), a column per class. "
            f"Received: shape {labels.shape}."
        )
    is_sparse = labels.ndim == 1 or (labels.ndim == 2 and labels.shape[1] == 1)
    if num_classes is not None and is_sparse and labels.dtype.kind in "iu" and labels.size:
        low, high = labels.min(), labels.max()
        if low < 0 or high >= num_classes:
            raise ValueError(
                f"Expected class numbers from 0 to {num_classes - 1}. Received: {low} to {high}."
            )
