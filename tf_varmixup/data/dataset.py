"""A dataset: its three splits and what is known of its classes."""

import dataclasses

from tf_varmixup.data.labels import check_class_numbers
from tf_varmixup.data.limits import check_memory
from tf_varmixup.data.split import Split
from tf_varmixup.streaming import StreamedImages

_MIRRORED = "Training mirrors half of the images left to right."
_NOT_MIRRORED = "Training does not mirror images."
_STREAMED = "Images are streamed: decoded when they are needed, and not kept in memory."
_PARTS = ("train", "validation", "test")


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """A dataset for image classification.

    Args:
        name: What it is called, fit for a file name.
        train: The images to train on.
        validation: The images to choose on, apart from those to train on. Empty if none were asked
            for.
        test: The images to report on.
        class_names: The names of the classes; class k is `class_names[k]`.
        flip: Whether an image keeps its class when mirrored left to right, so that training may
            mirror it. Change it with `dataclasses.replace(data, flip=False)`.
        notes: Sentences to print beside the data, such as which files were passed over. The one
            that says whether training mirrors images is always there and follows `flip`; one
            says that images are streamed, where they are.

    Raises:
        ValueError: If the splits have images of different shapes, or labels beyond the classes.

    Example:
        >>> images = Split(np.zeros((4, 8, 8, 1), np.uint8), np.array([0, 1, 1, 0]))
        >>> data = Dataset("shapes", images, images.take(0), images, ("disc", "square"), flip=False)
        >>> data.image_shape, data.num_classes, data.notes
        ((8, 8, 1), 2, ('Training does not mirror images.',))
    """

    name: str
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    flip: bool
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for part in _PARTS:
            split = getattr(self, part)
            if split.images.shape[1:] != self.image_shape:
                raise ValueError(
                    f"Expected {part} images of shape {self.image_shape}, as the training images "
                    f"of {self.name!r} have. Received: {split.images.shape[1:]}."
                )
            try:
                check_class_numbers(split.labels, self.num_classes)
            except ValueError as error:
                raise ValueError(f"In the {part} split of {self.name!r}: {error}") from error
        own = (_MIRRORED, _NOT_MIRRORED, _STREAMED)
        facts = [note for note in self.notes if note not in own]
        facts += [_STREAMED] * self.is_streamed
        mirroring = _MIRRORED if self.flip else _NOT_MIRRORED
        object.__setattr__(self, "notes", (*facts, mirroring))

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of every image."""
        return tuple(self.train.images.shape[1:])

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def is_streamed(self) -> bool:
        """Whether images are decoded when they are needed, and not kept in memory."""
        return any(isinstance(getattr(self, part).images, StreamedImages) for part in _PARTS)

    def in_memory(self) -> "Dataset":
        """Return the dataset with all images decoded, itself if they are.

        Raises:
            ValueError: If the images exceed half of the memory, or one cannot be read.
        """
        if not self.is_streamed:
            return self
        splits = {part: getattr(self, part) for part in _PARTS}
        check_memory(self.name, sum(map(len, splits.values())), self.image_shape, streams=True)
        return dataclasses.replace(self, **{one: splits[one].in_memory() for one in splits})


ImageData = Dataset  # what it was called before
