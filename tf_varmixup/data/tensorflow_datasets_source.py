"""Image-classification data sets of TensorFlow Datasets (TFDS)."""

import contextlib
import os
import re

import numpy as np
import requests
import tensorflow as tf
import tensorflow_datasets as tfds
from absl import logging
from tensorflow_datasets.core import read_only_builder

from tf_varmixup.data.image_data import ImageData
from tf_varmixup.data.limits import check_image_shape, check_memory, resize
from tf_varmixup.data.split import Split, divide

# A mirrored digit, letter, sign or pose is another one, or none at all.
ORIENTED = frozenset(
    "binary_alpha_digits cmaterdb dmlab emnist kmnist mnist mnist_corrupted omniglot quickdraw_bitmap smallnorb svhn_cropped "
    "visual_domain_decathlon".split()
)


def dataset_names():
    """Return the names of all data sets that the installed TFDS knows, without asking the
    network."""
    return tfds.list_builders(with_community_datasets=False)


def is_prepared(name, data_dir=None):
    """Return whether a data set that TFDS has no code for lies prepared in the data folder.

    Example:
        >>> is_prepared("my_own_pictures", "data")
    """
    return (
        bool(re.fullmatch(r"\w+(/[\w.\-]+)?(:[\d.]+)?", name))
        and _prepared_builder(name, _data_dir(data_dir)) is not None
    )


def load_tensorflow_dataset(name, data_dir=None, image_size=None, test_fraction=0.2, seed=0):
    """Load a TFDS data set, downloading and preparing it first if need be.

    The splits are TFDS' `train` and `test`; where there is no `test`, or its labels are not given,
    `validation`; where there is neither, a fifth of every class is held out of `train`. Pictures
    keep TFDS' order.

    Args:
        name: str, such as `"cifar10"` or `"emnist/letters"`.
        data_dir: TFDS' data folder; None takes the environment variable `TFDS_DATA_DIR`, or TFDS'
            default, `~/tensorflow_datasets`.
        image_size: int, height and width to resize to, or None where the data set has pictures of
            one size.
        test_fraction: number in (0, 1), how much of every class is held out where there is no test
            split.
        seed: Python integer of that choice.

    Returns:
        An `ImageData` whose validation split is empty yet.

    Raises:
        ValueError: if the data set is not one of 8-bit pictures with one class each, or does not
            fit into memory.
        ConnectionError: if it is not prepared in `data_dir` and cannot be downloaded.

    Example:
        >>> data = load_tensorflow_dataset("fashion_mnist", data_dir="data")
    """
    data_dir = _data_dir(data_dir)
    builder = _builder(name, data_dir)
    image, label = _image_and_label(name, builder.info)
    shape = _shape(name, builder.info.features[image].shape, image_size)
    with _quiet():
        prepared = builder.is_prepared()
    if not prepared:
        builder = _prepared_builder(name, data_dir) or _downloaded(name, data_dir, builder)

    sizes = {split: info.num_examples for split, info in builder.info.splits.items()}
    if "train" not in sizes:
        raise ValueError(
            f"the TFDS data set {name!r} has no split 'train'; it has {', '.join(sizes)}"
        )
    test_names = [split for split in ("test", "validation") if split in sizes]
    check_memory(name, sizes["train"] + sum(sizes[split] for split in test_names[:1]), shape)

    def read(split):
        return _read(builder, split, image, label, sizes[split], shape, image_size)

    train, test = read("train"), None
    if train.labels.min() < 0:
        raise ValueError(f"the TFDS data set {name!r} has training pictures without a class")
    for split in test_names:
        test = read(split)
        if test.labels.min() >= 0:
            break
        test = None  # a competition's test split, with its labels withheld
    if test is None:
        train, test = divide(train, test_fraction, seed)
    class_names = tuple(builder.info.features[label].names)
    return ImageData(
        re.sub(r"[/:]", "-", name),
        train,
        train.take(0),
        test,
        class_names,
        flip=builder.name not in ORIENTED,
    )


