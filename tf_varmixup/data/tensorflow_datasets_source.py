"""Image-classification datasets of TensorFlow Datasets (TFDS)."""

import os
import re
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from tf_varmixup.data.dataset import Dataset
from tf_varmixup.data.limits import check_image_shape, check_memory, resize
from tf_varmixup.data.split import Split, divide
from tf_varmixup.data.tensorflow_datasets_builder import (
    data_folder,
    dataset_builder,
    prepared_builder,
    quiet,
)
from tf_varmixup.pipelines import without_autotuner

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
    """Load a TFDS dataset, downloading and preparing it first if need be.

    The splits are TFDS' `train` and `test`; where there is no `test`, or its labels are not given,
    `validation`; where there is neither, a fifth of every class is held out of `train`. Images
    keep TFDS' order.

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
        ValueError: If the dataset is not one of 8-bit images with one class each, or does not fit
            into memory.
        ConnectionError: If it is not prepared in `data_dir` and cannot be downloaded.

    Example:
        >>> load_tensorflow_dataset("fashion_mnist", data_dir="data").name  # doctest: +SKIP
        'fashion_mnist'
    """
    folder = data_folder(data_dir)
    builder = dataset_builder(name, folder)
    image, label = _image_and_label(name, builder.info)
    shape = _shape(name, builder.info.features[image].shape, image_size)
    builder = prepared_builder(name, folder, builder)

    sizes = {split: info.num_examples for split, info in builder.info.splits.items()}
    if "train" not in sizes:
        raise ValueError(
            f"Expected the TFDS dataset {name!r} to have a split 'train'. "
            f"Received: {', '.join(sizes)}."
        )
    test_names = [split for split in ("test", "validation") if split in sizes]
    check_memory(name, sizes["train"] + sum(sizes[split] for split in test_names[:1]), shape)

    def read(split: str) -> Split:
        return _read(builder, split, image, label, sizes[split], shape, image_size)

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
    elif "validation" in sizes:
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


def _read(
    builder: Any,
    split: str,
    image: str,
    label: str,
    count: int,
    shape: tuple[int, int, int],
    image_size: int | None,
) -> Split:
    """One split as arrays, in the order of TFDS' files."""
    feature = builder.info.features[image]
    if feature.np_dtype != np.uint8:
        raise ValueError(
            f"Expected images of {builder.name!r} of type uint8. "
            f"Received: {np.dtype(feature.np_dtype).name}."
        )

    def standard(example: dict[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        return resize(example[image][..., : shape[2]], image_size), example[label]

    with quiet():
        dataset = builder.as_dataset(
            split=split,
            shuffle_files=False,
            decoders=tfds.decode.PartialDecoding({image: True, label: True}),
            read_config=tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False),
        )
    if None in feature.shape:
        dataset = dataset.map(
            standard, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        ).batch(256)
    else:
        dataset = dataset.batch(256).map(
            standard, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        )
    images, labels, start = np.empty((count, *shape), np.uint8), np.empty(count, np.int64), 0
    dataset = without_autotuner(dataset.prefetch(tf.data.AUTOTUNE))
    for batch, classes in tfds.as_numpy(dataset):
        images[start : start + len(classes)] = batch
        labels[start : start + len(classes)] = classes
        start += len(classes)
    if start != count:
        raise ValueError(
            f"Expected {count} images in the split {split!r} of {builder.name!r}. "
            f"Received: {start}."
        )
    return Split(images, labels)
