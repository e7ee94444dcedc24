"""The classifier that is trained on draws from a vicinal distribution."""

import keras
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.images import as_float


@keras.saving.register_keras_serializable(package="tf_varmixup")
class VicinalClassifier(keras.Model):
    """A Keras classifier whose training batches are drawn from a vicinal distribution.

    Only `train_step` is special: it draws the seed of this step, asks the vicinal distribution for
        a batch, and leaves the rest to Keras.
    `evaluate` and `predict` see the pictures as they are. Training metrics are therefore those on
    the drawn pictures and labels.

    Sample weights travel with the labels: a mixed example weighs lambda w_i + (1 - lambda) w_j, and
        each of its two labels counts by its
    own share in that.

    Args:
        backbone: Keras model from `float32` pictures in [0, 1], `(B, H, W, C)`, to logits `(B, K)`.
        vicinity: a `VicinalDistribution`; None is the data alone (ERM).
        seed: Python integer, the run's seed.

    Example:
        >>> model = VicinalClassifier(backbone, Mixup(alpha=1.0), seed=0)
        >>> model.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
        >>> model.fit(images, one_hot_labels)

    Source: Chapelle et al., "Vicinal Risk Minimization", NeurIPS 2000.
    """

    def __init__(self, backbone, vicinity=None, seed=0, **kwargs):
        # With autocast, pictures in [0, 1] would be rounded to half precision before `call` and
        # uint8 ones not.
        super().__init__(autocast=False, **kwargs)
        self.backbone = backbone
        self.vicinity = vicinity
        self.seed = int(seed)
        # A weight, so that a classifier that is saved and loaded, or restored from a backup, goes
        # on drawing where it stopped.
        self.step = self.add_weight(
            name="step",
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )
        self.built = True

    def call(self, images, training=False):
        """Return `float32` logits `(B, K)` of pictures `(B, H, W, C)`, `uint8` or in [0, 1]."""
        return tf.cast(self.backbone(as_float(images), training=training), tf.float32)

    def train_step(self, data):
        """Draw a batch from the vicinity of this one and take Keras' own step on it."""
        images, labels, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        if self.vicinity is not None:
            shape = None if labels is None else tuple(labels.shape)
            if shape is None or len(shape) != 2 or shape[1] == 1:
                raise ValueError(
                    f"labels must be one-hot or soft, of shape (B, K), so that they can be mixed; received shape {shape}."
                )
            seed = draws.fold(
                draws.run_seed(self.seed), tf.convert_to_tensor(self.step), draws.replica_id()
            )
            images, labels, sample_weight = self._draw(
                images, tf.cast(labels, tf.float32), sample_weight, seed
            )
        logs = super().train_step((images, labels, sample_weight))
        self.step.assign_add(1)
        return logs

    def _draw(self, images, labels, sample_weight, seed):
        if sample_weight is None:
            return *self.vicinity.sample(images, labels, seed), None
        sample_weight = tf.reshape(tf.cast(sample_weight, tf.float32), (-1, 1))
        images, labels = self.vicinity.sample(images, labels * sample_weight, seed)
        sample_weight = tf.reduce_sum(labels, 1)
        return images, tf.math.divide_no_nan(labels, sample_weight[:, None]), sample_weight

    def get_config(self):
        return {
            **super().get_config(),
            "backbone": keras.saving.serialize_keras_object(self.backbone),
            "vicinity": keras.saving.serialize_keras_object(self.vicinity),
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        parts = {
            name: keras.saving.deserialize_keras_object(config[name])
            for name in ("backbone", "vicinity")
        }
        return cls(**{**config, **parts})
