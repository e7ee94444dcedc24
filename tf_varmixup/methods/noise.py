"""Gaussian noise whose scale is the same for all images, or drawn for each."""

import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import check_not_negative

FIXED_OR_UNIFORM = ("fixed", "uniform")


def check_noise(value: float) -> float:
    """Return the scale of noise on images, or raise ValueError.

    Args:
        value: Expected 0 to 1: a standard deviation in units of images in [0, 1].

    Returns:
        A float.

    Example:
        >>> check_noise(0.1)
        0.1
    """
    if check_not_negative("noise", value) > 1.0:
        raise ValueError(
            f"Expected noise in units of images in [0, 1], such as 0.1. Received: {value!r}."
        )
    return float(value)


def add_noise(images: tf.Tensor, scale: float, scale_draw: str, seed: tf.Tensor) -> tf.Tensor:
    """Add Gaussian noise to images, and clip them to 0..255.

    Args:
        images: `uint8` or floating, `(B, H, W, C)` in 0..255.
        scale: Standard deviation in units of images in [0, 1].
        scale_draw: `"fixed"`, or `"uniform"` to draw each image's scale uniformly up to `scale`.
        seed: `int32 (2,)`.

    Returns:
        A `float32` tensor `(B, H, W, C)` in 0..255.

    Example:
        >>> add_noise(np.zeros((2, 8, 8, 1), "uint8"), 0.1, "uniform", draws.run_seed(0)).shape
        TensorShape([2, 8, 8, 1])
    """
    images = tf.cast(images, tf.float32)
    scales = per_image(255.0 * scale, scale_draw, images, draws.fold(seed, 1))
    noise = scales * draws.normals(tf.shape(images), draws.fold(seed, 0))
    return tf.clip_by_value(images + noise, 0.0, 255.0)


def per_image(highest: float, draw: str, values: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return a scale for each image, the highest or one drawn uniformly up to it.

    Args:
        highest: The scale, or the bound of the draws.
        draw: `"fixed"` or `"uniform"`.
        values: Tensor `(B, ...)` that the scales are for.
        seed: `int32 (2,)`.

    Returns:
        A `float32` tensor that broadcasts to `values`.

    Example:
        >>> per_image(0.1, "fixed", tf.zeros((4, 3)), draws.run_seed(0)).shape
        TensorShape([])
    """
    if draw == "fixed":
        return tf.constant(highest, tf.float32)
    uniform = draws.uniforms((tf.shape(values)[0],), seed)
    return highest * tf.reshape(uniform, [-1] + [1] * (len(values.shape) - 1))
