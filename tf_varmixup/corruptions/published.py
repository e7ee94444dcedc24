"""The authors' published pictures, where a user has them: as arrays, or as TFDS prepares them."""

import json
import pathlib

import numpy as np
import tensorflow_datasets as tfds

from tf_varmixup.corruptions.apply import check_cell
from tf_varmixup.corruptions.catalogue import BENCHMARK, CORRUPTIONS, SEVERITIES

TFDS_NAME = "cifar10_corrupted"
ORIGIN_FILE = "origin.json"  # what `write_benchmark` leaves beside the arrays
TFDS_CORRUPTIONS = {
    "glass_blur": "frosted_glass_blur",
    "elastic_transform": "elastic",
}  # TFDS' own names, where they differ


def load_published(folder, corruption, severity):
    """Read one cell of CIFAR-10-C or a benchmark stored like it.

    Args:
        folder: path of a folder of published arrays: one `<corruption>.npy` a corruption, `uint8
            (5n, H, W, C)` with severities 1 to 5 one after the other, and `labels.npy` with n or 5n
            labels. Pictures are mapped into memory, not read. Or path of a TFDS data folder in
            which `cifar10_corrupted` is prepared.
        corruption: one of `CORRUPTIONS`.
        severity: 1 to 5.

    Returns:
        The pictures, `uint8 (n, H, W, C)`, of arrays a read-only memory map, and the labels, `int64
        (n,)`.

    Raises:
        FileNotFoundError: where a file is missing; the message names it.
        ValueError: for an unknown corruption or severity, and for an array that is not laid out as
            said.

    Example:
        >>> images, labels = load_published("CIFAR-10-C", "fog", 3)
    """
    severity = check_cell(corruption, severity)
    folder = pathlib.Path(folder)
    if (folder / TFDS_NAME).is_dir():
        return _read_tfds(folder, corruption, severity)
    return _read_arrays(folder, corruption, severity)


def _read_tfds(folder, corruption, severity):
    cell = _tfds_builder(folder, corruption, severity).as_dataset(split="test", batch_size=-1)
    return cell["image"].numpy(), cell["label"].numpy().astype(np.int64)


def _read_arrays(folder, corruption, severity):
    images_path, labels_path = folder / f"{corruption}.npy", folder / "labels.npy"
    for path in (images_path, labels_path):
        if not path.is_file():
            raise FileNotFoundError(
                f"no published array {path}, nor a folder {folder / TFDS_NAME} prepared by TFDS"
            )
    images = np.load(images_path, mmap_mode="r", allow_pickle=False)
    labels = np.load(labels_path, allow_pickle=False)
    if images.dtype != np.uint8 or images.ndim != 4 or len(images) == 0 or len(images) % 5:
        raise ValueError(
            f"{images_path} should be uint8 (5n, H, W, C), not {images.dtype} {images.shape}"
        )
    count = len(images) // 5
    if labels.dtype.kind not in "iu" or labels.shape not in ((count,), (5 * count,)):
        raise ValueError(
            f"{labels_path} should be integers ({count},) or ({5 * count},), not {labels.dtype} {labels.shape}"
        )
    rows = slice((severity - 1) * count, severity * count)
    return images[rows], (labels if len(labels) == count else labels[rows]).astype(np.int64)


def published_corruptions(folder, image_shape):
    """Find out which corruptions are published in a folder.

    Args:
        folder: path of the folder, as of `load_published`.
        image_shape: `(H, W, C)`, the shape that its pictures must have.

    Returns:
        A tuple of names: the 15 of the benchmark, and those of the 4 validation corruptions that
            are there.

    Raises:
        FileNotFoundError: where the labels or a corruption of the benchmark are missing.
        ValueError: for an array of another layout or pictures of another shape.

    Example:
        >>> published_corruptions("CIFAR-10-C", (32, 32, 3))
    """
    folder = pathlib.Path(folder)
    in_tfds = (folder / TFDS_NAME).is_dir()
    names = []
    for name in CORRUPTIONS:
        first = _tfds_config(name, 1) if in_tfds else f"{name}.npy"
        if (
            name not in BENCHMARK
            and not (folder / TFDS_NAME / first if in_tfds else folder / first).exists()
        ):
            continue
        shape = (
            _tfds_shape(folder, name) if in_tfds else load_published(folder, name, 1)[0].shape[1:]
        )
        if shape != tuple(image_shape):
            raise ValueError(
                f"the published {name} in {folder} has pictures {shape}, expected {tuple(image_shape)}"
            )
        names.append(name)
    return tuple(names)


def published_origin(folder):
    """Say where the pictures of a folder come from: as `origin.json` says, or published, where
    there is none.

    Args:
        folder: path of the folder, as of `load_published`.

    Returns:
        A dict as `CorruptionBenchmark.origin`.

    Example:
        >>> published_origin("CIFAR-10-C")
        {'source': 'published'}
    """
    path = pathlib.Path(folder) / ORIGIN_FILE
    if not path.is_file():
        return {"source": "published"}
    origin = json.loads(path.read_text(encoding="utf-8"))
    return {name: origin[name] for name in ("source", "constants", "frost")}


def _tfds_config(corruption, severity):
    return f"{TFDS_CORRUPTIONS.get(corruption, corruption)}_{severity}"


def _tfds_builder(folder, corruption, severity):
    config = _tfds_config(corruption, severity)
    if not any((folder / TFDS_NAME / config).glob("*/dataset_info.json")):
        raise FileNotFoundError(f"no {config} is prepared in {folder / TFDS_NAME}")
    return tfds.builder(f"{TFDS_NAME}/{config}", data_dir=folder)


def _tfds_shape(folder, corruption):
    """Return the pictures' shape, and make sure that every severity is there, without reading the
    pictures."""
    return [
        _tfds_builder(folder, corruption, severity).info.features["image"].shape
        for severity in SEVERITIES
    ][0]
