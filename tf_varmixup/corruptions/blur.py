"""Blurs. The functions take and return what those of `noise` do."""

import functools

import numpy as np
import tensorflow as tf
from scipy import ndimage

from tf_varmixup.corruptions import filters, matrices, sampling, warp
from tf_varmixup.corruptions.constants import DefocusBlur, GlassBlur, MotionBlur, ZoomBlur
from tf_varmixup.corruptions.sampling import Seeds


def gaussian_blur(images: tf.Tensor, sigma: float, seeds: Seeds) -> tf.Tensor:
    """Blur with a Gaussian of `sigma` pixels."""
    return filters.to_images(filters.gaussian(filters.to_planes(images), sigma))


def defocus_blur(images: tf.Tensor, constants: DefocusBlur, seeds: Seeds) -> tf.Tensor:
    """Blur with a disk whose steps a small Gaussian softens."""
    rows, columns = _disk_matrices(*images.shape[1:3], constants)
    return filters.to_images(filters.filter_planes(filters.to_planes(images), rows, columns))


def zoom_blur(images: tf.Tensor, constants: ZoomBlur, seeds: Seeds) -> tf.Tensor:
    """Take the mean of the image and of its zooms by 1, 1 + step, ... up to stop."""
    rows, columns = _zoom_matrices(*images.shape[1:3], constants)
    return filters.to_images(filters.filter_planes(filters.to_planes(images), rows, columns))


def motion_blur(images: tf.Tensor, constants: MotionBlur, seeds: Seeds) -> tf.Tensor:
    """Blur along a line at an angle from U(-45, 45) degrees."""
    angles = -45.0 + 90.0 * sampling.uniform(seeds)
    return warp.motion_blur(images, constants.radius, constants.sigma, angles, (-45, 45))


def glass_blur(images: tf.Tensor, constants: GlassBlur, seeds: Seeds) -> tf.Tensor:
    """Let pixels take the value of a neighbor, between two blurs."""
    sigma, reach, passes = constants.sigma, constants.reach, constants.passes
    _, height, width, _ = images.shape
    blurred = tf.cast(
        filters.to_images(filters.gaussian(filters.to_planes(images), sigma)), tf.uint8
    )
    source = None
    # The original draws both offsets from randint(-reach, reach), whose upper end is excluded. One
    # draw serves for both.
    offsets = tf.floor(sampling.uniform(seeds, passes, height, width) * (2 * reach) ** 2)
    downs = tf.floor(offsets / (2 * reach))
    for step in range(passes):
        down, right = downs[:, step], offsets[:, step] - 2 * reach * downs[:, step]
        taken = glass_sources(
            tf.cast(down, tf.int32) - reach, tf.cast(right, tf.int32) - reach, reach
        )
        source = taken if source is None else tf.gather(source, taken, batch_dims=1)
    shuffled = tf.reshape(warp.gather_pixels(blurred, source), (-1, *images.shape[1:]))
    return filters.to_images(filters.gaussian(filters.to_planes(shuffled), sigma))


def glass_sources(down: tf.Tensor, right: tf.Tensor, reach: int) -> tf.Tensor:
    """Find where each pixel's value comes from in one pass of glass blur.

    The original walks over the image from the last pixel to the first and assigns, by a swap
    through views that is in fact a copy, the value of a pixel's neighbor to the pixel. A neighbor
    further up or left still holds its old value; one further down or right has been visited and
    holds what it took itself. So each pixel points at its neighbor, and pointers at visited pixels
    are followed to their end by doubling.

    Args:
        down: `int32` tensor `(B, H, W)`, each pixel's offset to its neighbor, downwards.
        right: `int32` tensor `(B, H, W)`, the offset to the right.
        reach: How far the walk keeps from the borders.

    Returns:
        An `int32` tensor `(B, H * W)`: the number of the pixel whose old value each pixel ends
        with.

    Example:
        >>> up, stay = -tf.ones((1, 8, 8), tf.int32), tf.zeros((1, 8, 8), tf.int32)
        >>> int(glass_sources(up, stay, reach=1)[0, 3 * 8 + 3])  # row 3, column 3
        19
    """
    _, height, width = down.shape
    size = height * width
    row, column = np.mgrid[:height, :width]
    visited = (row > reach) & (row <= height - reach) & (column > reach) & (column <= width - reach)
    own = (row * width + column).astype(np.int32)
    neighbor = tf.where(visited, own + down * width + right, own)
    is_later = (neighbor > own) & tf.gather(tf.constant(visited.ravel()), neighbor)
    # Numbers from `size` on stand for old values, which point at themselves.
    neighbor = tf.reshape(tf.where(is_later, neighbor, neighbor + size), (-1, size))
    if reach == 1:  # offsets are -1 or 0, so no pointer leads to a visited pixel
        return neighbor - size

    def unresolved(pointer: tf.Tensor) -> tf.Tensor:
        return tf.reduce_any(pointer < size)

    def double(pointer: tf.Tensor) -> tuple[tf.Tensor]:
        followed = tf.gather(pointer, tf.minimum(pointer, size - 1), batch_dims=1)
        return (tf.where(pointer < size, followed, pointer),)

    (pointer,) = tf.while_loop(unresolved, double, (neighbor,))
    return pointer - size


@functools.lru_cache
def _disk_matrices(
    height: int, width: int, constants: DefocusBlur
) -> tuple[np.ndarray, np.ndarray]:
    radius = constants.radius
    extent = np.arange(-8, 9) if radius <= 8 else np.arange(-radius, radius + 1)
    disk = (extent**2 + extent[:, None] ** 2 <= radius**2).astype(np.float64)
    disk /= disk.sum()
    softening = np.exp(
        -0.5
        * (np.arange(-1, 2) if radius <= 8 else np.arange(-2, 3)) ** 2
        / constants.edge_sigma**2
    )
    softening /= softening.sum()
    for axis in (0, 1):
        disk = ndimage.correlate1d(disk, softening, axis=axis, mode="mirror")
    return matrices.kernel_matrices(disk, height, width)


@functools.lru_cache
def _zoom_matrices(height: int, width: int, constants: ZoomBlur) -> tuple[np.ndarray, np.ndarray]:
    # As floating-point numbers the factors include or exceed `stop` at times; the benchmark counts
    # them so.
    factors = np.arange(1, constants.stop, constants.step)
    rows, columns = (
        np.stack(
            [np.eye(size)] + [matrices.clipped_zoom_matrix(size, factor) for factor in factors]
        )
        for size in (height, width)
    )
    return matrices.separate(rows / (len(factors) + 1), columns)
