"""The benchmark as files, laid out as the authors publish theirs."""

import hashlib
import os
import pathlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from tf_varmixup.corruptions.ahead import corrupted_ahead
from tf_varmixup.corruptions.benchmark import CorruptionBenchmark
from tf_varmixup.corruptions.cell import CorruptionCell
from tf_varmixup.corruptions.frost import frost_source
from tf_varmixup.corruptions.names import SEVERITIES
from tf_varmixup.corruptions.origin import ORIGIN_FILE, read_origin
from tf_varmixup.files import write_json
from tf_varmixup.streaming import StreamedImages


def write_benchmark(
    benchmark: CorruptionBenchmark,
    folder: str | os.PathLike[str],
    on_cell: Callable[[CorruptionCell], Any] | None = None,
) -> None:
    """Write a benchmark as files, laid out as CIFAR-10-C is.

    There is one `<corruption>.npy` per corruption, `uint8 (5n, H, W, C)` with severities 1 to 5 in
    order, and `labels.npy`. The folder can be read by `load_published` and by whatever reads
    CIFAR-10-C. `origin.json` beside the arrays says how they were made. A file has its final name
    only once it is whole; where an interrupted call left off, another with the same benchmark goes
    on, and what is there is not written again.

    Args:
        benchmark: A `CorruptionBenchmark` of all five severities.
        folder: Path of a new folder, or of one that an earlier call wrote.
        on_cell: None, or a callable that is given each `CorruptionCell` once it is done, those of
            an earlier call too.

    Raises:
        ValueError: If a severity is missing, the images are published ones, or the folder holds
            something else than this benchmark.
        OSError: If the folder cannot be written.

    Example:
        >>> images, labels = np.full((4, 8, 8, 3), 100, "uint8"), np.array([0, 1, 1, 0])
        >>> write_benchmark(CorruptionBenchmark((images, labels), "contrast"), "corrupted")
        >>> np.load("corrupted/contrast.npy").shape
        (20, 8, 8, 3)
    """
    folder = pathlib.Path(folder)
    if benchmark.severities != SEVERITIES:
        raise ValueError(
            f"Expected a benchmark of the severities {SEVERITIES}, as the published layout has. "
            f"Received: {benchmark.severities}."
        )
    if benchmark.published is not None:
        raise ValueError(
            "Expected a benchmark of regenerated images. "
            f"Received: the published ones of {benchmark.published}."
        )
    shape = list(benchmark.images.shape)
    origin = {
        **benchmark.origin,
        "frost": frost_source(),
        "seed": benchmark.seed,
        "clean_shape": shape,
        "clean_sha256": _digest(benchmark.images),
    }
    _open(folder, origin)
    labels = benchmark.labels
    _check_labels(folder / "labels.npy", labels)
    _save(folder / "labels.npy", labels.dtype, (5 * len(labels),), [labels] * 5)
    for corruption in benchmark.corruptions:
        cells = [benchmark.cell(corruption, severity) for severity in SEVERITIES]
        path = folder / f"{corruption}.npy"
        if not path.exists():
            _save(path, np.uint8, (5 * len(labels), *shape[1:]), _parts(cells, on_cell))
        elif on_cell is not None:
            for cell in cells:
                on_cell(cell)


def _parts(
    cells: list[CorruptionCell], on_cell: Callable[[CorruptionCell], Any] | None
) -> Iterator[np.ndarray]:
    for cell, start, images in corrupted_ahead(cells):
        yield images.numpy()
        if on_cell is not None and start + len(images) == len(cell):
            on_cell(cell)


def _digest(images: np.ndarray | StreamedImages) -> str:
    found = hashlib.sha256()
    for part in images.parts() if isinstance(images, StreamedImages) else (images,):
        found.update(np.ascontiguousarray(part).data)
    return found.hexdigest()


def _open(folder: pathlib.Path, origin: dict[str, Any]) -> None:
    """Create the folder, or make sure that it is one of the same benchmark."""
    folder.mkdir(parents=True, exist_ok=True)
    old = read_origin(folder)
    if old is None:
        if any(not path.name.startswith(".") for path in folder.iterdir()):
            raise ValueError(
                f"Expected {folder} to be a new folder. Received: a folder of other files."
            )
        write_json(folder / ORIGIN_FILE, origin)
        return
    for name in origin | old:
        if old.get(name) != origin.get(name):
            raise ValueError(
                f"Expected {folder} to be begun with {name} {origin.get(name)!r}. "
                f"Received: {old.get(name)!r}. Choose a new folder."
            )


def _check_labels(path: pathlib.Path, labels: np.ndarray) -> None:
    """Raise ValueError if the labels that are there are others."""
    if path.exists() and not np.array_equal(np.load(path), np.tile(labels, len(SEVERITIES))):
        raise ValueError(
            f"Expected {path} to have the labels of the benchmark. Received: others. Choose a new "
            "folder."
        )


def _save(
    path: pathlib.Path,
    dtype: np.dtype | type,
    shape: tuple[int, ...],
    parts: Iterable[np.ndarray],
) -> None:
    """Write the parts of an array one after the other, under the final name once all are there.

    The partial file has always the same name, so that calls which were killed leave one at most.
    """
    if path.exists():
        return
    partial = path.with_name(f"{path.name}.partial")
    array = np.lib.format.open_memmap(partial, "w+", dtype, shape)
    start = 0
    for part in parts:
        array[start : start + len(part)] = part
        start += len(part)
    array.flush()
    os.replace(partial, path)
