"""Images that are decoded when they are asked for, indexed as an array is."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup.pipelines import aligned_array, tensor_of, without_autotuner
from tf_varmixup.streaming.image_source import ImageSource
from tf_varmixup.streaming.unreadable import raising_unreadable

SAMPLE_BYTES = 2**28  # of what is decoded once and kept, where some images stand for all
_PART_BYTES = 2**22


class StreamedImages:
    """Images of a source in some order, decoded when they are asked for.

    Stands where a `uint8` array `(N, H, W, C)` would: it has the shape and type, and indexing
    decodes images to an array. Only as a whole it is no array, since it may not fit into memory.
    Copies share the source.

    Args:
        source: An `ImageSource`.
        rows: The numbers of the images in the source, `int64 (N,)`; None takes all.

    Example:
        >>> class Levels(ImageSource):
        ...     shape = (256, 8, 8, 1)
        ...     def read(self, rows):
        ...         return tf.tile(tf.cast(rows, tf.uint8)[:, None, None, None], [1, 8, 8, 1])
        >>> images = StreamedImages(Levels()).select(slice(250, None))
        >>> images.shape, images[:2, 0, 0, 0].tolist()
        ((6, 8, 8, 1), [250, 251])
    """

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(self, source: ImageSource, rows: np.ndarray | None = None) -> None:
        self.source = source
        self.rows = np.arange(source.shape[0]) if rows is None else np.asarray(rows, np.int64)
        self._row_tensor = tensor_of(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """`(N, H, W, C)`."""
        return (len(self.rows), *self.source.shape[1:])

    @property
    def nbytes(self) -> int:
        """How much memory the images take as an array."""
        return int(np.prod(self.shape, dtype=np.int64))

    def select(self, rows: slice | np.ndarray) -> "StreamedImages":
        """Return some of the images, without decoding them.

        Args:
            rows: A slice, integers, or a mask.

        Returns:
            A `StreamedImages` of the same source.
        """
        return StreamedImages(self.source, self.rows[rows])

    def __getitem__(self, key: Any) -> np.ndarray:
        first, *rest = key if isinstance(key, tuple) else (key,)
        if first is Ellipsis:
            first, rest = slice(None), [slice(None)] * (len(self.shape) - len(rest) - 1) + rest
        if first is None:
            raise IndexError("Expected an index of images. Received: None, a new axis.")
        rows = self.rows[first]
        images = self.source.decode(np.atleast_1d(rows))
        return images[(slice(None) if rows.ndim else 0, *rest)]

    def read(self, rows: tf.Tensor) -> tf.Tensor:
        """Decode images, as a graph function.

        Args:
            rows: Integers `(B,)`, counted in the order of these images.

        Returns:
            A `uint8` tensor `(B, H, W, C)`.
        """
        images = self.source.read(tf.gather(self._row_tensor, rows))
        return tf.ensure_shape(images, (*rows.shape, *self.shape[1:]))

    def batches(self, batch_size: int) -> tf.data.Dataset:
        """Return a pipeline over all images in their order, the last batch of which may be short.

        Args:
            batch_size: Images per batch.

        Returns:
            A `tf.data.Dataset` of `uint8 (B, H, W, C)`.
        """
        count = len(self)

        def batch(start: tf.Tensor) -> tf.Tensor:
            return self.read(tf.range(start, tf.minimum(start + batch_size, count)))

        starts = tf.data.Dataset.range(0, count, batch_size)
        batches = starts.map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        return without_autotuner(batches.prefetch(tf.data.AUTOTUNE))

    def parts(self, size: int | None = None) -> Iterator[np.ndarray]:
        """Go through all images in their order, while the next ones are decoded.

        Args:
            size: Images per part; None takes what makes up about 4 MB.

        Yields:
            `uint8` arrays `(B, H, W, C)`.

        Raises:
            UnreadableImageError: If an image cannot be read.
        """
        size = size or max(1, _PART_BYTES * len(self) // max(1, self.nbytes))
        with raising_unreadable():
            for batch in self.batches(size):
                yield np.asarray(batch)

    def array(self) -> np.ndarray:
        """Decode all images into one array, whose memory tensors can share.

        Returns:
            A `uint8` array `(N, H, W, C)`.

        Raises:
            UnreadableImageError: If an image cannot be read.
        """
        array, done = aligned_array(self.shape), 0
        order = np.argsort(self.rows, kind="stable")  # as they lie on the disk
        for part in self.select(order).parts():
            array[order[done : done + len(part)]] = part
            done += len(part)
        return array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        raise ValueError(
            "Expected some of the images where they are streamed, such as images[:100]. Received: "
            f"a request for all {len(self):,} as one array ({self.nbytes / 2**30:.1f} GiB)."
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> "StreamedImages":
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return StreamedImages, (self.source, self.rows)

    def __repr__(self) -> str:
        return f"StreamedImages(shape={self.shape})"
