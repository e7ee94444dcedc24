"""Interpolated adversarial training: mixup of images, and of the same images attacked."""

from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import Count, Positive
from tf_varmixup.methods.attacked import AttackedMethod
from tf_varmixup.methods.method import Batch
from tf_varmixup.methods.mixup import Mixup
from tf_varmixup.methods.registry import register
from tf_varmixup.methods.vicinal_distribution import check_soft_labels


@register("interpolated_adversarial")
class InterpolatedAdversarial(AttackedMethod):
    """Mixup of the images, and of the images attacked, half of the loss each.

    The images are attacked as they are, by PGD on the true labels, the network in inference mode.
    Clean ones are then mixed with clean ones and attacked ones with attacked ones, by mixing
    weights and partners of their own; both halves go through the network together.

    Args:
        norm: Norm of the ball that a perturbation stays in.
        radius: Radius of the ball, in units of images in [0, 1]; 8/255 by default.
        step_size: Length of a step, in that unit; 2/255 by default.
        steps: Steps of an attack, each of which costs a pass through the network and back.
        random_start: Whether an attack starts anywhere in the ball, or from the image itself.
        alpha: Both parameters of the Beta distribution of the mixing weights; 1 is uniform.
        lambda_per: What each mixing weight is drawn for.

    Raises:
        ValueError: If a number or word is bad.

    Example:
        >>> InterpolatedAdversarial(alpha=0.5).alpha
        0.5

    Source: Lamb et al., "Interpolated Adversarial Training", arXiv 1906.06784; one weight per image
    as in the code of Pang et al., "Mixup Inference", arXiv 1909.11515.
    """

    def __init__(
        self,
        norm: Literal["linf", "l2"] = "linf",
        radius: Positive = 0.03137254901960784,
        step_size: Positive = 0.00784313725490196,
        steps: Count = 7,
        random_start: bool = True,
        alpha: Positive = 1.0,
        lambda_per: Literal["image", "batch"] = "image",
        **kwargs: Any,
    ) -> None:
        super().__init__(norm, radius, step_size, steps, random_start, **kwargs)
        self.mixup = Mixup(alpha, lambda_per)
        self.alpha, self.lambda_per = self.mixup.alpha, self.mixup.lambda_per

    def draw(self, classifier: keras.Model, batch: Batch, seed: tf.Tensor) -> Batch:
        """Attack the images, mix both kinds, and hand on twice as many: first the clean ones."""
        attack_seed, *mixing_seeds = draws.split(seed, 3)
        labels = check_soft_labels(batch.labels)
        attacked = self.attack(classifier, batch.inputs, labels, attack_seed)
        clean, adversarial = (
            self.mixup.draw(classifier, Batch(images, labels, batch.weights), mixing_seed)
            for images, mixing_seed in zip((batch.inputs, attacked), mixing_seeds, strict=True)
        )
        weights = None if batch.weights is None else tf.concat([clean[2], adversarial[2]], 0)
        return Batch(
            tf.concat([clean.inputs, adversarial.inputs], 0),
            tf.concat([clean.labels, adversarial.labels], 0),
            weights,
        )
