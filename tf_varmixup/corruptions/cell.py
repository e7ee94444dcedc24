"""One cell of the benchmark: a dataset under one corruption at one severity."""

import dataclasses

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions.apply import corrupt
from tf_varmixup.pipelines import without_autotuner
from tf_varmixup.streaming import StreamedImages


@dataclasses.dataclass(frozen=True, eq=False)
class CorruptionCell:
    """A dataset under one corruption at one severity, made batch by batch when it is asked for.

    Attributes:
        corruption: Name of the corruption.
        severity: 1 to 5.
        source: `uint8` `(n, H, W, C)`, the clean images, or `StreamedImages`; where `published`,
            the published ones, which are corrupted already.
        labels: `int64` `(n,)`.
        seed: Python integer; what the corruption draws from.
        published: Whether the images are the benchmark's published ones.

    Example:
        >>> images, labels = np.full((2, 8, 8, 1), 100, "uint8"), np.array([0, 1])
        >>> cell = CorruptionCell("brightness", 5, images, labels)
        >>> int(cell.images()[0, 0, 0, 0])  # 0.3 of the full range brighter
        176
        >>> for batch, numbers in cell.batches(batch_size=2):  # as `model.evaluate` takes them
        ...     print(batch.shape, numbers.numpy())
        (2, 8, 8, 1) [0 1]
    """

    corruption: str
    severity: int
    source: np.ndarray | StreamedImages
    labels: np.ndarray
    seed: int = 0
    published: bool = False

    def __len__(self) -> int:
        return len(self.labels)

    def corrupt(
        self, images: tf.Tensor | np.ndarray, indices: tf.Tensor | np.ndarray | int
    ) -> tf.Tensor:
        """Corrupt some of the clean images, as a graph function.

        Published images are returned as they are.

        Args:
            images: `uint8` tensor or array `(B, H, W, C)`, rows of `source`.
            indices: The numbers of these rows, integers `(B,)`, or the first of consecutive ones.

        Returns:
            A `uint8` tensor `(B, H, W, C)`.

        Example:
            >>> source = np.full((4, 8, 8, 1), 100, "uint8")
            >>> cell = CorruptionCell("gaussian_noise", 1, source, np.zeros(4, "int64"))
            >>> bool(np.all(cell.corrupt(source[2:], 2) == cell.images()[2:]))
            True
        """
        if self.published:
            return tf.convert_to_tensor(images)
        return corrupt(images, self.corruption, self.severity, self.seed, indices)

    def batches(self, batch_size: int = 500, num_classes: int | None = None) -> tf.data.Dataset:
        """Return the cell as a pipeline of batches, for `model.evaluate`.

        Args:
            batch_size: Size of all batches but the last.
            num_classes: None for class numbers `(B,)`, or the K of one-hot labels `float32 (B, K)`.

        Returns:
            A `tf.data.Dataset` of pairs: `uint8` images `(B, H, W, C)` and labels.

        Example:
            >>> source = np.full((3, 8, 8, 1), 100, "uint8")
            >>> cell = CorruptionCell("contrast", 1, source, np.array([0, 2, 1]))
            >>> [labels.shape for _, labels in cell.batches(2, num_classes=3)]
            [TensorShape([2, 3]), TensorShape([1, 3])]
        """
        source, count = self.source, len(self)
        with tf.device("CPU:0"):
            labels = tf.convert_to_tensor(self.labels)
            labels = labels if num_classes is None else tf.one_hot(labels, num_classes)
            if isinstance(source, StreamedImages):
                whole = (tf.range(count), labels)
            else:
                whole = (tf.convert_to_tensor(source), labels)

        # Whole slices: image by image, tf.data would take as long as a fast corruption.
        def batch(
            start: tf.Tensor, whole: tuple[tf.Tensor, tf.Tensor]
        ) -> tuple[tf.Tensor, tf.Tensor]:
            images, labels = (values[start : start + batch_size] for values in whole)
            if isinstance(source, StreamedImages):
                images = source.read(images)
            return self.corrupt(images, start), labels

        starts = tf.data.Dataset.range(0, len(self), batch_size, output_type=tf.int32)
        # The images are handed in and not captured: a function outlives its pipeline, and would
        # keep them.
        pairs = tf.data.Dataset.zip(starts, tf.data.Dataset.from_tensors(whole).repeat())
        batches = pairs.map(batch, num_parallel_calls=tf.data.AUTOTUNE)
        return without_autotuner(batches.prefetch(tf.data.AUTOTUNE))

    def images(self) -> np.ndarray:
        """Return the corrupted images as one `uint8` array `(n, H, W, C)`."""
        return np.concatenate([images for images, _ in self.batches().as_numpy_iterator()])
