"""Tell from the names of a folder's subfolders which are splits, and which are classes."""

import collections
import dataclasses
import pathlib
import re
from collections.abc import Iterable

from tf_varmixup.data.decode import SUFFIXES, shown
from tf_varmixup.data.folder_listing import list_folders, scan

_NAMES = {
    "train": ("train", "training", "trn"),
    "validation": ("val", "valid", "validation", "dev", "development", "eval", "evaluation"),
    "test": ("test", "testing", "tst", "holdout", "heldout"),
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names}
_FILLING = "datasets?|data|sets?|images?|imgs?|split|samples"


@dataclasses.dataclass(frozen=True)
class FolderLayout:
    """Where the class folders of each split are.

    Args:
        train: The folder whose subfolders are the classes to train on.
        validation: The one of the images to validate on, or None.
        test: The one of the images to test on, or None.
        unused: Folders beside them that are none of the three.
    """

    train: pathlib.Path
    validation: pathlib.Path | None = None
    test: pathlib.Path | None = None
    unused: tuple[pathlib.Path, ...] = ()


def folder_layout(folder: pathlib.Path, skipped: collections.Counter[str]) -> FolderLayout:
    """Return whether a folder has class folders, or splits with class folders.

    It has splits if one of its subfolders has a name for training images and either has subfolders
    itself or stands beside another split.

    Args:
        folder: The folder.
        skipped: Counts of what is passed over, by kind; this adds to it.

    Returns:
        A `FolderLayout`.

    Raises:
        ValueError: If two folders are the same split, or there are splits but none to train on.
    """
    found: dict[str | None, list[pathlib.Path]] = {None: []}
    passed: collections.Counter[str] = collections.Counter()
    for path in list_folders(folder, passed):
        found.setdefault(role_of(path.name), []).append(path)
    unused = found.pop(None)
    if "train" not in found:
        if found and not unused:
            raise ValueError(
                f"Expected a folder of training images in {shown(folder)}, such as train. "
                f"Received: {_names(path for paths in found.values() for path in paths)}."
            )
        return FolderLayout(folder)
    if len(found) == 1 and not any(_holds_classes(path, unused) for path in found["train"]):
        return FolderLayout(folder)
    for role, paths in found.items():
        if len(paths) > 1:
            raise ValueError(
                f"Expected one folder of {role} images in {shown(folder)}. "
                f"Received: {_names(paths)}."
            )
    skipped.update(passed)
    splits = {str(role): paths[0] for role, paths in found.items()}
    return FolderLayout(**splits, unused=tuple(unused))


def role_of(name: str) -> str | None:
    """Return which split a folder's name stands for, in any case and with or without filling words.

    Args:
        name: The name of a folder.

    Returns:
        "train", "validation", "test", or None.

    Example:
        >>> [role_of(name) for name in ("Training", "test_images", "dev-set", "cats")]
        ['train', 'test', 'validation', None]
    """
    letters = re.sub(r"[^a-z]", "", name.lower())
    return _ROLES.get(letters) or _ROLES.get(re.sub(rf"^({_FILLING})+|({_FILLING})+$", "", letters))


def _holds_classes(folder: pathlib.Path, beside: list[pathlib.Path]) -> bool:
    """A class of the name "train", beside buses and cars, has images itself."""
    entries = scan(folder)
    images = any(pathlib.Path(entry.name).suffix.lower() in SUFFIXES for entry in entries)
    return bool(list_folders(folder, collections.Counter())) and not (beside and images)


def _names(paths: Iterable[pathlib.Path]) -> str:
    return " and ".join(sorted(shown(path.name) for path in paths))
