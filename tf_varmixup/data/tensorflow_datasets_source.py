"""Image-classification datasets of TensorFlow Datasets (TFDS)."""

import os
import re
from typing import Any

import tensorflow_datasets as tfds

from tf_varmixup.data.dataset import Dataset
from tf_varmixup.data.limits import check_image_shape
from tf_varmixup.data.split import Split, divide
from tf_varmixup.data.tensorflow_datasets_builder import (
    data_folder,
    dataset_builder,
    prepared_builder,
)
from tf_varmixup.data.tensorflow_datasets_images import TensorFlowDatasetImages
from tf_varmixup.streaming import StreamedImages

# A mirrored digit, letter, sign or pose is another one, or none at all.
ORIENTED = frozenset(
    (
        *("binary_alpha_digits", "cmaterdb", "dmlab", "emnist", "kmnist", "mnist"),
        *("mnist_corrupted", "omniglot", "quickdraw_bitmap", "smallnorb", "svhn_cropped"),
        "visual_domain_decathlon",
    )
)


def load_tensorflow_dataset(
    name: str,
    data_dir: str | os.PathLike[str] | None = None,
    image_size: int | None = None,
    test_fraction: float = 0.2,
    seed: int = 0,
) -> Dataset:
    """Load a TFDS dataset into memory, downloading and preparing it first if need be.

    Args:
        name: As of `stream_tensorflow_dataset`.
        data_dir: As of `stream_tensorflow_dataset`.
        image_size: As of `stream_tensorflow_dataset`.
        test_fraction: As of `stream_tensorflow_dataset`.
        seed: As of `stream_tensorflow_dataset`.

    Returns:
        A `Dataset` whose validation split is empty yet.

    Raises:
        ValueError: As of `stream_tensorflow_dataset`; if the images do not fit into half of the
            memory.
        ConnectionError: As of `stream_tensorflow_dataset`.

    Example:
        >>> load_tensorflow_dataset("fashion_mnist", data_dir="data").name  # doctest: +SKIP
        'fashion_mnist'
    """
    return stream_tensorflow_dataset(name, data_dir, image_size, test_fraction, seed).in_memory()


def stream_tensorflow_dataset(
    name: str,
    data_dir: str | os.PathLike[str] | None = None,
    image_size: int | None = None,
    test_fraction: float = 0.2,
    seed: int = 0,
) -> Dataset:
    """Open a TFDS dataset, downloading and preparing it first if need be.

    Its images are decoded when they are asked for. The splits are TFDS' `train` and `test`; where
    there is no `test`, or its labels are not given, `validation`; where there is neither, a fifth
    of every class is held out of `train`. Images keep TFDS' order.

    Args:
        name: Such as `"cifar10"` or `"emnist/letters"`.
        data_dir: TFDS' data folder; None takes the environment variable `TFDS_DATA_DIR`, or TFDS'
            default, `~/tensorflow_datasets`.
        image_size: Height and width to resize to, or None where the dataset has images of one size.
        test_fraction: How much of every class is held out where there is no test split, in (0, 1).
        seed: Seed of that choice.

    Returns:
        A `Dataset` whose validation split is empty yet.

    Raises:
        ValueError: If the dataset is not one of 8-bit images with one class each, or its files
            cannot be read.
        ConnectionError: If it is not prepared in `data_dir` and cannot be downloaded.

    Example:
        >>> data = stream_tensorflow_dataset("fashion_mnist", data_dir="data")  # doctest: +SKIP
        >>> data.is_streamed  # doctest: +SKIP
        True
    """
    folder = data_folder(data_dir)
    builder = dataset_builder(name, folder)
    image, label = _image_and_label(name, builder.info)
    shape = _shape(name, builder.info.features[image].shape, image_size)
    builder = prepared_builder(name, folder, builder)

    splits = list(builder.info.splits)
    if "train" not in splits:
        raise ValueError(
            f"Expected the TFDS dataset {name!r} to have a split 'train'. "
            f"Received: {', '.join(splits)}."
        )
    test_names = [split for split in ("test", "validation") if split in splits]

    def read(split: str) -> Split:
        images = TensorFlowDatasetImages(builder, split, image, label, shape, image_size)
        return Split(StreamedImages(images), images.labels)

    train = read("train")
    if train.labels.min() < 0:
        raise ValueError(
            f"Expected a class for every training image of {name!r}. Received: images without one."
        )
    test, notes = None, []
    for split in test_names:
        read_split = read(split)
        if read_split.labels.min() >= 0:
            test = read_split
            break
        notes.append(f"The split {split!r} has no labels and is not used.")  # a competition's
    if test is None:
        train, test = divide(train, test_fraction, seed)
    elif split == "validation":
        notes.append("The test images are those of the split 'validation'.")
    elif "validation" in splits:
        notes.append("The split 'validation' is not used.")
    class_names = tuple(builder.info.features[label].names)
    return Dataset(
        re.sub(r"[/:]", "-", name),
        train,
        train.take(0),
        test,
        class_names,
        flip=builder.name not in ORIENTED,
        notes=tuple(notes),
    )


def _image_and_label(name: str, info: Any) -> tuple[str, str]:
    """The names of the feature with the images and of the one with their classes."""
    features = dict(info.features.items()) if hasattr(info.features, "items") else {}
    keys = info.supervised_keys
    images = [key for key, feature in features.items() if type(feature) is tfds.features.Image]
    labels = [
        key for key, feature in features.items() if isinstance(feature, tfds.features.ClassLabel)
    ]
    if keys and len(keys) == 2 and keys[0] in images and keys[1] in labels:
        return keys
    if len(images) == 1 and len(labels) == 1:
        return images[0], labels[0]
    found = (
        ", ".join(f"{key} ({type(feature).__name__})" for key, feature in features.items())
        or type(info.features).__name__
    )
    raise ValueError(
        f"Expected the TFDS dataset {name!r} to have one Image and one ClassLabel. "
        f"Received: the features {found}."
    )


def _shape(
    name: str, shape: tuple[int | None, ...], image_size: int | None
) -> tuple[int, int, int]:
    """Height, width and channels as they will be in memory."""
    height, width, channels = shape
    if channels is None:
        raise ValueError(f"Expected images of {name!r} with 1 or 3 channels. Received: any number.")
    channels = 3 if channels == 4 else channels
    if image_size is not None:
        height = width = image_size
    elif height is None or width is None:
        raise ValueError(
            f"Expected images of {name!r} of one size, or image_size to resize them to. "
            "Received: images of different sizes."
        )
    check_image_shape(name, (height, width, channels))
    return height, width, channels
