"""A method of one's own: what the documentation says is enough."""

from typing import Literal

import tensorflow as tf

from tf_varmixup.checks import Positive, check_choice, check_positive
from tf_varmixup.methods import Method, register


@register("confidence_penalty")
class ConfidencePenalty(Method):
    """The entropy of the predictions, rewarded.

    Args:
        strength: Weight of the penalty.
        form: What is computed of the probabilities.

    Source: Pereyra et al., arXiv 1701.06548.
    """

    def __init__(
        self,
        strength: Positive = 0.1,
        form: Literal["entropy", "gini"] = "entropy",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.strength = check_positive("strength", strength)
        self.form = check_choice("form", form, ("entropy", "gini"))

    def penalty(self, logits):
        probabilities = tf.nn.softmax(logits)
        if self.form == "gini":
            return self.strength * tf.reduce_mean(tf.reduce_sum(probabilities**2, 1))
        return self.strength * tf.reduce_mean(
            tf.reduce_sum(probabilities * tf.nn.log_softmax(logits), 1)
        )
