"""The records of TFRecord files, read in any order."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

_BEFORE, _AROUND = 12, 16  # a record's length and its checksum stand before it, another behind


class RecordFiles:
    """Random access to the records of TFRecord files, which TensorFlow itself reads in order only.

    TFDS offers it for array_record files and not for these, its usual ones.

    Args:
        paths: The files, in order.
        counts: How many records each has.
        lengths: How many bytes each record has, `int64 (N,)`.

    Example:
        >>> with tf.io.TFRecordWriter("some.tfrecord") as writer:
        ...     for record in (b"first", b"second", b"third"):
        ...         writer.write(record)
        >>> RecordFiles(["some.tfrecord"], [3], np.array([5, 6, 5]))[np.array([2, 0])].tolist()
        [b'third', b'first']
    """

    def __init__(self, paths: Sequence[str], counts: Sequence[int], lengths: np.ndarray) -> None:
        self.paths, self.lengths = list(paths), lengths
        self._ends = np.cumsum(counts)
        ends = np.cumsum(lengths + _AROUND)
        starts = ends - (lengths + _AROUND)
        first = np.repeat(starts[self._ends - np.asarray(counts)], counts)  # of each one's file
        self.starts = starts - first + _BEFORE

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        """Read the records of these numbers.

        Args:
            rows: Integers `(B,)`.

        Returns:
            An array of `bytes`, `(B,)`.

        Raises:
            OSError: If a file cannot be read or is shorter than it was.
        """
        records = np.empty(len(rows), object)
        files = np.searchsorted(self._ends, rows, side="right")
        for number in np.unique(files):
            with _opened(self.paths[number]) as file:
                for place in np.flatnonzero(files == number):
                    length = int(self.lengths[rows[place]])
                    file.seek(int(self.starts[rows[place]]))
                    records[place] = file.read(length)
                    if len(records[place]) != length:
                        raise OSError(f"{self.paths[number]} is shorter than it was")
        return records


def _opened(path: str) -> Any:
    """Open a file, on a disk without a buffer, which every record would fill anew."""
    if "://" in path:
        return tf.io.gfile.GFile(path, "rb")
    return open(os.path.expanduser(path), "rb", buffering=0)
