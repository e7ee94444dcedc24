"""A classifier with all that those who are served by it must know."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import tf_varmixup
from tf_varmixup.calibration import VectorScaling
from tf_varmixup.checks import check_count, check_positive
from tf_varmixup.images import VALUE_RANGE, check_value_range, to_unit
from tf_varmixup.metrics.batch import could_be_probabilities


@dataclasses.dataclass(frozen=True, eq=False)
class ServedClassifier:
    """A classifier with all that those who are served by it must know.

    Attributes:
        num_classes: K.

    Args:
        classifier: Keras model from images `(B, H, W, C)` to logits `(B, K)`; it need not be one of
            this library's.
        image_shape: `(H, W, C)`.
        temperature: Positive number, what the logits are divided by for the probabilities.
        value_range: What the classifier takes, (0, 255) or (0, 1). None takes its own
            `value_range`, as a `VicinalClassifier` has it, or else (0, 255).
        class_names: Names of the K classes, or None.
        dataset: Name of the dataset that the classifier was trained on, or None.
        method: Name of the method that it was trained by, or None.
        vector_scaling: A `VectorScaling` to serve besides, or None.

    Raises:
        ValueError: If the temperature is not positive, the classifier does not give logits
            `(B, K)` for images of that shape, or there are not K class names, scales or biases.

    Example:
        >>> from models import compact
        >>> served = ServedClassifier(compact((8, 8, 1), 10), (8, 8, 1), temperature=1.3)
        >>> served(np.zeros((2, 8, 8, 1), "uint8"))["probabilities"].shape
        TensorShape([2, 10])
    """

    classifier: keras.Model
    image_shape: Sequence[int]
    temperature: float = 1.0
    value_range: tuple[int, int] | None = None
    class_names: Sequence[str] | None = None
    dataset: str | None = None
    method: str | None = None
    vector_scaling: VectorScaling | None = None
    num_classes: int = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        value_range = self.value_range
        if value_range is None:
            value_range = getattr(self.classifier, "value_range", VALUE_RANGE)
        decided = {
            "temperature": check_positive("temperature", self.temperature),
            "value_range": check_value_range(value_range),
            "image_shape": tuple(check_count("image_shape", size) for size in self.image_shape),
        }
        for name, value in decided.items():
            object.__setattr__(self, name, value)
        # Run once before anything is written; it also builds a classifier that never was.
        blank = np.zeros((1, *self.image_shape), "float32")
        num_classes = _count_classes(self.classifier(blank, training=False))
        object.__setattr__(self, "num_classes", num_classes)
        if self.class_names is not None and len(self.class_names) != num_classes:
            raise ValueError(
                f"Expected {num_classes} class_names. Received: {len(self.class_names)}."
            )
        if self.vector_scaling is not None and len(self.vector_scaling.scale) != num_classes:
            raise ValueError(
                f"Expected vector_scaling of {num_classes} classes. "
                f"Received: {len(self.vector_scaling.scale)}."
            )

    def __call__(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """Classify images `uint8 (B, H, W, C)`.

        Returns:
            A dict of `logits`, `probabilities`, `label`, and with vector scaling also of
            `probabilities_after_vector_scaling`.
        """
        inputs = to_unit(images) if self.value_range == (0, 1) else tf.cast(images, tf.float32)
        logits = tf.cast(self.classifier(inputs, training=False), tf.float32)
        served = {
            "logits": logits,
            "probabilities": tf.nn.softmax(logits / self.temperature),
            "label": tf.argmax(logits, 1),
        }
        if self.vector_scaling is not None:
            scaled = logits * tf.constant(self.vector_scaling.scale, tf.float32)
            scaled += tf.constant(self.vector_scaling.bias, tf.float32)
            served["probabilities_after_vector_scaling"] = tf.nn.softmax(scaled)
        return served

    def metadata(self) -> dict[str, Any]:
        """Return what is served, in what JSON has."""
        names, scaling = self.class_names, self.vector_scaling
        return {
            "class_names": None if names is None else [str(name) for name in names],
            "image_shape": list(self.image_shape),
            # Everything exported takes uint8, whatever the classifier takes.
            "value_range": list(VALUE_RANGE),
            "temperature": self.temperature,
            "vector_scaling": None if scaling is None else scaling.as_fact(),
            "dataset": self.dataset,
            "method": self.method,
            "version": tf_varmixup.__version__,
        }


def _count_classes(logits: Any) -> int:
    shape = getattr(logits, "shape", None)
    if shape is None or len(shape) != 2:
        raise ValueError(
            "Expected a classifier that returns logits (B, K). "
            f"Received: {type(logits).__name__ if shape is None else f'shape {tuple(shape)}'}."
        )
    if bool(tf.reduce_all(could_be_probabilities(logits)[0])):
        raise ValueError(
            "Expected a classifier that returns logits. Received: one whose rows are nonnegative "
            "and sum to 1, which are probabilities."
        )
    return int(shape[1])
