"""AugMix: chains of simple operations mixed with the image, and a consistency term."""

from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup.augmentations import OPERATION_SETS, augmix
from tf_varmixup.augmentations.arguments import MAX_LEVEL
from tf_varmixup.augmentations.chains import LEAST_LEVEL
from tf_varmixup.checks import (
    Count,
    NotNegative,
    Positive,
    check_choice,
    check_count,
    check_not_negative,
    check_positive,
)
from tf_varmixup.methods.consistency import jensen_shannon
from tf_varmixup.methods.method import Batch, Method
from tf_varmixup.methods.registry import register
from tf_varmixup.methods.vicinal_distribution import draw_batches

VIEWS = 3


@register("augmix")
class AugMix(Method):
    """Images mixed with chains of simple operations on them, and predictions that must agree.

    x' = (1 - m) x + m sum_i w_i chain_i(x),  y' = y,  m ~ Beta(alpha, alpha), w ~ Dirichlet(alpha).
    The network sees [x; x'; x''], the images and two views of them, in one batch. The loss is the
    cross-entropy of the images themselves, the first third, and consistency times the
    Jensen-Shannon divergence between the three predictions. With a consistency of 0 it is the
    cross-entropy of one view, and the images themselves are not seen.

    Args:
        width: Number of chains.
        depth: Number of operations in each chain; 0 draws 1 to 3 for each.
        severity: Highest level of an operation, up to 10; levels are uniform in 0.1 to severity.
        alpha: Parameter of the Beta and Dirichlet distributions of the weights; 1 is uniform.
        consistency: Weight of the divergence between predictions for the image and two views; 0
            trains on one view alone.
        operations: The nine, none of which is a corruption of the benchmark, or all, with color,
            contrast, brightness and sharpness, which overlap with its corruptions.

    Raises:
        ValueError: If a number or word is bad.

    Example:
        >>> from tf_varmixup.draws import run_seed
        >>> images, labels = np.full((2, 8, 8, 3), 100, "uint8"), np.eye(2, dtype="float32")
        >>> drawn = AugMix().draw(None, Batch(images, labels), run_seed(0))
        >>> drawn.inputs.shape, drawn.labels.shape
        (TensorShape([6, 8, 8, 3]), (2, 2))

    Source: Hendrycks et al., "AugMix: A Simple Data Processing Method to Improve Robustness and
    Uncertainty", ICLR 2020, arXiv 1912.02781.
    """

    def __init__(
        self,
        width: Count = 3,
        depth: int = 0,
        severity: Positive = 3.0,
        alpha: Positive = 1.0,
        consistency: NotNegative = 12.0,
        operations: Literal["nine", "all"] = "nine",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.width = check_count("width", width)
        self.depth = check_count("depth", depth, smallest=0)
        self.severity = check_positive("severity", severity)
        if not LEAST_LEVEL <= self.severity <= MAX_LEVEL:
            raise ValueError(
                f"Expected severity to be {LEAST_LEVEL} to {MAX_LEVEL}. Received: {severity!r}."
            )
        self.alpha = check_positive("alpha", alpha)
        self.consistency = check_not_negative("consistency", consistency)
        self.operations = check_choice("operations", operations, OPERATION_SETS)

    @property
    def keeps_rows(self) -> bool:
        """Whether there is no consistency term, for which the batch becomes three of it."""
        return self.consistency == 0.0

    @property
    def only_draws(self) -> bool:
        """Whether there is no consistency term, which is a penalty."""
        return self.consistency == 0.0

    def sample(
        self, images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Draw one view of each image; labels stay.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.
            labels: One-hot or soft, `float32 (B, K)`.
            seed: `int32 (2,)`.

        Returns:
            Images `float32 (B, H, W, C)` in 0..255, and labels `float32 (B, K)`.
        """
        return self._view(images, seed), tf.cast(labels, tf.float32)

    def draw(self, classifier: keras.Model, batch: Batch, seed: tf.Tensor) -> Batch:
        """Draw one view, or with a consistency term two, which come after the images themselves.

        Args:
            classifier: Not used.
            batch: Images in 0..255, `uint8` or floating, with labels of any kind and weights.
            seed: `int32 (2,)`.

        Returns:
            A `Batch` of B or 3 B images `float32`, with the labels and weights of the first B.
        """
        if self.consistency == 0.0:
            return batch._replace(inputs=self._view(batch.inputs, seed))
        images = tf.convert_to_tensor(batch.inputs)
        # Both at once, since every operation is done for all images together.
        views = self._view(tf.concat([images] * (VIEWS - 1), 0), seed)
        return batch._replace(inputs=tf.concat([tf.cast(images, tf.float32), views], 0))

    def penalty(self, logits: tf.Tensor) -> tf.Tensor | None:
        """Return the weighted divergence between the predictions for the three views."""
        if self.consistency == 0.0:
            return None
        return self.consistency * jensen_shannon(logits, VIEWS)

    def map(self, dataset: tf.data.Dataset, seed: int, first_step: int = 0) -> tf.data.Dataset:
        """Draw every batch of a dataset in the tf.data graph, without a consistency term.

        Args:
            dataset: Batched `tf.data.Dataset` of `(images, labels)` or `(images, labels, weights)`,
                images in 0..255.
            seed: The run's seed; batch n gets what step n of a `VicinalClassifier` would.
            first_step: Number of the first batch, for a run that is resumed.

        Returns:
            A `tf.data.Dataset` of as many parts.

        Raises:
            ValueError: If there is a consistency term, which only a classifier can compute.
        """
        if self.consistency != 0.0:
            raise ValueError(
                f"Expected consistency to be 0 in a dataset. Received: {self.consistency:g}. "
                "A VicinalClassifier computes the consistency term."
            )
        return draw_batches(self, dataset, seed, first_step)

    def _view(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        return augmix(
            images, seed, self.width, self.depth, self.severity, self.alpha, self.operations
        )
