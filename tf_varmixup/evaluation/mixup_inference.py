"""Mixup Inference: what a classifier makes of an image mixed with training images."""

from collections.abc import Callable
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import (
    Fraction,
    check_applies,
    check_choice,
    check_count,
    check_fraction,
    check_seed,
)
from tf_varmixup.data.labeled import labeled_rows
from tf_varmixup.evaluation.mixed_probabilities import combined_probabilities, mixed_probabilities
from tf_varmixup.evaluation.mixup_pool import (
    choose_pool,
    partners_of_other_classes,
    partners_of_predicted_class,
)
from tf_varmixup.evaluation.numbered_draws import checksums
from tf_varmixup.evaluation.predictor import Predictor, log_probabilities
from tf_varmixup.evaluation.wrapped_classifier import WrappedClassifier
from tf_varmixup.images import check_images, check_values, to_uint8
from tf_varmixup.streaming import StreamedImages

# How many samples each form takes of images of other classes and of the predicted class.
SAMPLES: dict[str, tuple[int | None, int | None]] = {
    "other": (30, None),
    "predicted": (None, 10),
    "combined": (15, 5),
}


@keras.saving.register_keras_serializable(package="tf_varmixup")
class MixupInference(WrappedClassifier):
    """A classifier whose answer is the mean over mixes of the image with training images.

    The mixes are `x' = lambda x + (1 - lambda) s` with images s of a pool, and the answer is the
    logarithm of the mean of their probabilities. The forms:

    - `"other"` (MI-OL): a class other than the predicted one is drawn, and an image of it;
    - `"predicted"` (MI-PL): an image of the predicted class is drawn;
    - `"combined"`: the latter, unless its confidence is below that of the image alone by the
      threshold or more; then the former.

    The predicted class is that of the classifier for the image alone. Answers cost a pass of the
    classifier for each sample and one more; memory is that of one pass.

    It is a Keras model with `predict`, `evaluate` and `export`, and a `Predictor`: called with the
    images' `indices` in the dataset, it draws by them, so that an image and its corrupted copies
    are mixed with the same images. Without them, it draws by a checksum of the image, rounded to
    `uint8`. Either way, an image's answer does not depend on the batch. Nothing is trained by it.

    Mixing costs accuracy on clean images, more for a classifier that was not trained on mixed ones,
    and the gains that were published are against attacks that do not know of it.

    Args:
        classifier: Keras model from images `(B, H, W, C)` to logits or probabilities `(B, K)`, or
            any `Predictor`. The latter runs eagerly, gets its mixes rounded to `uint8`, and can be
            neither saved nor exported.
        pool: Training images to choose the pool from: a `Split`, a pair `(images, labels)` or a
            `tf.data.Dataset`. The authors take the test set with its labels, which can hold the
            very image that is classified; take no test images.
        form: `"other"`, `"predicted"` or `"combined"`.
        other_samples: How many images of other classes; None takes 30, or 15 where combined.
        other_weight: The weight lambda of the image in those mixes. The authors take 0.6 for
            classifiers of interpolated adversarial training; where combined, their code has 0.5 and
            their instructions 0.4.
        predicted_samples: How many images of the predicted class; None takes 10, or 5 where
            combined.
        predicted_weight: The weight lambda of the image in those mixes.
        threshold: The fall in confidence from which on a combined answer is that of other classes.
        pool_size: How many images to choose, as evenly over the classes as they allow.
        autoencoder: None, or a model with `posterior` and `decode` like `VariationalAutoencoder`:
            then latents (the posterior's means) are mixed and decoded. It is copied.
        seed: Python integer, the seed of the pool and of all draws.
        from_logits: Whether the classifier returns logits.
        classifier_range: What the classifier takes, (0, 255) or (0, 1). None takes its own
            `value_range`, as a `VicinalClassifier` has it, or else (0, 255).

    Raises:
        ValueError: If a class is without an image in the pool, or an argument is out of its range
            or given for another form.

    Example:
        >>> from models import compact
        >>> images = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 1)).astype("uint8")
        >>> pool = images, np.array([0, 1, 2] * 2)
        >>> model = MixupInference(compact((8, 8, 1), 3), pool, other_samples=4)
        >>> model.predict(images, verbose=0).shape
        (6, 3)
        >>> model(images, np.arange(6)).shape
        TensorShape([6, 3])

    Source: Pang et al., "Mixup Inference: Better Exploiting Mixup to Defend Adversarial Attacks",
    arXiv 1909.11515, section 3.
    """

    def __init__(
        self,
        classifier: keras.Model | Predictor,
        pool: Any,
        form: Literal["other", "predicted", "combined"] = "other",
        other_samples: int | None = None,
        other_weight: Fraction = 0.5,
        predicted_samples: int | None = None,
        predicted_weight: Fraction = 0.5,
        threshold: float = 0.2,
        pool_size: int = 1000,
        autoencoder: keras.Model | None = None,
        seed: int = 0,
        from_logits: bool = True,
        classifier_range: tuple[int, int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(classifier, from_logits, classifier_range, **kwargs)
        self.form = check_choice("form", form, SAMPLES)
        of_others, of_own = (usual is not None for usual in SAMPLES[form])
        for name, value, default, applies, where in (
            ("other_samples", other_samples, None, of_others, "not 'predicted'"),
            ("other_weight", other_weight, 0.5, of_others, "not 'predicted'"),
            ("predicted_samples", predicted_samples, None, of_own, "not 'other'"),
            ("predicted_weight", predicted_weight, 0.5, of_own, "not 'other'"),
            ("threshold", threshold, 0.2, of_others and of_own, "'combined'"),
        ):
            check_applies(name, value, default, applies, f"where form is {where}")
        self.other_samples = _samples("other_samples", other_samples, SAMPLES[form][0])
        self.other_weight = check_fraction("other_weight", other_weight)
        self.predicted_samples = _samples("predicted_samples", predicted_samples, SAMPLES[form][1])
        self.predicted_weight = check_fraction("predicted_weight", predicted_weight)
        self.threshold = check_fraction("threshold", threshold)
        self.pool_size = check_count("pool_size", pool_size)
        # A copy, which stays what the pool was encoded by. One that is part of the classifier would
        # also be saved in one of both places only.
        self.autoencoder = None if autoencoder is None else _copy(autoencoder)
        self.seed = check_seed(seed)
        self._keep_pool(*labeled_rows(pool))
        self.built = True

    def _keep_pool(self, images: np.ndarray | StreamedImages, labels: np.ndarray) -> None:
        self.image_shape = images.shape[1:]
        # Run once, which also builds a classifier that never was.
        logits = self.logits(tf.constant(images[:1], tf.float32), tf.constant([0]))
        if logits.shape.rank != 2 or logits.shape[1] < 2:
            raise ValueError(
                "Expected a classifier that returns logits (B, K), K at least 2. "
                f"Received: shape {logits.shape}."
            )
        self.num_classes = int(logits.shape[1])
        rows = choose_pool(labels, self.num_classes, self.pool_size, self.seed)
        images = to_uint8(images[rows])
        self.class_counts = np.bincount(labels[rows], minlength=self.num_classes).tolist()
        if self.autoencoder is not None:
            parts = range(0, len(images), 250)
            images = tf.concat([self._encode(images[start : start + 250]) for start in parts], 0)
        # A weight, so that files and SavedModels have it.
        self.pool = self.add_weight(
            name="pool",
            shape=images.shape,
            dtype=images.dtype.name,
            initializer="zeros",
            trainable=False,
            autocast=False,
        )
        self.pool.assign(images)

    def call(
        self, images: tf.Tensor, indices: tf.Tensor | None = None, training: bool = False
    ) -> tf.Tensor:
        """Return the logarithm of the mean probabilities, `float32 (B, K)`.

        Args:
            images: `uint8` or floating, `(B, H, W, C)` in 0..255.
            indices: `int32 (B,)`, the number of each image in the dataset, or None to draw by a
                checksum of the image.
            training: Without effect: the classifier is in inference mode.

        Raises:
            ValueError: If the images are of another shape or range, or the indices are not one
                integer per image.
        """
        check_images(images, self.image_shape)
        if not tf.is_symbolic_tensor(images):
            check_values(images)
        if indices is not None:
            indices = _checked_indices(indices, tf.shape(images)[0])
        images = tf.cast(images, tf.float32)
        if indices is None:
            indices = checksums(to_uint8(images))
        if self.wraps_keras_model and tf.executing_eagerly():
            return self._traced_answer(images, indices)
        return self._answer(images, indices)

    def _answer(self, images: tf.Tensor, indices: tf.Tensor) -> tf.Tensor:
        plain = tf.nn.softmax(self.logits(images, indices))
        predicted = tf.argmax(plain, 1, tf.int32)
        inputs = images if self.autoencoder is None else self._encode(images)

        def classify(mixed: tf.Tensor) -> tf.Tensor:
            decoded = mixed if self.autoencoder is None else self.autoencoder.decode(mixed)
            return self.logits(decoded, indices)

        def average(draw: Callable[..., tf.Tensor], stream: int, weight: float) -> tf.Tensor:
            samples = (self.other_samples, self.predicted_samples)[stream]
            seed = draws.fold(draws.run_seed(self.seed), stream)
            partners = draw(predicted, self.class_counts, samples, indices, seed)
            return mixed_probabilities(
                classify, inputs, self.pool, partners, weight, self.num_classes
            )

        if self.other_samples is not None:
            other = average(partners_of_other_classes, 0, self.other_weight)
        if self.predicted_samples is not None:
            own = average(partners_of_predicted_class, 1, self.predicted_weight)
        if self.form == "combined":
            return log_probabilities(combined_probabilities(plain, own, other, self.threshold))
        return log_probabilities(other if self.form == "other" else own)

    # Called as a `Predictor`, the model is in no graph yet.
    _traced_answer = tf.function(_answer, reduce_retracing=True)

    def _encode(self, images: tf.Tensor) -> tf.Tensor:
        return self.autoencoder.posterior(images).mean()  # type: ignore[union-attr]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments for Keras to save, the pool by its sizes alone."""
        return {**super().get_config(), "pool": (self.image_shape, self.class_counts)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "MixupInference":
        """Create a model from what `get_config` returned; the pool comes with the weights."""
        image_shape, counts = config["pool"]
        images = np.zeros((sum(counts), *image_shape), "uint8")
        labels = np.repeat(np.arange(len(counts)), counts)
        return super().from_config({**config, "pool": (images, labels)})


def _samples(name: str, given: int | None, usual: int | None) -> int | None:
    return usual if given is None else check_count(name, given)


def _checked_indices(indices: Any, count: tf.Tensor) -> tf.Tensor:
    """Return the numbers of images as `int32`, or raise ValueError unless there is one for each."""
    indices = tf.convert_to_tensor(indices)
    count = tf.get_static_value(count)
    if not indices.dtype.is_integer or not indices.shape.is_compatible_with((count,)):
        raise ValueError(
            f"Expected indices to be integers ({'B' if count is None else count},), one per image. "
            f"Received: {indices.dtype.name} of shape {indices.shape}."
        )
    return tf.cast(indices, tf.int32)


def _copy(model: keras.Model) -> keras.Model:
    saving = keras.saving
    copied = saving.deserialize_keras_object(saving.serialize_keras_object(model))
    copied.set_weights(model.get_weights())
    return copied
