"""The benchmark on any data set: a grid of corruptions and severities."""

import itertools

import numpy as np
import tensorflow as tf

from tf_varmixup.corruptions.apply import check_images
from tf_varmixup.corruptions.catalogue import (
    BENCHMARK,
    CORRUPTIONS,
    SEVERITIES,
    VALIDATION,
    constants_size,
)
from tf_varmixup.corruptions.cell import CorruptionCell
from tf_varmixup.corruptions.frost import frost_source
from tf_varmixup.corruptions.published import (
    load_published,
    published_corruptions,
    published_origin,
)

GROUPS = {"benchmark": BENCHMARK, "validation": VALIDATION, "all": CORRUPTIONS}
NAMES = {32: "CIFAR-10-C", 64: "Tiny-ImageNet-C", 224: "ImageNet-C"}


class CorruptionBenchmark:
    """A data set under every corruption at every severity.

    Iterating gives one `CorruptionCell` after the other, by corruption and then severity; nothing
    is computed before a cell is asked for its pictures. The same seed gives the same pictures,
    whatever the batch size, the order, or the choice of cells.

    Source: Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions
        and Perturbations", ICLR 2019.

    Args:
        dataset: pictures with their labels: a pair of arrays, `uint8` `(N, H, W, C)` and class
            numbers `(N,)`; an object with such arrays as `images` and `labels`, as
            `tf_varmixup.data` gives them; or a `tf.data.Dataset` of such pairs, picture by picture
            or in batches.
        corruptions: "benchmark" (the 15 that count), "validation" (the 4 others, to choose by),
            "all", or names of corruptions.
        severities: integers from 1 to 5, or one of them.
        max_pictures: how many pictures to take, the first ones; None for all.
        seed: Python integer, what the corruptions draw from.
        published: None, or a folder of published pictures, see `load_published`; these and their
            labels are then used, in their order.

    Raises:
        ValueError: if a corruption or severity does not exist or is repeated, `max_pictures` is not
            a positive integer, the pictures are not `uint8` with 1 or 3 channels and at least 8
            pixels a side, or the labels do not fit them.
        FileNotFoundError: if `published` lacks a corruption.

    Example:
        >>> benchmark = CorruptionBenchmark(data.load_data("cifar10").test, severities=[1, 3, 5], max_pictures=1000)
        >>> accuracy = {(cell.corruption, cell.severity): model.evaluate(cell.batches(num_classes=10))[1] for cell in benchmark}
    """

    def __init__(
        self,
        dataset,
        corruptions="benchmark",
        severities=SEVERITIES,
        max_pictures=None,
        seed=0,
        published=None,
    ):
        if isinstance(corruptions, str):
            corruptions = GROUPS.get(corruptions, (corruptions,))
        self.corruptions = _different("corruptions", corruptions, CORRUPTIONS)
        self.severities = _different(
            "severities",
            (severities,) if isinstance(severities, (int, np.integer)) else severities,
            SEVERITIES,
        )
        if max_pictures is not None and (
            isinstance(max_pictures, bool) or not isinstance(max_pictures, int) or max_pictures < 1
        ):
            raise ValueError(
                f"max_pictures must be None or a positive integer, received {max_pictures!r}"
            )
        images, labels = _arrays(dataset, max_pictures)
        check_images(images)
        if (
            labels.ndim != 1
            or labels.dtype.kind not in "iu"
            or len(labels) != len(images)
            or len(images) < 1
        ):
            raise ValueError(
                f"expected pictures with a class number each, received {images.shape} with {labels.dtype} {labels.shape}"
            )
        self.images, self.labels = images[:max_pictures], labels[:max_pictures].astype(np.int64)
        self.max_pictures, self.seed, self.published = max_pictures, int(seed), published
        if published is not None:
            missing = set(self.corruptions) - set(
                published_corruptions(published, images.shape[1:])
            )
            if missing:
                raise FileNotFoundError(
                    f"{published} has no published {', '.join(sorted(missing))}"
                )

    def __len__(self):
        return len(self.corruptions) * len(self.severities)

    def __iter__(self):
        return itertools.starmap(self.cell, itertools.product(self.corruptions, self.severities))

    def cell(self, corruption, severity):
        """Return one cell of the grid."""
        if self.published is None:
            return CorruptionCell(corruption, severity, self.images, self.labels, self.seed)
        pictures, labels = load_published(self.published, corruption, severity)
        return CorruptionCell(
            corruption,
            severity,
            pictures[: self.max_pictures],
            labels[: self.max_pictures],
            published=True,
        )

    @property
    def origin(self):
        """Where the pictures come from, as every report must say: a dict with `source`, "published"
        or "regenerated".

        Pictures in a folder that `write_benchmark` wrote are regenerated ones. Where pictures are
        regenerated, `constants` names the benchmark whose constants their size takes, and `frost`
        says what frost is made of, see `frost_source`.
        """
        if self.published is not None:
            return published_origin(self.published)
        origin = {
            "source": "regenerated",
            "constants": NAMES[constants_size(*self.images.shape[1:3])],
        }
        return origin | ({"frost": frost_source()} if "frost" in self.corruptions else {})


def _different(name, values, known):
    values = tuple(values)
    if not values or len(set(values)) < len(values) or not set(values) <= set(known):
        raise ValueError(
            f"{name} must be different values of {', '.join(map(str, known))}, received {values}"
        )
    return tuple(int(value) if name == "severities" else value for value in values)


def _arrays(dataset, count):
    """Return the pictures and labels of a data set in one of its forms, of a pipeline only the
    first `count`."""
    if isinstance(dataset, tf.data.Dataset):
        if dataset.element_spec[0].shape.rank == 4:
            dataset = dataset.unbatch()
        pairs = list(dataset.take(-1 if count is None else count).as_numpy_iterator())
        if not pairs:
            raise ValueError(
                "expected pictures with a class number each, received an empty dataset"
            )
        images, labels = zip(*pairs, strict=True)
    elif hasattr(dataset, "images"):
        images, labels = dataset.images, dataset.labels
    else:
        images, labels = dataset
    return np.asarray(images), np.asarray(labels)
