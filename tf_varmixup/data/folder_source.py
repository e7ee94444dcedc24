"""Read a folder of class folders with images."""

import collections
import os
import pathlib

import numpy as np

from tf_varmixup.data.class_folders import check_same_classes, list_classes, some
from tf_varmixup.data.dataset import Dataset
from tf_varmixup.data.decode import shown
from tf_varmixup.data.folder_images import FolderImages
from tf_varmixup.data.folder_layout import FolderLayout, folder_layout
from tf_varmixup.data.folder_listing import counted
from tf_varmixup.data.split import Split, divide
from tf_varmixup.streaming import StreamedImages


def load_folder(
    folder: str | os.PathLike[str],
    image_size: int | None = None,
    test_fraction: float = 0.2,
    seed: int = 0,
) -> Dataset:
    """Load a folder of class folders with images into memory.

    Args:
        folder: As of `stream_folder`.
        image_size: As of `stream_folder`.
        test_fraction: As of `stream_folder`.
        seed: As of `stream_folder`.

    Returns:
        A `Dataset`, whose validation split is empty yet unless the folder has one.

    Raises:
        ValueError: As of `stream_folder`; if an image cannot be read or has another size; if they
            do not fit into half of the memory.

    Example:
        >>> load_folder("flowers").class_names  # doctest: +SKIP
        ('rose', 'tulip')
    """
    return stream_folder(folder, image_size, test_fraction, seed).in_memory()


def stream_folder(
    folder: str | os.PathLike[str],
    image_size: int | None = None,
    test_fraction: float = 0.2,
    seed: int = 0,
) -> Dataset:
    """Open a folder of class folders with images, which are decoded when they are asked for.

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
            images, and a first image that cannot be read or is smaller than 8 x 8. Of the others
            that is found out when they are decoded, and so are other sizes.

    Example:
        >>> import pathlib, tempfile
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for number in range(10):
        ...         file = pathlib.Path(folder, "cat" if number < 5 else "dog", f"{number}.png")
        ...         file.parent.mkdir(exist_ok=True)
        ...         Image.new("RGB", (8, 8)).save(file)
        ...     data = stream_folder(folder)
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

    name = shown(folder.resolve().name)
    images = StreamedImages(
        FolderImages(name, [file for part in files for file in part], image_size)
    )
    ends = np.cumsum([len(part) for part in files])
    splits = []
    for end, numbers in zip(ends, labels, strict=True):
        split = Split(images.select(slice(end - len(numbers), end)), numbers)
        splits.append(split.select(np.random.RandomState(seed).permutation(len(split))))
    train, others = splits[0], splits[1:]
    validation = train.take(0)
    if not others:
        train, test = divide(train, test_fraction, seed)
    else:
        test = others[-1]
        if len(others) == 2:
            validation = others[0]
    return Dataset(
        name,
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
