"""The authors' published images, where a user has them: as arrays, or as TFDS prepares them."""

import os
import pathlib
from typing import Any

import numpy as np

from tf_varmixup.corruptions.arguments import check_cell
from tf_varmixup.corruptions.names import BENCHMARK, CORRUPTIONS, SEVERITIES

TFDS_NAME = "cifar10_corrupted"
# TFDS' own names, where they differ.
TFDS_CORRUPTIONS = {"glass_blur": "frosted_glass_blur", "elastic_transform": "elastic"}


def load_published(
    folder: str | os.PathLike[str], corruption: str, severity: int
) -> tuple[np.ndarray, np.ndarray]:
    """Read one cell of CIFAR-10-C or a benchmark stored like it.

    Args:
        folder: Path of a folder of published arrays: one `<corruption>.npy` per corruption, `uint8
            (5n, H, W, C)` with severities 1 to 5 one after the other, and `labels.npy` with n or 5n
            labels. Images are mapped into memory, not read. Or path of a TFDS data folder in which
            `cifar10_corrupted` is prepared.
        corruption: One of `CORRUPTIONS`.
        severity: 1 to 5.

    Returns:
        The images, `uint8 (n, H, W, C)`, of arrays a read-only memory map, and the labels, `int64
        (n,)`.

    Raises:
        FileNotFoundError: If a file is missing; the message names it.
        ValueError: If the corruption or severity is unknown, or an array is not laid out as said.

    Example:
        >>> np.save("fog.npy", np.zeros((10, 8, 8, 3), "uint8"))
        >>> np.save("labels.npy", np.array([3, 7]))
        >>> images, labels = load_published(".", "fog", severity=2)
        >>> images.shape, labels.tolist()
        ((2, 8, 8, 3), [3, 7])
    """
    severity = check_cell(corruption, severity)
    folder = pathlib.Path(folder)
    if (folder / TFDS_NAME).is_dir():
        return _read_tfds(folder, corruption, severity)
    return _read_arrays(folder, corruption, severity)


def _read_tfds(
    folder: pathlib.Path, corruption: str, severity: int
) -> tuple[np.ndarray, np.ndarray]:
    cell = _tfds_builder(folder, corruption, severity).as_dataset(split="test", batch_size=-1)
    return cell["image"].numpy(), cell["label"].numpy().astype(np.int64)


def _read_arrays(
    folder: pathlib.Path, corruption: str, severity: int
) -> tuple[np.ndarray, np.ndarray]:
    images_path, labels_path = folder / f"{corruption}.npy", folder / "labels.npy"
    for path in (images_path, labels_path):
        if not path.is_file():
            raise FileNotFoundError(
                f"Expected the published array {path}, or a folder {folder / TFDS_NAME} prepared "
                "by TFDS. Received: neither."
            )
    images, labels = _load(images_path, mmap_mode="r"), _load(labels_path)
    if images.dtype != np.uint8 or images.ndim != 4 or len(images) == 0 or len(images) % 5:
        raise ValueError(
            f"Expected {images_path} to be uint8 (5n, H, W, C). "
            f"Received: {images.dtype} {images.shape}."
        )
    count = len(images) // 5
    if labels.dtype.kind not in "iu" or labels.shape not in ((count,), (5 * count,)):
        raise ValueError(
            f"Expected {labels_path} to be integers ({count},) or ({5 * count},). "
            f"Received: {labels.dtype} {labels.shape}."
        )
    rows = slice((severity - 1) * count, severity * count)
    return images[rows], (labels if len(labels) == count else labels[rows]).astype(np.int64)


def _load(path: pathlib.Path, **options: Any) -> np.ndarray:
    try:
        return np.load(path, allow_pickle=False, **options)
    except (ValueError, EOFError) as error:  # another file, or part of one
        raise ValueError(f"Expected {path} to be an array of NumPy. Received: {error}.") from error


def published_corruptions(
    folder: str | os.PathLike[str], image_shape: tuple[int, ...]
) -> tuple[str, ...]:
    """Find out which corruptions are published in a folder.

    Args:
        folder: Path of the folder, as of `load_published`.
        image_shape: `(H, W, C)`, the shape that its images must have.

    Returns:
        A tuple of names: the 15 of the benchmark, and those of the 4 validation corruptions that
        are there.

    Raises:
        FileNotFoundError: If the labels or a corruption of the benchmark are missing.
        ValueError: If an array has another layout, or the images another shape.

    Example:
        >>> np.save("labels.npy", np.array([3, 7]))
        >>> for name in BENCHMARK:
        ...     np.save(f"{name}.npy", np.zeros((10, 8, 8, 3), "uint8"))
        >>> len(published_corruptions(".", (8, 8, 3)))
        15
    """
    folder = pathlib.Path(folder)
    in_tfds = (folder / TFDS_NAME).is_dir()
    names = []
    for name in CORRUPTIONS:
        first = folder / TFDS_NAME / _tfds_config(name, 1) if in_tfds else folder / f"{name}.npy"
        if name not in BENCHMARK and not first.exists():
            continue
        shape = (
            _tfds_shape(folder, name) if in_tfds else load_published(folder, name, 1)[0].shape[1:]
        )
        if tuple(shape) != tuple(image_shape):
            raise ValueError(
                f"Expected the published {name} in {folder} to have images of shape "
                f"{tuple(image_shape)}. Received: {tuple(shape)}."
            )
        names.append(name)
    return tuple(names)


def _tfds_config(corruption: str, severity: int) -> str:
    return f"{TFDS_CORRUPTIONS.get(corruption, corruption)}_{severity}"


def _tfds_builder(folder: pathlib.Path, corruption: str, severity: int) -> Any:
    import tensorflow_datasets as tfds

    config = _tfds_config(corruption, severity)
    if not any((folder / TFDS_NAME / config).glob("*/dataset_info.json")):
        raise FileNotFoundError(
            f"Expected {config} to be prepared in {folder / TFDS_NAME}. Received: no such dataset."
        )
    return tfds.builder(f"{TFDS_NAME}/{config}", data_dir=folder)


def _tfds_shape(folder: pathlib.Path, corruption: str) -> tuple[int, ...]:
    """Return the images' shape without reading them, once every severity is found."""
    shape, *_ = [
        _tfds_builder(folder, corruption, severity).info.features["image"].shape
        for severity in SEVERITIES
    ]
    return shape
