"""The images of a split of a TFDS dataset, decoded when they are asked for."""

from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from tf_varmixup.data.limits import resize
from tf_varmixup.data.record_files import RecordFiles
from tf_varmixup.data.tensorflow_datasets_builder import quiet
from tf_varmixup.pipelines import without_autotuner
from tf_varmixup.streaming import ImageSource, UnreadableImageError, called_by_graph

_AT_ONCE = 256


class TensorFlowDatasetImages(ImageSource):
    """Images of a prepared split, in the order of TFDS' files.

    Files of the formats tfrecord, array_record and parquet can be read. All are read once, for the
    labels.

    Args:
        builder: A `tfds.core.DatasetBuilder` that is prepared.
        split: Name of the split.
        image: Name of the feature with the images.
        label: Name of the feature with their classes.
        shape: `(H, W, C)` that they are to have.
        image_size: Height and width to resize to, or None.

    Attributes:
        labels: `int64 (N,)`.

    Raises:
        ValueError: If the images have no 8 bits, or the files cannot be read or have another number
            of examples.
    """

    def __init__(
        self,
        builder: Any,
        split: str,
        image: str,
        label: str,
        shape: tuple[int, int, int],
        image_size: int | None,
    ) -> None:
        feature = builder.info.features[image]
        if feature.np_dtype != np.uint8:
            raise ValueError(
                f"Expected images of {builder.name!r} of type uint8. "
                f"Received: {np.dtype(feature.np_dtype).name}."
            )
        self.name, self.image, self.image_size = builder.name, image, image_size
        self._feature = feature
        count = builder.info.splits[split].num_examples
        try:
            self._records, self.labels = _scan(builder, split, label)
        except (NotImplementedError, tf.errors.OpError, OSError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ValueError(
                f"Expected the split {split!r} of {builder.name!r} in files that can be read. "
                f"Received: {type(error).__name__}: {reason}"
            ) from error
        if len(self.labels) != count:
            raise ValueError(
                f"Expected {count} images in the split {split!r} of {builder.name!r}. "
                f"Received: {len(self.labels)}."
            )
        self.shape = (count, *shape)

    def read(self, rows: tf.Tensor) -> tf.Tensor:
        """Decode the examples of these numbers, as a graph function."""
        records = called_by_graph(self._read_records, [rows], tf.string)
        records = tf.ensure_shape(records, rows.shape)
        encoded = tf.io.parse_example(records, {self.image: tf.io.FixedLenFeature((), tf.string)})

        def decode(one: tf.Tensor) -> tf.Tensor:
            image = self._feature.decode_example(one)[..., : self.shape[3]]
            return tf.ensure_shape(resize(image, self.image_size), self.shape[1:])

        signature = tf.TensorSpec(self.shape[1:], tf.uint8)
        images = encoded[self.image]
        return tf.map_fn(decode, images, fn_output_signature=signature, parallel_iterations=1)

    def _read_records(self, rows: np.ndarray) -> np.ndarray:
        try:
            return self._records[rows]
        except OSError as error:
            raise UnreadableImageError(
                f"Expected the files of {self.name!r} as they were. Received: {error}."
            ) from error


class _DataSource:
    """TFDS' own random access, which array_record and parquet files have."""

    def __init__(self, builder: Any, split: str) -> None:
        with quiet():
            self.source = builder.as_data_source(
                split, deserialize_method=tfds.decode.DeserializeMethod.RAW_BYTES
            )

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        records = np.empty(len(rows), object)
        records[:] = self.source.__getitems__(rows.tolist())
        return records


def _scan(builder: Any, split: str, label: str) -> tuple[Any, np.ndarray]:
    """Read all examples once: what gives access to each of them, and the labels."""
    info = builder.info.splits[split]
    # As TFDS takes them where nothing is said, as in data that earlier versions prepared.
    is_tfrecord = builder.info.file_format in (None, tfds.core.FileFormat.TFRECORD)
    source: Any = None
    if is_tfrecord:
        paths = [str(path) for path in info.filepaths]
        examples = tf.data.TFRecordDataset(paths).batch(_AT_ONCE)
    else:
        source = _DataSource(builder, split)

        def read(start: tf.Tensor) -> tf.Tensor:
            rows = tf.range(start, tf.minimum(start + _AT_ONCE, info.num_examples))
            records = called_by_graph(source.__getitem__, [rows], tf.string)
            return tf.ensure_shape(records, (None,))

        examples = tf.data.Dataset.range(0, info.num_examples, _AT_ONCE).map(read)
    feature = {label: tf.io.FixedLenFeature((), tf.int64)}
    scanned = examples.map(
        lambda batch: (tf.strings.length(batch), tf.io.parse_example(batch, feature)[label]),
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )
    found = list(without_autotuner(scanned).as_numpy_iterator())
    none = [(np.zeros(0, np.int32), np.zeros(0, np.int64))]
    lengths, labels = (np.concatenate(parts) for parts in zip(*(found or none), strict=True))
    if is_tfrecord:
        source = RecordFiles(paths, info.shard_lengths, lengths.astype(np.int64))
    return source, labels
