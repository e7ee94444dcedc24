"""A data set: its three splits and what is known of its classes."""

import dataclasses

from tf_varmixup.data.split import Split


@dataclasses.dataclass(frozen=True, eq=False)
class ImageData:
    """A data set for image classification, in memory.

    Args:
        name: str, fit for a file name.
        train: `Split` to train on.
        validation: `Split` held out of the training data, to choose on. Empty if none was asked
            for.
        test: `Split` to report on.
        class_names: tuple of str; class k is `class_names[k]`.
        flip: bool, whether a picture keeps its class when mirrored left to right. Change it with
            `dataclasses.replace(data, flip=False)`.

    Example:
        >>> data = load_data("digits")
        >>> data.image_shape, data.num_classes, data.flip
        ((8, 8, 1), 10, False)
    """

    name: str
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    flip: bool

    @property
    def image_shape(self):
        """Height, width and channels of every picture, a tuple of three ints."""
        return tuple(self.train.images.shape[1:])

    @property
    def num_classes(self):
        """Number of classes, an int."""
        return len(self.class_names)
