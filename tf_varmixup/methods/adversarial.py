"""Adversarial training: the worst images of a ball around each."""

from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup.checks import Count, Positive
from tf_varmixup.methods.attacked import AttackedMethod
from tf_varmixup.methods.method import Batch
from tf_varmixup.methods.registry import register
from tf_varmixup.methods.vicinal_distribution import check_soft_labels


@register("adversarial")
class Adversarial(AttackedMethod):
    """Images perturbed so that the classifier's loss rises most; labels stay.

    x' = x_i + argmax_d loss(x_i + d, y_i) with |d| at most the radius,  y' = y_i.

    The maximum is sought by PGD on the true labels, the network in inference mode; the batch is
    trained on as the last step leaves it.

    Args:
        norm: Norm of the ball that a perturbation stays in.
        radius: Radius of the ball, in units of images in [0, 1]; 8/255 by default.
        step_size: Length of a step, in that unit; 2/255 by default.
        steps: Steps of an attack, each of which costs a pass through the network and back.
        random_start: Whether an attack starts anywhere in the ball, or from the image itself.

    Raises:
        ValueError: If a number or word is bad.

    Example:
        >>> Adversarial(steps=3).steps
        3

    Source: Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", arXiv
    1706.06083.
    """

    def __init__(
        self,
        norm: Literal["linf", "l2"] = "linf",
        radius: Positive = 0.03137254901960784,
        step_size: Positive = 0.00784313725490196,
        steps: Count = 7,
        random_start: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(norm, radius, step_size, steps, random_start, **kwargs)

    @property
    def keeps_rows(self) -> bool:
        """True."""
        return True

    def draw(self, classifier: keras.Model, batch: Batch, seed: tf.Tensor) -> Batch:
        """Attack the images; labels and weights stay."""
        labels = check_soft_labels(batch.labels)
        images = self.attack(classifier, batch.inputs, labels, seed)
        return Batch(images, labels, batch.weights)
