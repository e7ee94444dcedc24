"""One cell of the benchmark: a data set under one corruption at one severity."""

import dataclasses

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions.apply import corrupt


@dataclasses.dataclass(frozen=True, eq=False)
class CorruptionCell:
    """A data set under one corruption at one severity, made batch by batch when it is asked for.

    Attributes:
        corruption: name of the corruption.
        severity: 1 to 5.
        pictures: `uint8` `(n, H, W, C)`, the clean pictures, or the published ones, which are
            corrupted already.
        labels: `int64` `(n,)`.
        seed: Python integer; what the corruption draws from.
        published: whether the pictures are the benchmark's published ones.

    Example:
        >>> for cell in CorruptionBenchmark(data.test):
        ...     print(cell.corruption, cell.severity, model.evaluate(cell.batches(num_classes=10), verbose=0))
    """

    corruption: str
    severity: int
    pictures: np.ndarray
    labels: np.ndarray
    seed: int = 0
    published: bool = False

    def __len__(self):
        return len(self.labels)

    def corrupt(self, pictures, indices):
        """Corrupt some of the clean pictures, as a graph function; published ones are returned as
        they are.

        Args:
            pictures: `uint8` tensor or array `(B, H, W, C)`, rows of `pictures`.
            indices: the numbers of these rows, integers `(B,)`, or the first of consecutive ones.

        Returns:
            A `uint8` tensor `(B, H, W, C)`.
        """
        if self.published:
            return tf.convert_to_tensor(pictures)
        return corrupt(pictures, self.corruption, self.severity, self.seed, indices)

    def batches(self, batch_size=500, num_classes=None):
        """Return the cell as a pipeline of batches, for `model.evaluate`.

        Args:
            batch_size: Python integer, the size of all batches but the last.
            num_classes: None for class numbers `(B,)`, or the K of one-hot labels `float32 (B, K)`.

        Returns:
            A `tf.data.Dataset` of pairs: `uint8` pictures `(B, H, W, C)` and labels.
        """
        with tf.device("CPU:0"):
            labels = tf.convert_to_tensor(self.labels)
            whole = (
                tf.convert_to_tensor(self.pictures),
                labels if num_classes is None else tf.one_hot(labels, num_classes),
            )

        # Whole slices: picture by picture, tf.data would take as long as a fast corruption.
        def batch(start, whole):
            pictures, labels = (values[start : start + batch_size] for values in whole)
            return self.corrupt(pictures, start), labels

        starts = tf.data.Dataset.range(0, len(self), batch_size, output_type=tf.int32)
        # The pictures are handed in and not captured: a function outlives its pipeline, and would
        # keep them.
        source = tf.data.Dataset.zip(starts, tf.data.Dataset.from_tensors(whole).repeat())
        return source.map(batch, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)

    def images(self):
        """Return the corrupted pictures as one `uint8` array `(n, H, W, C)`."""
        return np.concatenate([images for images, _ in self.batches().as_numpy_iterator()])
