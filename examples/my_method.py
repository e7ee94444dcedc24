"""A method of one's own in one file: noise on the images, and softer labels.

Train by it from this folder:
`python ../train.py --dataset digits --preset quick --method my_method:NoisyLabels --noise 30`.
"""

import tensorflow as tf

from tf_varmixup import VicinalDistribution, draws
from tf_varmixup.checks import Positive, Share, check_positive, check_share
from tf_varmixup.methods import register


@register("noisy_labels")
class NoisyLabels(VicinalDistribution):
    """Gaussian noise on the images, and a share of each label spread over all classes.

    Args:
        noise: Standard deviation of the noise, in levels of 0..255.
        smoothing: Share of each label that is spread evenly.
    """

    def __init__(self, noise: Positive = 20.0, smoothing: Share = 0.0, **kwargs):
        super().__init__(**kwargs)
        self.noise = check_positive("noise", noise)
        self.smoothing = check_share("smoothing", smoothing)

    def sample(self, images, labels, seed):
        """Add the noise, and soften the labels."""
        images = tf.cast(images, tf.float32)
        images += self.noise * draws.normals(tf.shape(images), seed)
        even = tf.reduce_mean(labels, axis=1, keepdims=True)
        return tf.clip_by_value(images, 0.0, 255.0), labels + self.smoothing * (even - labels)
