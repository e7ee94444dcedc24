"""Where streamed images come from: what a folder and TFDS each define."""

import abc
import concurrent.futures
import functools
import os
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup.streaming.unreadable import raising_unreadable

_FEW = 16  # for which threads do not pay


class ImageSource(abc.ABC):
    """Numbered images that can be decoded in any order.

    A subclass sets `shape` and defines `read`.

    Attributes:
        shape: `(N, H, W, C)`.

    Example:
        >>> class Levels(ImageSource):
        ...     shape = (256, 8, 8, 1)
        ...     def read(self, rows):
        ...         return tf.tile(tf.cast(rows, tf.uint8)[:, None, None, None], [1, 8, 8, 1])
        >>> Levels().decode(np.array([7, 3]))[:, 0, 0, 0].tolist()
        [7, 3]
    """

    shape: tuple[int, int, int, int]

    @abc.abstractmethod
    def read(self, rows: tf.Tensor) -> tf.Tensor:
        """Decode images, as a graph function.

        Args:
            rows: Their numbers, `int64 (B,)`.

        Returns:
            A `uint8` tensor `(B, H, W, C)`.
        """

    def decode(self, rows: np.ndarray) -> np.ndarray:
        """Decode images now, on all cores.

        Args:
            rows: Their numbers, `int64 (B,)`.

        Returns:
            A `uint8` array `(B, H, W, C)`.

        Raises:
            UnreadableImageError: If one cannot be read.
        """
        with raising_unreadable():
            if len(rows) <= _FEW:
                return np.asarray(self._traced(rows))
            workers = os.cpu_count() or 1
            with concurrent.futures.ThreadPoolExecutor(workers) as threads:
                parts = threads.map(self._traced, np.array_split(rows, workers))
                return np.concatenate([np.asarray(part) for part in parts])

    @functools.cached_property
    def _traced(self) -> Any:
        def read(rows: tf.Tensor) -> tf.Tensor:
            with tf.device("CPU:0"):  # where a pipeline works, which gives the same to the bit
                return self.read(rows)

        return tf.function(read, input_signature=[tf.TensorSpec((None,), tf.int64)])

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_traced"}
