"""Label smoothing: images as they are, labels nearer to all classes alike."""

from typing import Any

import tensorflow as tf

from tf_varmixup.checks import Share, check_share
from tf_varmixup.methods.registry import register
from tf_varmixup.methods.vicinal_distribution import VicinalDistribution


@register("label_smoothing")
class LabelSmoothing(VicinalDistribution):
    """Images as they are; labels mixed with those of a class at random.

    x' = x_i,  y' = (1 - smoothing) y_i + smoothing / K, with K classes, the true one among them.

    Validation and metrics keep the labels that the data have.

    Args:
        smoothing: Share of each label that all classes get alike, the true one included.

    Raises:
        ValueError: If the share is not at least 0 and below 1.

    Example:
        >>> from tf_varmixup.draws import run_seed
        >>> images, labels = np.zeros((1, 8, 8, 1), "uint8"), np.array([[0.0, 1.0]])
        >>> _, smoothed = LabelSmoothing(smoothing=0.25).sample(images, labels, run_seed(0))
        >>> smoothed.numpy().tolist()
        [[0.125, 0.875]]

    Source: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", CVPR 2016,
    section 7.
    """

    def __init__(self, smoothing: Share = 0.1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.smoothing = check_share("smoothing", smoothing)

    def sample(
        self, images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Smooth the labels; nothing is drawn."""
        labels = tf.cast(labels, tf.float32)
        # The mean over the classes is 1 / K of a label, and of a weighted one its weight's share.
        mean = tf.reduce_mean(labels, axis=1, keepdims=True)
        smoothed = (1.0 - self.smoothing) * labels + self.smoothing * mean
        return tf.cast(images, tf.float32), smoothed

    def sample_columns(
        self, images: tf.Tensor, columns: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Smooth the weighted labels among themselves, and leave the weights beside them."""
        images, smoothed = self.sample(images, columns[:, :-1], seed)
        return images, tf.concat([smoothed, columns[:, -1:]], axis=1)
