"""Images with their labels, and how some of them are held out."""

import dataclasses

import numpy as np

from tf_varmixup.checks import check_share
from tf_varmixup.streaming import SAMPLE_BYTES, StreamedImages


@dataclasses.dataclass(frozen=True, eq=False)
class Split:
    """Images and their labels.

    Args:
        images: `uint8` array `(N, H, W, C)`, C being 1 or 3; or `StreamedImages`, which are decoded
            when they are asked for.
        labels: `int64` array `(N,)` of class numbers from 0.

    Raises:
        ValueError: If the arrays have other types or shapes.

    Example:
        >>> split = Split(np.zeros((2, 8, 8, 1), np.uint8), np.array([0, 1]))
        >>> len(split), len(split.take(1))
        (2, 1)
    """

    images: np.ndarray | StreamedImages
    labels: np.ndarray

    def __post_init__(self) -> None:
        for name, kinds in (("images", (np.ndarray, StreamedImages)), ("labels", np.ndarray)):
            value = getattr(self, name)
            if not isinstance(value, kinds):
                raise ValueError(
                    f"Expected {name} to be a NumPy array. Received: {type(value).__name__}."
                )
        images, labels = self.images, self.labels
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] not in (1, 3):
            raise ValueError(
                "Expected images of type uint8 and shape (N, H, W, 1 or 3). "
                f"Received: {images.dtype} {images.shape}."
            )
        if labels.dtype != np.int64 or labels.shape != images.shape[:1]:
            raise ValueError(
                f"Expected labels of type int64 and shape ({len(images)},), class numbers from 0. "
                f"Received: {labels.dtype} {labels.shape}."
            )

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, n: int) -> "Split":
        """Return the split of the first `n` images, or all of them where there are fewer."""
        return self.select(slice(n))

    def select(self, rows: slice | np.ndarray) -> "Split":
        """Return the split of some images; streamed ones are not decoded for that.

        Args:
            rows: A slice, integers, or a mask.

        Returns:
            A `Split`.

        Example:
            >>> split = Split(np.zeros((3, 8, 8, 1), np.uint8), np.array([0, 1, 2]))
            >>> split.select(np.array([2, 0])).labels.tolist()
            [2, 0]
        """
        images = self.images
        chosen = images.select(rows) if isinstance(images, StreamedImages) else images[rows]
        return Split(chosen, self.labels[rows])

    def in_memory(self) -> "Split":
        """Return the split with all images decoded, itself if they are."""
        if not isinstance(self.images, StreamedImages):
            return self
        return Split(self.images.array(), self.labels)

    def sample(self) -> "Split":
        """Return the first images, decoded: all of them, or of streamed ones at most 256 MiB."""
        if not isinstance(self.images, StreamedImages):
            return self
        size = max(1, self.images.nbytes // max(1, len(self)))
        return self.take(max(1, SAMPLE_BYTES // size)).in_memory()


def held_out(labels: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    """Choose which images are held out, the same fraction of every class.

    Of a class with n images, `n * fraction` rounded to the nearest are held out, at least one and
    at most n - 1; a class with a single image keeps it. NumPy's `RandomState` draws them, since
    its stream is the same in every version of NumPy.

    Args:
        labels: Integer array `(N,)`.
        fraction: How much of every class, in [0, 1); 0 holds nothing out.
        seed: Seed of the choice.

    Returns:
        A `bool` array `(N,)`, True where an image is held out.

    Raises:
        ValueError: If `fraction` is not in [0, 1).

    Example:
        >>> int(held_out(np.array([0] * 10 + [1] * 20), 0.2, seed=0).sum())
        6
    """
    check_share("fraction", fraction)
    chosen = np.zeros(len(labels), bool)
    if fraction == 0:
        return chosen
    random = np.random.RandomState(seed)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        count = min(max(1, int(len(rows) * fraction + 0.5)), len(rows) - 1)
        chosen[random.permutation(rows)[:count]] = True
    return chosen


def divide(split: Split, fraction: float, seed: int) -> tuple[Split, Split]:
    """Divide a split into the part that stays and the part that is held out, both in its order.

    Args:
        split: The split.
        fraction: How much of every class is held out, in [0, 1).
        seed: Seed of the choice.

    Returns:
        What stays, and what is held out.

    Example:
        >>> split = Split(np.zeros((10, 8, 8, 1), np.uint8), np.array([0, 1] * 5))
        >>> stays, out = divide(split, 0.2, seed=0)
        >>> len(stays), out.labels.tolist()
        (8, [1, 0])
    """
    chosen = held_out(split.labels, fraction, seed)
    return split.select(~chosen), split.select(chosen)
