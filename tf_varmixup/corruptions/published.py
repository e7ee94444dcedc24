"""The authors' published arrays, where a user has them."""

import pathlib

import numpy as np

from tf_varmixup.corruptions.apply import check_cell
from tf_varmixup.corruptions.catalogue import BENCHMARK, CORRUPTIONS


def load_published(folder, corruption, severity):
    """Read one cell of CIFAR-10-C or a benchmark stored like it.

    Such a folder holds one `<corruption>.npy` a corruption, `uint8 (5n, H, W, C)` with severities 1 to 5 one after the other, and
    `labels.npy` with n or 5n labels. Pictures are mapped into memory, not read.

    Args:
        folder: path of the folder.
        corruption: one of `CORRUPTIONS`.
        severity: 1 to 5.

    Returns:
        The pictures, a read-only memory map `uint8 (n, H, W, C)`, and the labels, `int64 (n,)`.

    Raises:
        FileNotFoundError: where a file is missing; the message names it.
        ValueError: for an unknown corruption or severity, and for an array that is not laid out as said.

    Example:
        >>> images, labels = load_published("CIFAR-10-C", "fog", 3)
    """
    severity = check_cell(corruption, severity)
    images_path, labels_path = pathlib.Path(folder) / f"{corruption}.npy", pathlib.Path(folder) / "labels.npy"
    for path in (images_path, labels_path):
        if not path.is_file():
            raise FileNotFoundError(f"no published array {path}")
    images = np.load(images_path, mmap_mode="r", allow_pickle=False)
    labels = np.load(labels_path, allow_pickle=False)
    if images.dtype != np.uint8 or images.ndim != 4 or len(images) == 0 or len(images) % 5:
        raise ValueError(f"{images_path} should be uint8 (5n, H, W, C), not {images.dtype} {images.shape}")
    count = len(images) // 5
    if labels.dtype.kind not in "iu" or labels.shape not in ((count,), (5 * count,)):
        raise ValueError(f"{labels_path} should be integers ({count},) or ({5 * count},), not {labels.dtype} {labels.shape}")
    rows = slice((severity - 1) * count, severity * count)
    return images[rows], (labels if len(labels) == count else labels[rows]).astype(np.int64)


def published_corruptions(folder, image_shape):
    """Find out which corruptions a folder of published arrays holds.

    Args:
        folder: path of the folder.
        image_shape: `(H, W, C)`, the shape that its pictures must have.

    Returns:
        A tuple of names: the 15 of the benchmark, and those of the 4 validation corruptions that are there.

    Raises:
        FileNotFoundError: where the labels or a corruption of the benchmark are missing.
        ValueError: for an array of another layout or pictures of another shape.

    Example:
        >>> published_corruptions("CIFAR-10-C", (32, 32, 3))
    """
    folder = pathlib.Path(folder)
    names = [name for name in CORRUPTIONS if name in BENCHMARK or (folder / f"{name}.npy").is_file()]
    for name in names:
        images, _ = load_published(folder, name, 1)
        if images.shape[1:] != tuple(image_shape):
            raise ValueError(f"{folder / name}.npy holds pictures {images.shape[1:]}, expected {tuple(image_shape)}")
    return tuple(names)
