"""CutMix: a box of each image comes from another one."""

from typing import Any, Literal

import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import Fraction, Positive, Share, check_choice, check_fraction
from tf_varmixup.methods.pairwise import PairwiseVicinity, interpolate
from tf_varmixup.methods.registry import register


@register("cutmix")
class CutMix(PairwiseVicinity):
    """A box of each image is another's; labels are mixed by the box's share of the image.

    x' = x_j in the box and x_i elsewhere,  y' = lambda y_i + (1 - lambda) y_j, where 1 - lambda is
    the share of the image that the box covers once it is clipped to it. The box has the sides of
    the image times sqrt(1 - l), l ~ Beta(alpha, alpha), and its center is any pixel. Since boxes
    are clipped, lambda is larger than l, .70 on average with alpha 1.

    Args:
        alpha: Both parameters of the Beta distribution of the mixing weights before boxes are
            clipped; 1 is uniform.
        probability: Of being mixed. The authors have a half on CIFAR and 1 on ImageNet.
        box_per: What is drawn once for each: the box, its mixing weight, and whether to mix. The
            authors draw them once per batch.
        clean_share: Share of each batch that stays as it is, images and labels; the others are
            mixed among themselves. The first rows are kept, so the batch must be shuffled.

    Raises:
        ValueError: If a number or word is bad.

    Example:
        >>> from tf_varmixup.draws import run_seed
        >>> images, labels = np.zeros((2, 8, 8, 1), "uint8"), np.eye(2, dtype="float32")
        >>> CutMix(probability=1.0).sample(images, labels, run_seed(0))[1].shape
        TensorShape([2, 2])

    Source: Yun et al., "CutMix", arXiv 1905.04899, section 3.1, and their code.
    """

    def __init__(
        self,
        alpha: Positive = 1.0,
        probability: Fraction = 0.5,
        box_per: Literal["batch", "image"] = "batch",
        clean_share: Share = 0.0,
        **kwargs: Any,
    ) -> None:
        box_per = check_choice("box_per", box_per, self.LAMBDA_PER)
        super().__init__(alpha=alpha, lambda_per=box_per, clean_share=clean_share, **kwargs)
        self.box_per = box_per
        self.probability = check_fraction("probability", probability)

    def draw_boxes(self, weights: tf.Tensor, height: int, width: int, seed: tf.Tensor) -> tf.Tensor:
        """Draw where the boxes lie, and which images are mixed.

        Args:
            weights: Mixing weights before boxes are clipped, `float32 (B,)`.
            height: Of the images, in pixels.
            width: Of the images, in pixels.
            seed: `int32 (2,)`.

        Returns:
            Top, left, bottom and right of each box, `int32 (B, 4)`; a box is empty where the image
            is not mixed.
        """
        count = tf.shape(weights)[0]
        uniform = draws.uniforms((count if self.box_per == "image" else 1, 3), seed)
        sides = tf.stack([height, width])
        centers = tf.cast(uniform[:, :2] * tf.cast(sides, tf.float32), tf.int32)
        centers = tf.minimum(centers, sides - 1)  # a product may be rounded up to the side
        boxes = boxes_of(weights, tf.broadcast_to(centers, (count, 2)), height, width)
        return tf.where(uniform[:, 2:] < self.probability, boxes, 0)

    def mix(
        self,
        images: tf.Tensor,
        labels: tf.Tensor,
        weights: tf.Tensor,
        partners: tf.Tensor,
        seed: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Paste a box of each image's partner, and mix labels by its share of the image."""
        height, width = tf.shape(images)[1], tf.shape(images)[2]
        return paste(images, labels, self.draw_boxes(weights, height, width, seed), partners)


def boxes_of(weights: tf.Tensor, centers: tf.Tensor, height: int, width: int) -> tf.Tensor:
    """Return the boxes of mixing weights and centers, clipped to the image.

    Args:
        weights: Mixing weights before boxes are clipped, `(B,)` of a floating type.
        centers: Row and column, `int32 (B, 2)`.
        height: Of the images, in pixels.
        width: Of the images, in pixels.

    Returns:
        Top, left, bottom and right, `int32 (B, 4)`; the last two are the first pixels after the
        box.

    Example:
        >>> boxes_of(tf.constant([0.75, 1.0]), tf.constant([[2, 5], [3, 3]]), 8, 8).numpy().tolist()
        [[0, 3, 4, 7], [3, 3, 3, 3]]
    """
    sides = tf.stack([height, width])
    # In float64, as the authors, or a side that is a whole number may lose a pixel.
    ratios = tf.sqrt(1.0 - tf.cast(weights, tf.float64))
    halves = tf.cast(tf.cast(sides, tf.float64) * ratios[:, None], tf.int32) // 2
    first, last = tf.maximum(centers - halves, 0), tf.minimum(centers + halves, sides)
    return tf.concat([first, last], axis=1)


def paste(
    images: tf.Tensor, labels: tf.Tensor, boxes: tf.Tensor, partners: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Paste a box of each image's partner, and mix labels by the box's share of the image.

    Args:
        images: `uint8` or floating, `(B, H, W, C)`.
        labels: `float32 (B, K)`.
        boxes: Top, left, bottom and right, `int32 (B, 4)`, within the images.
        partners: `int32 (B,)`, whose box each image gets.

    Returns:
        Images `float32 (B, H, W, C)` and labels `float32 (B, K)`.

    Example:
        >>> images = np.array([0, 0, 200, 200], "uint8").reshape(2, 1, 2, 1)
        >>> boxes, partners = tf.constant([[0, 0, 1, 1], [0, 0, 0, 0]]), tf.constant([1, 0])
        >>> pasted, labels = paste(images, np.eye(2), boxes, partners)
        >>> np.ravel(pasted).tolist(), labels.numpy().tolist()
        ([200.0, 0.0, 200.0, 200.0], [[0.5, 0.5], [0.0, 1.0]])
    """
    images = tf.cast(images, tf.float32)
    height, width = tf.shape(images)[1], tf.shape(images)[2]
    top, left, bottom, right = (side[:, None] for side in tf.unstack(boxes, 4, axis=1))
    rows, columns = tf.range(height), tf.range(width)
    inside = ((rows >= top) & (rows < bottom))[:, :, None, None]
    inside &= ((columns >= left) & (columns < right))[:, None, :, None]
    area = tf.cast((bottom - top) * (right - left), tf.float32)[:, 0]
    weights = 1.0 - area / tf.cast(height * width, tf.float32)
    pasted = tf.where(inside, tf.gather(images, partners), images)
    return pasted, interpolate(labels, weights, partners)
