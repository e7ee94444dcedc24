"""Bootstrap over images: how often each image is drawn."""

from collections.abc import Iterator

import numpy as np

from tf_varmixup.checks import check_count, check_seed

# Elements and rows of a chunk of counts, which fits into a processor's cache, and elements of all
# counts that are kept.
CHUNK, ROWS = 2**19, 128
KEPT = 2**25


class Resamples:
    """How often each of N images is drawn in each of R resamples, N draws with replacement each.

    The same numbers give the same resamples, so that cells of one grid draw the same images. What
    goes over them holds a chunk at a time; of few images all counts are kept, as bytes.

    Args:
        count: N, number of images.
        resamples: R, number of resamples.
        seed: Integer that the draws follow from.
        rows: Rows of a chunk; None for as many as a processor's cache has room for.

    Raises:
        ValueError: If a number is not a positive integer, or the seed no integer.

    Example:
        >>> counts = np.concatenate(list(Resamples(4, resamples=3)))
        >>> counts.shape, counts.sum(axis=1).tolist()
        ((3, 4), [4.0, 4.0, 4.0])

    Source:
        Efron 1979, "Bootstrap methods: another look at the jackknife".
    """

    def __init__(
        self, count: int, resamples: int = 1000, seed: int = 0, rows: int | None = None
    ) -> None:
        self.count = check_count("count", count)
        self.resamples = check_count("resamples", resamples)
        self.seed = check_seed(seed)
        self.rows = max(1, min(ROWS, CHUNK // self.count)) if rows is None else rows
        self._kept: list[np.ndarray] | None = None

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yield `float64` arrays `(r, N)` of counts, of R rows in all."""
        if self._kept is None and self.count * self.resamples <= KEPT:
            self._kept = list(self._draw())
        for counts in self._draw() if self._kept is None else self._kept:
            yield counts.astype(np.float64)

    def _draw(self) -> Iterator[np.ndarray]:
        generator = np.random.default_rng([self.seed % 2**64, self.count])
        for start in range(0, self.resamples, self.rows):
            number = min(self.rows, self.resamples - start)
            drawn = generator.integers(self.count, size=(number, self.count))
            drawn += self.count * np.arange(number)[:, None]
            counts = np.bincount(drawn.ravel(), minlength=number * self.count)
            # No image is drawn 256 times but by a chance of less than 1 in 10^500.
            yield counts.astype(np.uint8).reshape(number, self.count)
