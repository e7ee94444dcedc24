"""Blurs. The functions take and return what those of `noise` do."""

import functools

import numpy as np
import tensorflow as tf
from scipy import ndimage

from tf_varmixup.corruptions import filters, sampling, warp


def gaussian_blur(images, sigma, seeds):
    """Blur with a Gaussian of `sigma` pixels."""
    return filters.to_images(filters.gaussian(filters.to_planes(images), sigma))


def defocus_blur(images, constants, seeds):
    """Blur with a disk whose steps a small Gaussian softens; constants (radius, sigma of that
    Gaussian) in pixels."""
    rows, columns = _disk_matrices(*images.shape[1:3], *constants)
    return filters.to_images(filters.filter_planes(filters.to_planes(images), rows, columns))


def zoom_blur(images, constants, seeds):
    """Take the mean of the picture and of its zooms by 1, 1 + step, ... up to stop; constants
    (stop, step)."""
    rows, columns = _zoom_matrices(*images.shape[1:3], *constants)
    return filters.to_images(filters.filter_planes(filters.to_planes(images), rows, columns))


def motion_blur(images, constants, seeds):
    """Blur along a line at an angle from U(-45, 45) degrees; constants (radius, sigma) in
    pixels."""
    angles = -45.0 + 90.0 * sampling.uniform(seeds)
    return warp.motion_blur(images, *constants, angles, (-45, 45))


def glass_blur(images, constants, seeds):
    """Let pixels take the value of a neighbour, between two blurs; constants (sigma, reach in
    pixels, passes)."""
    sigma, reach, passes = constants
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


def glass_sources(down, right, reach):
    """Find where each pixel's value comes from in one pass of glass blur.

    The original walks over the picture from the last pixel to the first and assigns, by a swap
    through views that is in fact a copy, the value of a pixel's neighbour to the pixel. A neighbour
    further up or left still holds its old value; one further down or right has been visited and
    holds what it took itself. So each pixel points at its neighbour, and pointers at visited pixels
    are followed to their end by doubling.

    Args:
        down, right: `int32` tensors `(B, H, W)`, each pixel's offset to its neighbour.
        reach: Python integer: the walk keeps this far from the borders.

    Returns:
        An `int32` tensor `(B, H * W)`: the number of the pixel whose old value each pixel ends
        with.

    Example:
        >>> glass_sources(-tf.ones((1, 8, 8), tf.int32), tf.zeros((1, 8, 8), tf.int32), 1)
    """
    _, height, width = down.shape
    size = height * width
    row, column = np.mgrid[:height, :width]
    visited = (row > reach) & (row <= height - reach) & (column > reach) & (column <= width - reach)
    own = (row * width + column).astype(np.int32)
    neighbour = tf.where(visited, own + down * width + right, own)
    is_later = (neighbour > own) & tf.gather(tf.constant(visited.ravel()), neighbour)
    # Numbers from `size` on stand for old values, which point at themselves.
    neighbour = tf.reshape(tf.where(is_later, neighbour, neighbour + size), (-1, size))
    if reach == 1:  # offsets are -1 or 0, so no pointer leads to a visited pixel
        return neighbour - size

    def unresolved(pointer):
        return tf.reduce_any(pointer < size)

    def double(pointer):
        followed = tf.gather(pointer, tf.minimum(pointer, size - 1), batch_dims=1)
        return (tf.where(pointer < size, followed, pointer),)

    (pointer,) = tf.while_loop(unresolved, double, (neighbour,))
    return pointer - size


@functools.lru_cache
def _disk_matrices(height, width, radius, alias_sigma):
    extent = np.arange(-8, 9) if radius <= 8 else np.arange(-radius, radius + 1)
    disk = (extent**2 + extent[:, None] ** 2 <= radius**2).astype(np.float64)
    disk /= disk.sum()
    softening = np.exp(
        -0.5 * (np.arange(-1, 2) if radius <= 8 else np.arange(-2, 3)) ** 2 / alias_sigma**2
    )
    softening /= softening.sum()
    for axis in (0, 1):
        disk = ndimage.correlate1d(disk, softening, axis=axis, mode="mirror")
    return filters.kernel_matrices(disk, height, width)


@functools.lru_cache
def _zoom_matrices(height, width, stop, step):
    # As floating-point numbers the factors include or exceed `stop` at times; the benchmark counts
    # them so.
    factors = np.arange(1, stop, step)
    rows, columns = (
        np.stack([np.eye(size)] + [filters.clipped_zoom_matrix(size, factor) for factor in factors])
        for size in (height, width)
    )
    return filters.separate(rows / (len(factors) + 1), columns)
