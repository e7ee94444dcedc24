"""The classes of a folder of class folders, with their image files."""

import collections
import os
import pathlib
import unicodedata
from collections.abc import Iterable, Sequence

from tf_varmixup.data.decode import SUFFIXES, shown
from tf_varmixup.data.folder_listing import counted, list_folders, list_images


def list_classes(
    folder: pathlib.Path, skipped: collections.Counter[str]
) -> dict[str, list[pathlib.Path]]:
    """Return the image files of each class folder, in the order of the folders.

    Args:
        folder: The folder of class folders.
        skipped: Counts of what is passed over, by kind; this adds to it.

    Returns:
        A dict of class name to sorted paths.

    Raises:
        ValueError: If there are fewer than two classes, one has no images, or names are no text or
            the same.

    Example:
        >>> import collections, pathlib
        >>> files = list_classes(pathlib.Path("flowers"), collections.Counter())  # doctest: +SKIP
        >>> list(files)  # doctest: +SKIP
        ['rose', 'tulip']
    """
    folders = list_folders(folder, skipped)
    if len(folders) < 2:
        found, hint = "none", ""
        if folders:
            found = f"only {shown(folders[0].name)!r}"
            if len(list_folders(folders[0], collections.Counter())) > 1:
                hint = f" Did you mean {shown(folders[0])}?"
        raise ValueError(
            f"Expected {shown(folder)} to have a folder for each of at least two classes. "
            f"Received: {found}.{hint}"
        )
    # Where a link within a class would read the other classes.
    above = frozenset(os.path.realpath(path) for path in (folder, *folder.absolute().parents))
    classes: dict[str, list[pathlib.Path]] = {}
    for path in folders:
        name = _class_name(path)
        if name in classes:
            raise ValueError(
                f"Expected class folders of different names. Received: {name!r} twice in "
                f"{shown(folder)}, once composed and once decomposed."
            )
        passed: collections.Counter[str] = collections.Counter()
        classes[name] = list_images(path, passed, above)
        skipped.update(passed)
        if not classes[name]:
            raise ValueError(
                f"Expected images ({', '.join(SUFFIXES)}) in the class folder {shown(path)}. "
                f"Received: {counted(passed) or 'an empty folder'}."
            )
    return classes


def _class_name(folder: pathlib.Path) -> str:
    """The folder's name, composed, since macOS decomposes what others do not."""
    try:
        return unicodedata.normalize("NFC", os.fsencode(folder.name).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Expected class folders whose names are UTF-8. Received: {shown(folder)}."
        ) from error


def check_same_classes(
    folder: pathlib.Path,
    names: Iterable[str],
    train: pathlib.Path,
    class_names: Iterable[str],
) -> None:
    """Raise ValueError unless a split has the classes that are trained on.

    Args:
        folder: The folder of the split.
        names: Its classes.
        train: The folder of the training images.
        class_names: Their classes.

    Raises:
        ValueError: If the classes differ.
    """
    missing, more = sorted(set(class_names) - set(names)), sorted(set(names) - set(class_names))
    found = [f"no {some(missing)}"] * bool(missing) + [f"also {some(more)}"] * bool(more)
    if found:
        raise ValueError(
            f"Expected {shown(folder)} to have the class folders of {shown(train)}. "
            f"Received: {', '.join(found)}."
        )


def some(names: Sequence[str]) -> str:
    """Return the first few names as text, and how many more there are.

    Example:
        >>> some(["a", "b", "c", "d", "e", "f", "g"])
        'a, b, c, d, e and 2 more'
    """
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
