"""A classifier against every corruption at every severity (Hendrycks and Dietterich 2019, arXiv:1903.12261)."""

import dataclasses

import numpy as np

from .. import corruptions as catalogue
from ..metrics import classification_summary
from .prediction import collect_logits, picture_batches


@dataclasses.dataclass(frozen=True, eq=False)
class GridCell:
    """What a classifier made of one corruption at one severity.

    Attributes:
        corruption: name of the corruption.
        severity: 1 to 5.
        logits: `float32` `(n, K)`.
        labels: `int64` `(n,)`.
        published: whether the pictures were the benchmark's published ones.
    """

    corruption: str
    severity: int
    logits: np.ndarray
    labels: np.ndarray
    published: bool = False

    def summary(self, temperature=1.0):
        """Return the figures of `classification_summary` at a temperature, as a dict of floats."""
        return classification_summary(self.logits, self.labels, temperature)


def grid_axes(corruptions, severities):
    """Check the axes of a grid.

    Args:
        corruptions: names of corruptions, or one of them.
        severities: integers from 1 to 5, or one of them.

    Returns:
        A pair of tuples.

    Raises:
        ValueError: if one is empty, repeats an entry or holds one that does not exist.

    Example:
        >>> grid_axes("fog", [1, 3, 5])
        (('fog',), (1, 3, 5))
    """
    axes = []
    for name, values, known in (("corruptions", corruptions, catalogue.CORRUPTIONS), ("severities", severities, catalogue.SEVERITIES)):
        values = (values,) if isinstance(values, (str, int)) else tuple(values)
        if not values or len(set(values)) < len(values) or not set(values) <= set(known):
            raise ValueError(f"{name} must be different values of {', '.join(map(str, known))}, received {values}")
        axes.append(values)
    return tuple(axes)


def corrupted_batches(images, corruption, severity, seed, batch_size):
    """Make the pipeline of one cell: every picture corrupted by draws of its own number, whatever the batch size.

    Args:
        images: `uint8` array or tensor `(N, H, W, C)`.
        corruption: name of the corruption.
        severity: 1 to 5.
        seed: Python integer.
        batch_size: largest size of a batch.

    Returns:
        A `tf.data.Dataset` of `uint8` batches, as `picture_batches` makes them.

    Raises:
        ValueError: if there are no pictures or `batch_size` is not a positive integer.

    Example:
        >>> logits = collect_logits(predict, corrupted_batches(images, "fog", 3, seed=0, batch_size=500), len(images))
    """

    def corrupt(pictures, indices):
        return catalogue.corrupt(pictures, corruption, severity, seed, indices=indices)

    return picture_batches(images, batch_size, corrupt)


def evaluate_grid(
    predict,
    split,
    corruptions=catalogue.BENCHMARK,
    severities=catalogue.SEVERITIES,
    seed=0,
    batch_size=500,
    max_pictures=None,
    published=None,
    on_cell=None,
):
    """Run a classifier over a split under each corruption at each severity.

    Args:
        predict: callable from a `uint8` batch `(B, H, W, C)` to logits `(B, K)`; within a call all batches have one shape.
        split: a `Split` of `uint8` pictures with their labels.
        corruptions: names of corruptions.
        severities: integers from 1 to 5.
        seed: Python integer; the same one gives the same corrupted pictures, whatever the batch size.
        batch_size: largest size of a batch.
        max_pictures: how many pictures to take, the first ones; None for all.
        published: None, or a folder of the benchmark's published `.npy` files: their pictures and labels, in their order, are then used
            instead of corrupting those of `split`.
        on_cell: None, or a callable that is given each `GridCell` once it is done.

    Returns:
        A list of `GridCell`, by corruption and then severity.

    Raises:
        ValueError: if a corruption or severity does not exist, a number is not positive, `split` is empty or not `uint8`, the published
            pictures have another shape, or `predict` does not return `(B, K)`.

    Example:
        >>> cells = evaluate_grid(tf.function(lambda images: model(images, training=False)), data.test)
        >>> mean_summary(cells)["accuracy"]
    """
    corruptions, severities = grid_axes(corruptions, severities)
    if max_pictures is not None and (isinstance(max_pictures, bool) or not isinstance(max_pictures, int) or max_pictures < 1):
        raise ValueError(f"max_pictures must be None or a positive integer, received {max_pictures!r}")
    if len(split.images) < 1 or split.images.dtype != np.uint8 or len(split.labels) != len(split.images):
        raise ValueError(
            f"expected a split of uint8 pictures with a label each, received {split.images.dtype} {split.images.shape} "
            f"with {len(split.labels)} labels"
        )
    images, labels = split.images[:max_pictures], np.asarray(split.labels[:max_pictures])
    cells = []
    for corruption in corruptions:
        for severity in severities:
            if published is None:
                batches = corrupted_batches(images, corruption, severity, seed, batch_size)
            else:
                stored, labels = catalogue.load_published(published, corruption, severity)
                stored, labels = stored[:max_pictures], np.asarray(labels[:max_pictures], np.int64)
                if stored.shape[1:] != images.shape[1:]:
                    raise ValueError(f"the published pictures are {stored.shape[1:]}, those of the split {images.shape[1:]}")
                batches = picture_batches(stored, batch_size)
            cell = GridCell(corruption, severity, collect_logits(predict, batches, len(labels)), labels, published is not None)
            cells.append(cell)
            if on_cell is not None:
                on_cell(cell)
    return cells