@contextlib.contextmanager
def _quiet():
    """Silence TFDS' warnings, on folders that are not there and on its own old names: what is
    missing is said in an error of ours."""
    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


def _data_dir(data_dir):
    # TFDS reads the variable when it is imported, which may be too early.
    data_dir = data_dir or os.environ.get("TFDS_DATA_DIR") or None
    return data_dir and os.path.expanduser(data_dir)


def _builder(name, data_dir):
    try:
        with _quiet():
            return tfds.builder(name, data_dir=data_dir, try_gcs=False)
    except Exception as error:
        raise ValueError(f"TFDS cannot give the data set {name!r}: {_first_line(error)}") from error


def _prepared_builder(name, data_dir):
    """The data set as it lies in the data folder, whatever its version; None if it is not there."""
    name, _, version = name.partition(":")
    name, _, config = name.partition("/")
    arguments = {key: value for key, value in (("version", version), ("config", config)) if value}
    try:
        with _quiet():
            return read_only_builder.builder_from_files(name, data_dir=data_dir, **arguments)
    except (tfds.core.DatasetNotFoundError, OSError):
        return None


def _downloaded(name, data_dir, builder):
    try:
        _check_network(builder)
        builder.download_and_prepare()
        return builder
    except Exception as error:
        raise ConnectionError(
            f"the data set {name!r} is not prepared in {data_dir or tfds.core.constants.DATA_DIR} and could not be downloaded "
            f"({_first_line(error)}); name a TFDS data folder that has it by --data_dir or TFDS_DATA_DIR, "
            "or use --dataset digits, which needs no network"
        ) from error


def _check_network(builder):
    """Ask once for the first file to download: TFDS itself goes on asking for minutes where there
    is no network."""
    url = next((url for url in builder.url_infos or () if url.startswith("http")), None)
    if url is None:
        return
    try:
        requests.head(url, timeout=10)
    except requests.exceptions.SSLError:
        return
    except requests.exceptions.ConnectionError as error:
        raise ConnectionError(f"no connection to {url}") from error
    except requests.exceptions.RequestException:
        return  # there is a network, whatever this server makes of such a question


def _first_line(error):
    text = str(error).strip()
    return f"{type(error).__name__}: {text.splitlines()[0]}" if text else type(error).__name__


def _image_and_label(name, info):
    """The names of the feature with the pictures and of the one with their classes."""
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
        f"the TFDS data set {name!r} must have one Image and one ClassLabel; its features are {found}"
    )


def _shape(name, shape, image_size):
    """Height, width and channels as they will be in memory."""
    height, width, channels = shape
    channels = 3 if channels == 4 else channels
    if image_size is not None:
        height = width = image_size
    elif height is None or width is None:
        raise ValueError(
            f"pictures of {name!r} have different sizes; image_size (--image_size) resizes them to one"
        )
    check_image_shape(name, (height, width, channels))
    return height, width, channels


def _read(builder, split, image, label, count, shape, image_size):
    """One split as arrays, in the order of TFDS' files."""
    feature = builder.info.features[image]
    if feature.np_dtype != np.uint8:
        raise ValueError(
            f"pictures of {builder.name!r} must be uint8, not {np.dtype(feature.np_dtype).name}"
        )

    def standard(example):
        return resize(example[image][..., : shape[2]], image_size), example[label]

    with _quiet():
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
    for pictures, classes in tfds.as_numpy(dataset.prefetch(tf.data.AUTOTUNE)):
        images[start : start + len(classes)], labels[start : start + len(classes)] = (
            pictures,
            classes,
        )
        start += len(classes)
    if start != count:
        raise ValueError(
            f"the split {split!r} of {builder.name!r} should have {count} pictures but has {start}"
        )
    return Split(images, labels)
