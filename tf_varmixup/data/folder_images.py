"""The image files of a folder, decoded when they are asked for."""

import os
import pathlib
import warnings
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tf_varmixup.data.decode import decode_image, is_gray, shown
from tf_varmixup.data.limits import check_image_shape, resize
from tf_varmixup.streaming import ImageSource, UnreadableImageError, called_by_graph


class FolderImages(ImageSource):
    """Image files, decoded by Pillow in the `tf.data` graph and resized.

    Their size is that of the first file, unless `image_size` is given; they are gray if all files
    are, of which only the heads are read. That the others have the same size is found out when they
    are decoded.

    Args:
        name: Whose files they are, for messages.
        files: Their paths, at least one.
        image_size: Height and width to resize to, or None if all images have one size.

    Raises:
        ValueError: If the first file cannot be read, or is smaller than 8 x 8.

    Example:
        >>> import pathlib, tempfile
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder, "gray.png")
        ...     Image.new("L", (12, 10)).save(file)
        ...     images = FolderImages("grays", [file], image_size=8)
        ...     images.shape, images.decode(np.array([0, 0])).shape
        ((1, 8, 8, 1), (2, 8, 8, 1))
    """

    def __init__(
        self, name: str, files: Sequence[pathlib.Path], image_size: int | None = None
    ) -> None:
        # Pillow warns of odd EXIF data and of large images, in the threads of a pipeline too.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        self.files = [os.fspath(file) for file in files]
        self.image_size = image_size
        height, width, channels = decode_image(self.files[0]).shape
        if image_size is not None:
            height = width = image_size
        check_image_shape(name, (height, width, channels))
        channels = 1 if all(map(is_gray, self.files)) else 3
        self.shape = (len(self.files), height, width, channels)

    def read(self, rows: tf.Tensor) -> tf.Tensor:
        """Decode the files of these numbers, as a graph function."""

        def one(row: tf.Tensor) -> tf.Tensor:
            image = called_by_graph(self._decode, [row], tf.uint8)
            image = resize(tf.ensure_shape(image, (None, None, None)), self.image_size)
            return tf.broadcast_to(image, self.shape[1:])  # one gray channel fills all three

        signature = tf.TensorSpec(self.shape[1:], tf.uint8)
        return tf.map_fn(one, rows, fn_output_signature=signature, parallel_iterations=1)

    def _decode(self, row: int) -> np.ndarray:
        file = self.files[row]
        try:
            image = decode_image(file)
        except ValueError as error:
            raise UnreadableImageError(str(error)) from error
        height, width = self.shape[1:3]
        if self.image_size is None and image.shape[:2] != (height, width):
            raise UnreadableImageError(
                f"Expected images of one size, or image_size to resize them to. Received: "
                f"{height} x {width} ({shown(self.files[0])}) and "
                f"{image.shape[0]} x {image.shape[1]} ({shown(file)})."
            )
        return image
