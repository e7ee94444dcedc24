"""Methods that only draw a batch: vicinal distributions."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.data.first_batch import check_first_batch
from tf_varmixup.methods.method import Batch, Method
from tf_varmixup.pipelines import without_autotuner


class VicinalDistribution(Method):
    """A distribution around the training examples, from which batches are drawn in their place.

    A subclass defines `sample`, a pure graph function of its arguments: no state, every draw made
    from `seed`. It must be linear in the labels and treat their columns alike, since sample
    weights pass through it as one more column: a mixed example weighs
    lambda w_i + (1 - lambda) w_j, and each of its labels counts by its own share in that. One that
    changes labels by what their other columns are defines `sample_columns` as well.

    Example:
        >>> from tf_varmixup.methods import register
        >>> from tf_varmixup import draws
        >>> @register("noise")
        ... class Noise(VicinalDistribution):
        ...     def sample(self, images, labels, seed):
        ...         images = tf.cast(images, tf.float32)
        ...         return images + 25.0 * draws.normals(tf.shape(images), seed), labels

    Source: Chapelle et al., "Vicinal Risk Minimization", NeurIPS 2000.
    """

    def sample(
        self, images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Draw a batch from the vicinity of a batch.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255, of any batch size.
            labels: One-hot or soft, `float32 (B, K)`.
            seed: `int32 (2,)`.

        Returns:
            Images `float32 (B, H, W, C)` in 0..255, and labels `float32 (B, K)`.
        """
        raise NotImplementedError(
            f"Expected {type(self).__name__} to define sample(images, labels, seed)."
        )

    def sample_columns(
        self, images: tf.Tensor, columns: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Draw a batch whose labels are weighted and have the weights beside them.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.
            columns: What is mixed as labels are, `float32 (B, K + 1)`.
            labels: The labels themselves, `float32 (B, K)`, for a vicinity that looks at them.
            seed: `int32 (2,)`.

        Returns:
            Images `float32 (B, H, W, C)` in 0..255, and columns `float32 (B, K + 1)`.
        """
        return self.sample(images, columns, seed)

    @property
    def keeps_rows(self) -> bool:
        """True."""
        return True

    def draw(self, classifier: keras.Model, batch: Batch, seed: tf.Tensor) -> Batch:
        """Draw the batch to train on; sample weights are mixed as the labels are."""
        labels = check_soft_labels(batch.labels)
        if batch.weights is None:
            return Batch(*self.sample(batch.inputs, labels, seed))
        weights = tf.reshape(tf.cast(batch.weights, tf.float32), (-1, 1))
        columns = tf.concat([labels * weights, weights], axis=1)
        images, columns = self.sample_columns(batch.inputs, columns, labels, seed)
        labels, weights = columns[:, :-1], columns[:, -1]
        return Batch(images, tf.math.divide_no_nan(labels, weights[:, None]), weights)

    def map(self, dataset: tf.data.Dataset, seed: int, first_step: int = 0) -> tf.data.Dataset:
        """Draw every batch of a dataset from its vicinity, in the tf.data graph.

        Batch n gets the seed that step n of a `VicinalClassifier` of the same seed would use on one
        replica, so both give the same.

        Args:
            dataset: Batched `tf.data.Dataset` of `(images, labels)` or `(images, labels, weights)`,
                images in 0..255.
            seed: The run's seed.
            first_step: Number of the first batch, for a run that is resumed.

        Returns:
            A `tf.data.Dataset` of as many parts, all `float32`.

        Example:
            >>> from tf_varmixup import Mixup
            >>> batch = np.zeros((4, 8, 8, 1), "uint8"), np.eye(4, dtype="float32")
            >>> batches = Mixup().map(tf.data.Dataset.from_tensors(batch), seed=0)
            >>> next(iter(batches))[0].dtype
            tf.float32
        """
        return draw_batches(self, dataset, seed, first_step)


def draw_batches(
    method: Method, dataset: tf.data.Dataset, seed: int, first_step: int = 0
) -> tf.data.Dataset:
    """Let a method that needs no classifier draw every batch of a dataset, in the tf.data graph.

    Args:
        method: A `Method`.
        dataset: Batched `tf.data.Dataset` of `(images, labels)` or `(images, labels, weights)`.
        seed: The run's seed; batch n gets what step n of a `VicinalClassifier` would.
        first_step: Number of the first batch.

    Returns:
        A `tf.data.Dataset` of as many parts.

    Raises:
        ValueError: If the first batch cannot be one of images in 0..255.

    Example:
        >>> from tf_varmixup import Mixup
        >>> batch = np.zeros((4, 8, 8, 1), "uint8"), np.eye(4, dtype="float32")
        >>> batches = draw_batches(Mixup(), tf.data.Dataset.from_tensors(batch), seed=0)
        >>> next(iter(batches))[0].dtype
        tf.float32
    """
    if tf.executing_eagerly():
        check_first_batch(dataset)
    run = draws.run_seed(seed)

    @tf.autograph.experimental.do_not_convert  # as Keras traces a training step
    def drawn(step: tf.Tensor, batch: tuple[tf.Tensor, ...]) -> Any:
        parts = method.draw(None, Batch(*batch), draws.fold(run, step, 0))
        return tuple(part for part in parts if part is not None)

    dataset = dataset.enumerate(first_step)
    dataset = dataset.map(drawn, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return without_autotuner(dataset.prefetch(tf.data.AUTOTUNE))


def check_soft_labels(labels: Any) -> tf.Tensor:
    """Return labels that can be mixed as `float32`, or raise ValueError.

    Args:
        labels: Expected one-hot or soft, `(B, K)` of a number type.

    Returns:
        A `float32` tensor `(B, K)`.

    Example:
        >>> check_soft_labels(np.eye(2)).dtype
        tf.float32
    """
    labels = None if labels is None else tf.convert_to_tensor(labels)
    if labels is None or len(labels.shape) != 2 or labels.shape[1] == 1:
        raise ValueError(
            "Expected one-hot or soft labels (B, K), which can be mixed. "
            f"Received: {'none' if labels is None else f'shape {labels.shape}'}. "
            "keras.utils.to_categorical makes class numbers one-hot."
        )
    if not (labels.dtype.is_floating or labels.dtype.is_integer or labels.dtype.is_bool):
        raise ValueError(f"Expected labels of a number type. Received: {labels.dtype.name}.")
    return tf.cast(labels, tf.float32)
