"""What methods share that train on images attacked while the classifier learns."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.attacks import check_image_radius, check_norm, pgd, random_start
from tf_varmixup.checks import Count, Positive, check_choice, check_count, check_positive
from tf_varmixup.images import VALUE_RANGE, to_unit
from tf_varmixup.methods.method import Method


class AttackedMethod(Method):
    """A method that attacks the classifier in training by PGD.

    Args:
        norm: Norm of the ball that a perturbation stays in, `"linf"` or `"l2"`.
        radius: Radius of the ball, in units of images in [0, 1].
        step_size: Length of a step, in that unit.
        steps: Steps of an attack, each of which costs a pass through the network and back.
        random_start: Whether an attack starts anywhere in the ball, or from the image itself.

    Raises:
        ValueError: If a number or word is bad.
    """

    def __init__(
        self,
        norm: str,
        radius: Positive,
        step_size: Positive,
        steps: Count,
        random_start: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.norm = check_norm(norm)
        self.radius = check_image_radius(radius, norm)
        self.step_size = check_positive("step_size", step_size)
        self.steps = check_count("steps", steps)
        self.random_start = check_choice("random_start", random_start, (True, False))

    def attack(
        self, classifier: keras.Model, images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tf.Tensor:
        """Perturb images so that the loss of a classifier rises, which stays as it is.

        Args:
            classifier: The `VicinalClassifier` in training.
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.
            labels: True labels, `float32 (B, K)`.
            seed: `int32 (2,)`, for where the attack starts.

        Returns:
            A `float32` tensor `(B, H, W, C)` in 0..255.
        """
        start = random_start(images, self.norm, self.radius, seed) if self.random_start else None
        return pgd(
            logits_of(classifier),
            images,
            labels,
            self.norm,
            self.radius,
            self.step_size,
            self.steps,
            start,
        )


def logits_of(classifier: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return a classifier in inference mode as a function of images in 0..255.

    Batch normalization takes its moving averages there, and leaves them as they are.

    Args:
        classifier: A `VicinalClassifier`.

    Returns:
        A function from images `float32 (B, H, W, C)` in 0..255 to logits `float32 (B, K)`.

    Example:
        >>> from models import compact
        >>> from tf_varmixup import VicinalClassifier
        >>> logits_of(VicinalClassifier(compact((8, 8, 1), 10)))(tf.zeros((2, 8, 8, 1))).shape
        TensorShape([2, 10])
    """

    def classify(images: tf.Tensor) -> tf.Tensor:
        given = images if classifier.value_range == VALUE_RANGE else to_unit(images)
        return classifier(given, training=False)

    return classify
