"""Labels in the forms that callers have them, as class numbers."""

from typing import Any

import numpy as np

from tf_varmixup.images import VALUE_RANGE, check_images, check_values
from tf_varmixup.streaming import StreamedImages

_LABELS = "labels to be class numbers (B,) or (B, 1), or one-hot (B, K)"


def labeled_pair(
    images: Any, labels: Any, value_range: tuple[int, int] | None = VALUE_RANGE
) -> tuple[np.ndarray, np.ndarray]:
    """Return images and their class numbers as arrays, after checking that they fit.

    Args:
        images: Array or eager tensor `(B, H, W, C)`, `uint8` or floating; or `StreamedImages`.
        labels: Class numbers `(B,)` or `(B, 1)`, or one-hot `(B, K)`.
        value_range: (0, 255) or (0, 1), the range of the images' values; None leaves it unchecked.

    Returns:
        The images as they are, and `int64` class numbers `(B,)`.

    Raises:
        ValueError: If they have another type or shape, differ in number, or there are none.

    Example:
        >>> labeled_pair(np.zeros((2, 8, 8, 1), "uint8"), np.eye(2))[1].tolist()
        [0, 1]
    """
    labels, streamed = class_numbers(labels), isinstance(images, StreamedImages)
    images = images if streamed else np.asarray(images)
    check_images(images)
    if not len(images) or len(images) != len(labels):
        raise ValueError(
            "Expected one label for each of at least one image. "
            f"Received: {len(images)} images and {len(labels)} labels."
        )
    if value_range is not None:
        check_values(images[:1] if streamed else images, value_range)
    return images, labels


def class_numbers(labels: Any) -> np.ndarray:
    """Convert labels to class numbers.

    Args:
        labels: Class numbers `(B,)` or `(B, 1)` of any number type, or one-hot `(B, K)`. Soft
            labels, whose rows sum to 1, stand for their largest class.

    Returns:
        An `int64` array `(B,)`.

    Raises:
        ValueError: If they are text, not whole, negative, of several classes, or of another shape.

    Example:
        >>> class_numbers(np.eye(3)).tolist()
        [0, 1, 2]
    """
    labels = np.asarray(labels)
    if labels.dtype.kind in "OSU":
        one = f", such as {labels.flat[0]!r}" if labels.size else ""
        raise ValueError(
            f"Expected {_LABELS}. Received: text or objects{one}. Number the classes from 0."
        )
    if labels.ndim not in (1, 2) or (labels.ndim == 2 and not labels.shape[1]):
        raise ValueError(f"Expected {_LABELS}. Received: shape {labels.shape}.")
    if labels.ndim == 2 and labels.shape[1] > 1:
        values = labels.astype(np.float64)
        bad = ~((values >= 0).all(axis=1) & (abs(values.sum(axis=1) - 1) < 1e-2))
        if bad.any():
            raise ValueError(f"Expected {_LABELS}. Received: the row {values[bad][0].tolist()}.")
        return values.argmax(axis=1)
    labels = labels.reshape(-1)
    wrong = labels[~((labels >= 0) & (labels < 2**31) & (labels == np.floor(labels)))]
    if len(wrong):
        raise ValueError(f"Expected {_LABELS}. Received: the label {wrong[0].item()!r}.")
    return labels.astype(np.int64)


def check_class_numbers(labels: np.ndarray, num_classes: int) -> None:
    """Raise ValueError unless class numbers lie in 0 to `num_classes` - 1.

    Args:
        labels: Integer array of class numbers.
        num_classes: Number of classes.

    Raises:
        ValueError: If one lies outside.

    Example:
        >>> check_class_numbers(np.array([0, 2]), num_classes=3)
    """
    if not len(labels):
        return
    low, high = int(labels.min()), int(labels.max())
    if not 0 <= low <= high < num_classes:
        hint = " Count the classes from 0, not from 1." if (low, high) == (1, num_classes) else ""
        raise ValueError(
            f"Expected labels in 0 to {num_classes - 1}, since there are {num_classes} classes. "
            f"Received: {low} to {high}.{hint}"
        )
