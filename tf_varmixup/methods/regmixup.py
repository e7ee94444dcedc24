"""RegMixup: the data themselves, and beside them mixed images."""

from typing import Any, Literal

import keras
import tensorflow as tf

from tf_varmixup.checks import Positive
from tf_varmixup.methods.method import Batch, Method
from tf_varmixup.methods.mixup import Mixup
from tf_varmixup.methods.registry import register


@register("regmixup")
class RegMixup(Method):
    """Each batch and its mixup side by side: half the loss is of the data, half of mixed images.

    The network sees [x; x'] of twice the batch in one go, so that batch normalization has the
    statistics of both, and the loss is their mean, CE(x, y) / 2 + CE(x', y') / 2.

    Args:
        alpha: Both parameters of the Beta distribution of the mixing weights; large ones are near a
            half. The authors have 20 on CIFAR-10 and 10 on CIFAR-100.
        lambda_per: What each mixing weight is drawn for. The authors draw one per batch.

    Raises:
        ValueError: If a number or word is bad.

    Example:
        >>> from tf_varmixup.draws import run_seed
        >>> batch = Batch(np.zeros((2, 8, 8, 1), "uint8"), np.eye(2, dtype="float32"))
        >>> RegMixup().draw(None, batch, run_seed(0)).labels.shape
        TensorShape([4, 2])

    Source: Pinto et al., "RegMixup", arXiv 2206.14502, equation 5, and their code, whose loss is
    half of the paper's sum.
    """

    def __init__(
        self,
        alpha: Positive = 20.0,
        lambda_per: Literal["image", "batch"] = "batch",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.mixup = Mixup(alpha, lambda_per)
        self.alpha, self.lambda_per = self.mixup.alpha, self.mixup.lambda_per

    def draw(self, classifier: keras.Model, batch: Batch, seed: tf.Tensor) -> Batch:
        """Put the batch's mixup after the batch; sample weights are mixed as labels are."""
        if batch.weights is not None:
            batch = batch._replace(weights=tf.reshape(batch.weights, (-1,)))
        mixed = self.mixup.draw(classifier, batch, seed)
        return Batch(
            *(
                None if one is None else tf.concat([tf.cast(one, tf.float32), other], axis=0)
                for one, other in zip(batch, mixed, strict=True)
            )
        )
