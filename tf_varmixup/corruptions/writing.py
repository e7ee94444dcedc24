"""The benchmark as files, laid out as the authors publish theirs."""

import hashlib
import json
import os
import pathlib

import numpy as np

from tf_varmixup.corruptions.ahead import corrupted_ahead
from tf_varmixup.corruptions.catalogue import SEVERITIES
from tf_varmixup.corruptions.frost import frost_source
from tf_varmixup.corruptions.published import ORIGIN_FILE


def write_benchmark(benchmark, folder, on_cell=None):
    """Write a benchmark as one `<corruption>.npy` a corruption, `uint8 (5n, H, W, C)` with
    severities 1 to 5 in order, and `labels.npy`.

    The folder can be read by `load_published` and by whatever reads CIFAR-10-C. `origin.json`
    beside the arrays says how they were made. A file has its final name only once it is whole;
    where an interrupted call left off, another with the same benchmark goes on, and what is there
    is not written again.

    Args:
        benchmark: a `CorruptionBenchmark` of all five severities.
        folder: path of a new folder, or of one that an earlier call wrote.
        on_cell: None, or a callable that is given each `CorruptionCell` once it is done, those of
            an earlier call too.

    Raises:
        ValueError: if a severity is missing, the pictures are published ones, or the folder holds
            something else than this benchmark.
        OSError: if the folder cannot be written.

    Example:
        >>> write_benchmark(CorruptionBenchmark(data.load_data("svhn_cropped").test, "all"), "SVHN-C")
    """
    folder = pathlib.Path(folder)
    if benchmark.severities != SEVERITIES:
        raise ValueError(
            f"the published layout has the severities {SEVERITIES}, received {benchmark.severities}"
        )
    if benchmark.published is not None:
        raise ValueError(f"the pictures in {benchmark.published} are published already")
    clean = hashlib.sha256(np.ascontiguousarray(benchmark.images)).hexdigest()
    shape = list(benchmark.images.shape)
    _open(
        folder,
        {
            **benchmark.origin,
            "frost": frost_source(),
            "seed": benchmark.seed,
            "clean_shape": shape,
            "clean_sha256": clean,
        },
    )
    _save(
        folder / "labels.npy",
        benchmark.labels.dtype,
        (5 * len(benchmark.labels),),
        [benchmark.labels] * 5,
    )
    for corruption in benchmark.corruptions:
        cells = [benchmark.cell(corruption, severity) for severity in SEVERITIES]
        path = folder / f"{corruption}.npy"
        if not path.exists():
            _save(path, np.uint8, (5 * len(benchmark.labels), *shape[1:]), _parts(cells, on_cell))
        elif on_cell is not None:
            for cell in cells:
                on_cell(cell)


def _parts(cells, on_cell):
    for cell, start, pictures in corrupted_ahead(cells):
        yield pictures.numpy()
        if on_cell is not None and start + len(pictures) == len(cell):
            on_cell(cell)


def _open(folder, origin):
    """Create the folder, or make sure that it is one of the same benchmark."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ORIGIN_FILE
    if not path.exists():
        if any(folder.iterdir()):
            raise ValueError(f"{folder} holds other files; choose a new folder")
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(origin, indent=2) + "\n", encoding="utf-8")
        os.replace(partial, path)
    old = json.loads(path.read_text(encoding="utf-8"))
    for name in origin | old:
        if old.get(name) != origin.get(name):
            raise ValueError(
                f"{folder} was begun with {name} {old.get(name)!r}, not {origin.get(name)!r}; choose a new folder"
            )


def _save(path, dtype, shape, parts):
    """Write the parts of an array one after the other, through the page cache, under the final name
    once all are there."""
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
