"""The fast gradient sign method (FGSM): an attack in one step."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_varmixup.attacks.pgd import pgd
from tf_varmixup.images import VALUE_RANGE


def fgsm(
    classify: Callable[[tf.Tensor], tf.Tensor],
    images: Any,
    labels: Any,
    norm: str = "linf",
    radius: float = 8 / 255,
    value_range: tuple[int, int] = VALUE_RANGE,
) -> tf.Tensor:
    """Move images by one step of the radius's length along which the cross-entropy rises.

    It is PGD with one step of that length from the images themselves: x + radius sign(g), clipped
    to the range of images; pixels whose gradient is 0 stay.

    Args:
        classify: Function from images of that range, `float32 (B, ...)`, to logits `(B, K)`, in
            inference mode and each row of its own image alone.
        images: Tensor or array `(B, ...)` of any rank from 2, `uint8` or floating.
        labels: True labels, one-hot or soft, `float32 (B, K)`.
        norm: `"linf"`, or `"l2"` for a step along the gradient over its norm.
        radius: Length of the step, in units of images in [0, 1] whatever the range.
        value_range: (0, 255), or (0, 1) where the images and what `classify` takes lie in [0, 1].

    Returns:
        Images `float32 (B, ...)` in the range of those that were given.

    Raises:
        ValueError: If a number, the norm or the range is bad.

    Example:
        >>> darker = lambda images: tf.stack([images[:, 0], 255.0 - images[:, 0]], 1)
        >>> images, labels = np.full((1, 1), 5, "uint8"), np.eye(2, dtype="float32")[:1]
        >>> float(fgsm(darker, images, labels)[0, 0])
        0.0

    Source: Goodfellow et al., "Explaining and Harnessing Adversarial Examples", arXiv 1412.6572,
    section 4.
    """
    return pgd(classify, images, labels, norm, radius, radius, 1, None, value_range)
