"""A folder of class folders with pictures."""

import concurrent.futures
import os
import pathlib

import numpy as np
import tensorflow as tf

from tf_varmixup.data.image_data import ImageData
from tf_varmixup.data.limits import check_image_shape, check_memory, resize
from tf_varmixup.data.split import Split, divide

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
TEST_FOLDERS = ("test", "validation", "val")


def load_folder(folder, image_size=None, test_fraction=0.2, seed=0):
    """Load a folder of class folders with PNG, JPEG, BMP and GIF pictures (a GIF's first frame).

    Either `folder/<class>/*`, of which a fifth of every class is held out as the test split, or
    `folder/train/<class>/*` and `folder/test/<class>/*` (or `validation`, or `val`, where there is
    no `test`). Classes are numbered in the order of their sorted names. If all pictures are grey
    they have one channel, else three; transparency is dropped. The pictures come in one fixed
    random order, so that the first n of a split are of all classes.

    Args:
        folder: path.
        image_size: int, height and width to resize to, or None if all pictures have one size.
        test_fraction: number in (0, 1), how much of every class is held out where there is no
            folder of test pictures.
        seed: Python integer of that choice and of the order.

    Returns:
        An `ImageData` whose validation split is empty yet.

    Raises:
        ValueError: for fewer than two classes, a class without pictures, other classes in the test
            pictures, pictures that cannot be read, are smaller than 8 x 8 or of several sizes.

    Example:
        >>> data = load_folder("flowers", image_size=64)
    """
    folder = pathlib.Path(folder).expanduser()
    divided = (folder / "train").is_dir() and bool(_subfolders(folder / "train"))
    test_folder = (
        next((folder / name for name in TEST_FOLDERS if (folder / name).is_dir()), None)
        if divided
        else None
    )
    class_names, files, labels = _list_pictures(folder / "train" if divided else folder)
    count = len(files)
    if test_folder:
        test_names, test_files, test_labels = _list_pictures(test_folder)
        if test_names != class_names:
            raise ValueError(
                f"{test_folder} has the classes {', '.join(test_names)}, but training has {', '.join(class_names)}"
            )
        files, labels = files + test_files, np.concatenate([labels, test_labels])

    images = _read_pictures(folder, files, image_size)
    train, test = Split(images[:count], labels[:count]), Split(images[count:], labels[count:])
    train = _shuffled(train, seed)
    train, test = (
        (train, _shuffled(test, seed)) if test_folder else divide(train, test_fraction, seed)
    )
    return ImageData(folder.resolve().name, train, train.take(0), test, class_names, flip=True)


def _subfolders(folder):
    return sorted(
        path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")
    )


def _list_pictures(folder):
    """Class names, files in a fixed order and their labels."""
    classes = _subfolders(folder)
    if len(classes) < 2:
        found = f"only {classes[0].name!r}" if classes else "none"
        raise ValueError(
            f"{folder} must have a folder for each of at least two classes; found {found}"
        )
    files, labels = [], []
    for label, path in enumerate(classes):
        pictures = sorted(
            file
            for file in path.rglob("*")
            if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
        )
        if not pictures:
            raise ValueError(f"the class folder {path} has no pictures ({', '.join(SUFFIXES)})")
        files += pictures
        labels += [label] * len(pictures)
    return tuple(path.name for path in classes), files, np.array(labels, np.int64)


def _read_pictures(folder, files, image_size):
    """All pictures as one `uint8` array `(N, H, W, C)`."""
    first = _decode(files[0], image_size)
    check_image_shape(folder.name, first.shape)
    check_memory(folder.name, len(files), (*first.shape[:2], 3))
    images = np.empty((len(files), *first.shape[:2], 3), np.uint8)
    grey = np.zeros(len(files), bool)

    def read(row):
        picture = _decode(files[row], image_size)
        if picture.shape[:2] != first.shape[:2]:
            raise ValueError(
                f"pictures have different sizes: {first.shape[0]} x {first.shape[1]} ({files[0]}) and "
                f"{picture.shape[0]} x {picture.shape[1]} ({files[row]}); image_size (--image_size) resizes them to one"
            )
        grey[row] = picture.shape[2] == 1
        images[row] = picture  # one grey channel fills all three

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as threads:
        reading = [threads.submit(read, row) for row in range(len(files))]
        try:
            for future in reading:
                future.result()
        finally:
            threads.shutdown(cancel_futures=True)
    return np.ascontiguousarray(images[..., :1]) if grey.all() else images


def _decode(file, image_size):
    """One picture as a `uint8` array `(H, W, 1 or 3)`."""
    try:
        picture = tf.io.decode_image(tf.io.read_file(str(file)), expand_animations=False)
    except tf.errors.OpError as error:
        raise ValueError(f"{file} cannot be read as a PNG, JPEG, BMP or GIF picture") from error
    channels = picture.shape[2]
    return resize(
        picture[..., : channels - 1 if channels in (2, 4) else channels], image_size
    ).numpy()


def _shuffled(split, seed):
    order = np.random.RandomState(seed).permutation(len(split))
    return Split(split.images[order], split.labels[order])
