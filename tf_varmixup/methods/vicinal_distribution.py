"""What every vicinal distribution has in common."""

import keras
import tensorflow as tf

from tf_varmixup import draws


class VicinalDistribution(keras.layers.Layer):
    """A distribution around the training examples, from which batches are drawn instead of the
    examples themselves.

    A subclass sets `method`, the name by which it is known, and defines `sample`. It is a Keras
    layer so that a network it holds is saved with the classifier that it serves; being called as a
    layer is not what it is for.

    `sample` must be a pure graph function of its arguments: no state, every draw made from `seed`.
        It must be linear in the labels, since
    `VicinalClassifier` passes the sample weights through it as scaled labels.

    Example:
        >>> class GaussianVicinity(VicinalDistribution):
        ...     method = "gaussian"
        ...
        ...     def sample(self, images, labels, seed):
        ...         images = as_float(images)
        ...         return images + 0.1 * tf.random.stateless_normal(tf.shape(images), seed), labels

    Source: Chapelle et al., "Vicinal Risk Minimization", NeurIPS 2000.
    """

    method = None

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.built = True

    def sample(self, images, labels, seed):
        """Draw a batch from the vicinity of a batch.

        Args:
            images: `uint8` or `float32` in [0, 1], `(B, H, W, C)`, of any batch size.
            labels: one-hot or soft, `float32 (B, K)`.
            seed: `int32 (2,)`.

        Returns:
            Pictures, `float32 (B, H, W, C)` in [0, 1], and labels, `float32 (B, K)`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define sample(images, labels, seed)."
        )

    @property
    def metrics(self):
        """None, so that the measures of a network that the distribution holds do not enter the
        classifier's logs."""
        return []

    def map(self, dataset, seed, first_step=0):
        """Draw every batch of a data set from its vicinity, in the tf.data graph.

        Batch n gets the seed that step n of a `VicinalClassifier` of the same seed would use on one
        replica, so both give the same.

        Args:
            dataset: batched `tf.data.Dataset` of `(images, labels)`.
            seed: Python integer, the run's seed.
            first_step: number of the first batch, for a run that is resumed.

        Returns:
            A `tf.data.Dataset` of `(images, labels)`, both `float32`.

        Example:
            >>> batches = Mixup(alpha=1.0).map(batches, seed=0)
        """
        run = draws.run_seed(seed)

        def draw(step, batch):
            return self.sample(*batch, draws.fold(run, step, 0))

        return (
            dataset.enumerate(first_step)
            .map(draw, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
            .prefetch(tf.data.AUTOTUNE)
        )

    def call(self, images, labels, seed):
        """The same as `sample`."""
        return self.sample(images, labels, seed)
