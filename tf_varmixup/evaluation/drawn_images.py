"""Sums over images that are drawn several times or not at all, for many resamples at once."""

import functools

import numpy as np
import scipy.sparse

from tf_varmixup.metrics.predictions import Predictions
from tf_varmixup.metrics.smooth import smooth_ece

# Cells of [0, 1], as many as the formula of `smooth_ece` has.
CELLS = 4096


class Images:
    """What the metrics take from each image, however often it is drawn.

    Args:
        predictions: The `Predictions` of N images.

    Example:
        >>> Images(Predictions.of([[0.0, 1.0]], [1])).columns.shape
        (1, 48)
    """

    def __init__(self, predictions: Predictions) -> None:
        self.predictions = predictions
        self.num_bins = predictions.num_bins
        self.confidence = predictions.confidence
        self.correct = predictions.correct.astype(np.float64)

    @functools.cached_property
    def columns(self) -> np.ndarray:
        """Whether right, NLL and Brier score; per bin whether there, confidence, whether right."""
        given = self.predictions
        rows = np.arange(len(given.labels))
        probabilities = np.exp(given.log_probabilities)
        likelihood = given.log_probabilities[rows, given.labels]
        brier = np.square(probabilities).sum(axis=1) - 2.0 * np.exp(likelihood) + 1.0
        in_bin = np.eye(self.num_bins)[self._bins(self.confidence)]
        weighted = (in_bin * self.confidence[:, None], in_bin * self.correct[:, None])
        return np.column_stack([self.correct, -likelihood, brier, in_bin, *weighted])

    @functools.cached_property
    def class_gaps(self) -> np.ndarray:
        """Probability of each class less whether it is the label, `(N, K)`."""
        gaps = np.exp(self.predictions.log_probabilities)
        gaps[np.arange(len(gaps)), self.predictions.labels] -= 1.0
        return gaps

    @functools.cached_property
    def class_bins(self) -> tuple[scipy.sparse.csr_array, scipy.sparse.csr_array]:
        """Sparse `(N, K num_bins)`: whether a class's probability is in a bin, and its gap there.

        The first bin of each class is left empty: it has what the others lack, and most of all.
        """
        bins = self._bins(np.exp(self.predictions.log_probabilities))
        images, classes = np.nonzero(bins)
        places = images, classes * self.num_bins + bins[images, classes]
        shape = len(bins), bins.shape[1] * self.num_bins
        gaps = self.class_gaps[images, classes]
        return (
            scipy.sparse.csr_array((np.ones(len(gaps)), places), shape),
            scipy.sparse.csr_array((gaps, places), shape),
        )

    @functools.cached_property
    def gap_nodes(self) -> scipy.sparse.csr_array:
        """Sparse `(N, CELLS + 1)`: gaps of confidence, shared between the two nearest nodes."""
        scaled = np.clip(self.confidence, 0.0, 1.0) * CELLS
        lower = np.minimum(scaled.astype(np.int64), CELLS - 1)
        above, gap = scaled - lower, (self.confidence - self.correct) / len(scaled)
        rows, places = np.tile(np.arange(len(scaled)), 2), np.append(lower, lower + 1)
        shared = np.append(gap * (1.0 - above), gap * above)
        return scipy.sparse.csr_array((shared, (rows, places)), (len(scaled), CELLS + 1))

    @functools.cached_property
    def smooth_ece(self) -> float:
        """The smooth ECE of the images as they are."""
        return smooth_ece(self.confidence, self.predictions.correct)

    @functools.cached_property
    def order(self) -> np.ndarray:
        """Images by confidence, the least confident first."""
        return np.argsort(self.confidence, kind="stable")

    @functools.cached_property
    def starts(self) -> np.ndarray:
        """Where groups of the same confidence begin in that order, `(G,)`."""
        values = self.confidence[self.order]
        return np.flatnonzero(np.append(True, np.diff(values) != 0.0))

    def _bins(self, values: np.ndarray) -> np.ndarray:
        bins = np.nan_to_num(values * self.num_bins).astype(np.int64)
        return np.clip(bins, 0, self.num_bins - 1)


class Drawn:
    """A chunk of resamples: how often each image is drawn, and sums over images.

    Args:
        images: The `Images`.
        counts: `float64` array `(r, N)`, N draws in each row.

    Example:
        >>> images = Images(Predictions.of([[0.0, 1.0], [0.0, 2.0]], [1, 0]))
        >>> Drawn(images, np.array([[2.0, 0.0]])).sums[:, 0].tolist()
        [2.0]
    """

    def __init__(self, images: Images, counts: np.ndarray) -> None:
        self.images, self.counts = images, counts
        self.size = counts.shape[1]

    @functools.cached_property
    def sums(self) -> np.ndarray:
        """Sums of the images' `columns`."""
        return self.counts @ self.images.columns

    @functools.cached_property
    def bins(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Images, sum of confidences and right ones in equal-width bins, `(r, num_bins)` each."""
        count, confidence, correct = np.split(self.sums[:, 3:], 3, axis=1)
        return count, confidence, correct

    @functools.cached_property
    def class_bins(self) -> tuple[np.ndarray, np.ndarray]:
        """Images and sum of gaps in the bins of each class, `(r, K, num_bins)` each."""
        shape = len(self.counts), -1, self.images.num_bins
        count, gap = ((self.counts @ one).reshape(shape) for one in self.images.class_bins)
        count[:, :, 0] = self.size - count.sum(axis=2)
        gap[:, :, 0] = self.counts @ self.images.class_gaps - gap.sum(axis=2)
        return count, gap

    @functools.cached_property
    def groups(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Images and wrong ones in groups of one confidence, and of this or less, `(r, G)` each."""
        images = self.images
        count = self.counts[:, images.order]
        wrong = count * (1.0 - images.correct[images.order])
        if len(images.starts) < self.size:
            count, wrong = (np.add.reduceat(one, images.starts, axis=1) for one in (count, wrong))
        return count, wrong, count.cumsum(axis=1), wrong.cumsum(axis=1)

    @functools.cached_property
    def equal_mass_bins(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Images, sum of confidences and right ones in bins of equally many, `(r, num_bins)`."""
        _, _, count, wrong = self.groups
        values = self.images.confidence[self.images.order][self.images.starts]
        confidence = (self.groups[0] * values).cumsum(axis=1)
        parts = np.arange(1, min(self.images.num_bins, self.size))
        smaller, larger = divmod(self.size, self.images.num_bins)
        ends = smaller * parts + np.minimum(parts, larger)
        # The rows one after the other are in ascending order if each starts where the last ended.
        rows = (self.size + 1) * np.arange(len(count))[:, None]
        cuts = np.searchsorted((count + rows).ravel(), (ends + rows).ravel()).reshape(
            len(count), -1
        )
        cuts -= count.shape[1] * np.arange(len(count))[:, None]
        cuts = np.column_stack([cuts, np.full(len(count), count.shape[1] - 1)])
        totals = (np.take_along_axis(one, cuts, axis=1) for one in (count, confidence, wrong))
        count, confidence, wrong = (np.diff(one, axis=1, prepend=0.0) for one in totals)
        return count, confidence, count - wrong
