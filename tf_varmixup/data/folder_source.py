"""Read a folder of class folders with images."""

import collections
import concurrent.futures
import os
import pathlib
import warnings

import numpy as np

from tf_varmixup.data.class_folders import check_same_classes, list_classes, some
from tf_varmixup.data.dataset import Dataset
from tf_varmixup.data.decode import decode_image, shown
from tf_varmixup.data.folder_layout import FolderLayout, folder_layout
from tf_varmixup.data.folder_listing import counted
from tf_varmixup.data.limits import check_image_shape, check_memory, resize
from tf_varmixup.data.split import Split, divide


def load_folder(
    folder: str | os.PathLike[str],
    image_size: int | None = None,
    test_fraction: float = 0.2,
    seed: int = 0,
) -> Dataset:
    """Load a folder of class folders with images.

    Either `folder/<class>/*`, of which a fifth of every class is held out as the test split, or
    `folder/train/<class>/*` and `folder/test/<class>/*`, under any common names and case (`Train`,
    `training`; `Test`, `testing`; `val`, `valid`, `validation`, `dev`). Where there are validation
    images too, they are the validation split; where there are no test images, they stand in for
    those.

    Files are read as any viewer shows them, see `decode_image`: every color mode, in the
    orientation that the camera noted, transparent pixels on white. If all images are gray they have
    one channel, else three. Hidden files and those of tools are no data, links are followed, and
    what is passed over is counted in the dataset's `notes`. Classes are numbered in the order of
    their sorted names. The images come in one fixed random order, so that the first n of a split
    are of all classes.

    Args:
        folder: Path of the folder.
        image_size: Height and width to resize to, or None if all images have one size.
        test_fraction: How much of every class is held out where there is no folder of test images,
            in (0, 1).
        seed: Seed of that choice and of the order.

    Returns:
        A `Dataset`, whose validation split is empty yet unless the folder has one.

    Raises:
        ValueError: For fewer than two classes, a class without images, other classes in the test
            images, and images that cannot be read, are smaller than 8 x 8 or of several sizes.

    Example:
        >>> import pathlib, tempfile
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for number in range(10):
        ...         file = pathlib.Path(folder, "cat" if number < 5 else "dog", f"{number}.png")
        ...         file.parent.mkdir(exist_ok=True)
        ...         Image.new("RGB", (8, 8)).save(file)
        ...     data = load_folder(folder)
        >>> data.class_names, len(data.train), len(data.test)
        (('cat', 'dog'), 8, 2)
    """
    folder = pathlib.Path(os.path.expanduser(folder))
    skipped: collections.Counter[str] = collections.Counter()
    layout = folder_layout(folder, skipped)
    parts = [path for path in (layout.train, layout.validation, layout.test) if path]
    classes = [list_classes(path, skipped) for path in parts]
    class_names = tuple(classes[0])
    for path, names in zip(parts[1:], classes[1:], strict=True):
        check_same_classes(path, names, layout.train, class_names)
    files = [[file for name in class_names for file in part[name]] for part in classes]
    labels = [
        np.repeat(np.arange(len(class_names)), [len(part[name]) for name in class_names])
        for part in classes
    ]

    images = _read_images(folder, [file for part in files for file in part], image_size)
    ends = np.cumsum([len(part) for part in files])[:-1]
    splits = [
        _shuffled(Split(*arrays), seed)
        for arrays in zip(np.split(images, ends), labels, strict=True)
    ]
    train, others = splits[0], splits[1:]
    validation = train.take(0)
    if not others:
        train, test = divide(train, test_fraction, seed)
    else:
        test = others[-1]
        if len(others) == 2:
            validation = others[0]
    return Dataset(
        shown(folder.resolve().name),
        train,
        validation,
        test,
        class_names,
        flip=True,
        notes=_notes(layout, class_names, skipped),
    )


def _notes(
    layout: FolderLayout, class_names: tuple[str, ...], skipped: collections.Counter[str]
) -> tuple[str, ...]:
    notes = []
    if layout.validation and layout.test:
        notes.append(
            f"The validation images are those of {shown(layout.validation.name)}; "
            "none are held out of training."
        )
    elif layout.validation:
        notes.append(f"The test images are those of {shown(layout.validation.name)}.")
    if layout.unused:
        names = some([shown(path.name) for path in layout.unused])
        notes.append(f"Not used, since they are no split: {names}.")
    if skipped:
        notes.append(f"Passed over: {counted(skipped)}.")
    same = collections.defaultdict(list)
    for name in class_names:
        same[name.casefold()].append(name)
    alike = [" and ".join(names) for names in same.values() if len(names) > 1]
    if alike:
        notes.append(f"Classes that differ in case alone: {some(alike)}.")
    return tuple(notes)


def _read_images(
    folder: pathlib.Path, files: list[pathlib.Path], image_size: int | None
) -> np.ndarray:
    """All images as one `uint8` array `(N, H, W, C)`."""

    def decode(file: pathlib.Path) -> np.ndarray:
        image = decode_image(file)
        return image if image_size is None else resize(image, image_size).numpy()

    def read(row: int) -> None:
        image = decode(files[row])
        if image.shape[:2] != first.shape[:2]:
            raise ValueError(
                f"Expected images of one size, or image_size to resize them to. Received: "
                f"{first.shape[0]} x {first.shape[1]} ({shown(files[0])}) and "
                f"{image.shape[0]} x {image.shape[1]} ({shown(files[row])})."
            )
        gray[row] = image.shape[2] == 1
        images[row] = image  # one gray channel fills all three

    with (
        warnings.catch_warnings(),  # Pillow's, on odd EXIF data and large images
        concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as threads,
    ):
        warnings.simplefilter("ignore")
        name = shown(folder.resolve().name)
        shape = decode_image(files[0]).shape if image_size is None else (image_size, image_size, 3)
        check_image_shape(name, shape)
        check_memory(name, len(files), (*shape[:2], 3))
        first = decode(files[0])
        images = np.empty((len(files), *first.shape[:2], 3), np.uint8)
        gray = np.zeros(len(files), bool)
        reading = [threads.submit(read, row) for row in range(len(files))]
        try:
            for future in reading:
                future.result()
        finally:
            threads.shutdown(cancel_futures=True)
    return np.ascontiguousarray(images[..., :1]) if gray.all() else images


def _shuffled(split: Split, seed: int) -> Split:
    order = np.random.RandomState(seed).permutation(len(split))
    return Split(split.images[order], split.labels[order])
