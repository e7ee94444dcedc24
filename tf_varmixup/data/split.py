"""Pictures with their labels, and how some of them are held out."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Split:
    """Pictures and their labels, in memory.

    Args:
        images: `uint8` array `(N, H, W, C)`, C being 1 or 3.
        labels: `int64` array `(N,)` of class numbers from 0.

    Raises:
        ValueError: if the arrays have other types or shapes.

    Example:
        >>> split = Split(np.zeros((2, 8, 8, 1), np.uint8), np.array([0, 1]))
        >>> len(split), len(split.take(1))
        (2, 1)
    """

    images: np.ndarray
    labels: np.ndarray

    def __post_init__(self):
        if (
            self.images.dtype != np.uint8
            or self.images.ndim != 4
            or self.images.shape[3] not in (1, 3)
        ):
            raise ValueError(
                f"images must be uint8 (N, H, W, 1 or 3), not {self.images.dtype} {self.images.shape}"
            )
        if self.labels.dtype != np.int64 or self.labels.shape != self.images.shape[:1]:
            raise ValueError(
                f"labels must be int64 ({len(self.images)},), not {self.labels.dtype} {self.labels.shape}"
            )

    def __len__(self):
        return len(self.labels)

    def take(self, n):
        """Return the split of the first `n` pictures, or all of them where there are fewer."""
        return Split(self.images[:n], self.labels[:n])


def held_out(labels, fraction, seed):
    """Choose which pictures are held out, the same fraction of every class.

    Of a class with n pictures, `n * fraction` rounded to the nearest are held out, at least one and
    at most n - 1; a class with a single picture keeps it. NumPy's `RandomState` draws them, since
    its stream is the same in every version of NumPy.

    Args:
        labels: `int` array `(N,)`.
        fraction: number in [0, 1); 0 holds nothing out.
        seed: Python integer.

    Returns:
        A `bool` array `(N,)`, True where a picture is held out.

    Example:
        >>> int(held_out(np.array([0] * 10 + [1] * 20), 0.2, seed=0).sum())
        6
    """
    chosen = np.zeros(len(labels), bool)
    if fraction == 0:
        return chosen
    random = np.random.RandomState(seed)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        count = min(max(1, int(len(rows) * fraction + 0.5)), len(rows) - 1)
        chosen[random.permutation(rows)[:count]] = True
    return chosen


def divide(split, fraction, seed):
    """Divide a split into the part that stays and the part that is held out, both in the split's
    order.

    Args:
        split: `Split`.
        fraction: number in [0, 1), how much of every class is held out.
        seed: Python integer.

    Returns:
        Two `Split`s: what stays, what is held out.

    Example:
        >>> train, validation = divide(train, 0.1, seed=0)
    """
    chosen = held_out(split.labels, fraction, seed)
    return Split(split.images[~chosen], split.labels[~chosen]), Split(
        split.images[chosen], split.labels[chosen]
    )
