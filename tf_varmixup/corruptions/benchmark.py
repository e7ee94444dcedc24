"""The benchmark on any dataset: a grid of corruptions and severities."""

import itertools
import os
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from tf_varmixup.checks import check_count, check_seed, renamed
from tf_varmixup.corruptions.catalogue import BENCHMARK_NAMES, constants_size
from tf_varmixup.corruptions.cell import CorruptionCell
from tf_varmixup.corruptions.frost import frost_source
from tf_varmixup.corruptions.labeled_arrays import labeled_arrays
from tf_varmixup.corruptions.names import CORRUPTIONS, GROUPS, SEVERITIES
from tf_varmixup.corruptions.origin import published_origin
from tf_varmixup.corruptions.published import load_published, published_corruptions


class CorruptionBenchmark:
    """A dataset under every corruption at every severity.

    Iterating gives one `CorruptionCell` after the other, by corruption and then severity; nothing
    is computed before a cell is asked for its images. The same seed gives the same images, whatever
    the batch size, the order, or the choice of cells.

    Source: Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions
        and Perturbations", ICLR 2019.

    Args:
        dataset: Images with their labels: a pair of arrays; an object with `images` and `labels`,
            as `tf_varmixup.data` gives them; or a `tf.data.Dataset` of pairs, image by image or in
            batches. Images are `uint8` `(N, H, W, C)`; labels are class numbers `(N,)` or `(N, 1)`,
            or one-hot `(N, K)`, which are converted to class numbers.
        corruptions: "benchmark" (the 15 that count), "validation" (the 4 others, to choose by),
            "all", or names of corruptions.
        severities: Integers from 1 to 5, or one of them.
        max_images: How many images to take, the first ones; None for all.
        seed: Python integer, what the corruptions draw from.
        published: None, or a folder of published images, see `load_published`; these and their
            labels are then used, in their order.

    Raises:
        ValueError: If a corruption or severity does not exist or is repeated, `max_images` is not a
            positive integer, the images are not `uint8` with 1 or 3 channels and at least 8 pixels
            a side, or the labels do not fit them.
        FileNotFoundError: If `published` lacks a corruption.

    Example:
        >>> images, labels = np.full((4, 8, 8, 3), 100, "uint8"), np.array([0, 1, 1, 0])
        >>> benchmark = CorruptionBenchmark((images, labels), ["fog", "contrast"], [1, 5])
        >>> [(cell.corruption, cell.severity) for cell in benchmark]
        [('fog', 1), ('fog', 5), ('contrast', 1), ('contrast', 5)]
        >>> benchmark.cell("contrast", 5).images().shape
        (4, 8, 8, 3)
    """

    @renamed(max_pictures="max_images")
    def __init__(
        self,
        dataset: Any,
        corruptions: str | Iterable[str] = "benchmark",
        severities: int | Iterable[int] = SEVERITIES,
        max_images: int | None = None,
        seed: int = 0,
        published: str | os.PathLike[str] | None = None,
    ) -> None:
        if isinstance(corruptions, str):
            corruptions = GROUPS.get(corruptions, (corruptions,))
        if isinstance(severities, (int, np.integer)):
            severities = (severities,)
        self.corruptions: tuple[str, ...] = _different("corruptions", corruptions, CORRUPTIONS)
        self.severities = tuple(map(int, _different("severities", severities, SEVERITIES)))
        self.max_images = None if max_images is None else check_count("max_images", max_images)
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            raise ValueError(f"Expected seed to be an integer. Received: {seed!r}.")
        self.seed = check_seed(seed)
        self.published = published
        self.images, self.labels = labeled_arrays(dataset, self.max_images)
        if published is not None:
            found = published_corruptions(published, self.images.shape[1:])
            missing = sorted(set(self.corruptions) - set(found))
            if missing:
                raise FileNotFoundError(
                    f"Expected {published} to have the published {', '.join(self.corruptions)}. "
                    f"Received: no {', '.join(missing)}."
                )

    def __len__(self) -> int:
        return len(self.corruptions) * len(self.severities)

    def __iter__(self) -> Iterator[CorruptionCell]:
        return itertools.starmap(self.cell, itertools.product(self.corruptions, self.severities))

    def cell(self, corruption: str, severity: int) -> CorruptionCell:
        """Return one cell of the grid.

        Args:
            corruption: One of `CORRUPTIONS`.
            severity: 1 to 5.

        Returns:
            A `CorruptionCell`.

        Example:
            >>> images, labels = np.full((4, 8, 8, 3), 100, "uint8"), np.array([0, 1, 1, 0])
            >>> len(CorruptionBenchmark((images, labels)).cell("snow", 2))
            4
        """
        if self.published is None:
            return CorruptionCell(corruption, severity, self.images, self.labels, self.seed)
        images, labels = load_published(self.published, corruption, severity)
        rows = slice(self.max_images)
        return CorruptionCell(corruption, severity, images[rows], labels[rows], published=True)

    @property
    def origin(self) -> dict[str, str]:
        """Where the images come from, as every report must say.

        A dict with `source`, "published" or "regenerated". Images in a folder that
        `write_benchmark` wrote are regenerated ones. Where images are regenerated, `constants`
        names the benchmark whose constants their size takes, and `frost` says what frost is made
        of, see `frost_source`.
        """
        if self.published is not None:
            return published_origin(self.published)
        constants = BENCHMARK_NAMES[constants_size(*self.images.shape[1:3])]
        origin = {"source": "regenerated", "constants": constants}
        return origin | ({"frost": frost_source()} if "frost" in self.corruptions else {})


def _different(name: str, values: Any, known: tuple[Any, ...]) -> tuple[Any, ...]:
    try:
        values = tuple(values)
        fits = values and len(set(values)) == len(values) and set(values) <= set(known)
    except TypeError:  # not iterable, or of lists
        fits = False
    if not fits:
        raise ValueError(
            f"Expected {name} to be different values of {', '.join(map(str, known))}. "
            f"Received: {values!r}."
        )
    return values
