"""Find the image files of a folder, and count what is passed over."""

import collections
import os
import pathlib

from tf_varmixup.data.decode import SUFFIXES, UNREADABLE_SUFFIXES, shown

# What systems and tools put into folders, in lower case; names that begin with a dot are hidden.
_TOOLS = frozenset(
    (
        *("__macosx", "__pycache__", "@eadir", "@tmp", "#recycle", "#snapshot", "$recycle.bin"),
        *("system volume information", "lost+found", "thumbs.db", "ehthumbs.db", "desktop.ini"),
    )
)
_MOST = 8


def list_images(
    folder: pathlib.Path, skipped: collections.Counter[str], above: frozenset[str] = frozenset()
) -> list[pathlib.Path]:
    """Return all image files in a folder and its subfolders, sorted.

    Links to files and folders are followed, to no folder twice. Hidden files, and the folders and
    files of systems and tools (`.ipynb_checkpoints`, `@eaDir`, `__MACOSX`, `Thumbs.db`, ...), are
    no data.

    Args:
        folder: The folder.
        skipped: Counts of what is passed over, by kind; this adds to it.
        above: Resolved paths of folders that a link may not lead back to.

    Returns:
        The paths.

    Raises:
        ValueError: If a folder cannot be read, an image has a format that cannot be read, or is
            a link to nothing.

    Example:
        >>> import pathlib
        >>> list_images(pathlib.Path("flowers/tulip"), collections.Counter())  # doctest: +SKIP
        [PosixPath('flowers/tulip/1.jpg'), PosixPath('flowers/tulip/2.webp')]
    """
    files: list[pathlib.Path] = []
    here = pathlib.Path(os.path.realpath(folder))
    seen = {*above, *map(str, (here, *here.parents))}
    waiting = [folder]
    while waiting:
        for entry in scan(waiting.pop()):
            path = pathlib.Path(entry.path)
            suffix = path.suffix.lower()
            if is_tool(entry.name):
                skipped[kind_of_tool(entry)] += 1
            elif _is_folder(entry):
                real = os.path.realpath(path)
                if real in seen:
                    skipped["linked folder that leads back"] += 1
                else:
                    seen.add(real)
                    waiting.append(path)
            elif suffix in UNREADABLE_SUFFIXES:
                raise ValueError(
                    f"Expected images in the formats {', '.join(SUFFIXES)}. "
                    f"Received: {shown(path)}. Convert it, or move it elsewhere."
                )
            elif suffix not in SUFFIXES:
                skipped[suffix or "without a suffix"] += 1
            elif entry.is_file():
                files.append(path)
            elif path.exists():
                skipped["pipe, socket or device"] += 1
            else:
                raise ValueError(
                    f"Expected an image file that can be read. "
                    f"Received: {shown(path)}, a link to nothing."
                )
    return sorted(files)


def list_folders(folder: pathlib.Path, skipped: collections.Counter[str]) -> list[pathlib.Path]:
    """Return the subfolders of a folder that may hold data, sorted, links to folders included.

    Args:
        folder: The folder.
        skipped: Counts of what is passed over, by kind; this adds to it.

    Returns:
        The paths.

    Raises:
        ValueError: If the folder cannot be read.
    """
    folders, here = [], pathlib.Path(os.path.realpath(folder))
    for entry in scan(folder):
        if is_tool(entry.name):
            skipped[kind_of_tool(entry)] += 1
        elif _is_folder(entry):
            real = pathlib.Path(os.path.realpath(entry.path))
            if entry.is_symlink() and real in (here, *here.parents):
                skipped["linked folder that leads back"] += 1
            else:
                folders.append(pathlib.Path(entry.path))
        else:
            suffix = pathlib.Path(entry.name).suffix.lower()
            skipped[f"{suffix or 'without a suffix'} beside the class folders"] += 1
    return sorted(folders)


def scan(folder: pathlib.Path) -> list[os.DirEntry[str]]:
    """Return what is in a folder, sorted by name, or raise ValueError if it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise ValueError(
            f"Expected a folder that can be read. Received: {shown(folder)} ({error.strerror})."
        ) from error


def is_tool(name: str) -> bool:
    """Return whether a name is hidden or one that systems and tools use."""
    return name.startswith(".") or name.lower() in _TOOLS


def kind_of_tool(entry: os.DirEntry[str]) -> str:
    """Return what a hidden file or a folder of a tool is counted as."""
    if _is_folder(entry):
        return f"folder {shown(entry.name)}"
    return "hidden file" if entry.name.startswith(".") else entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def counted(skipped: collections.Counter[str]) -> str:
    """Return counts as text, the most frequent kinds first.

    Args:
        skipped: Counts by kind.

    Returns:
        A string, empty if nothing was counted.

    Example:
        >>> import collections
        >>> counted(collections.Counter({".txt": 12, "folder @eaDir": 2}))
        '12 x .txt, 2 x folder @eaDir'
    """
    kinds = skipped.most_common()
    parts = [f"{count} x {kind}" for kind, count in kinds[:_MOST]]
    rest = sum(count for _, count in kinds[_MOST:])
    return ", ".join([*parts, *([f"{rest} of other kinds"] if rest else [])])
