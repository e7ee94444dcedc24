"""What Keras models around a classifier share."""

import inspect
from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.evaluation.predictor import Predictor, log_probabilities
from tf_varmixup.image_model import ImageModel
from tf_varmixup.images import VALUE_RANGE, check_value_range, to_uint8, to_unit


class WrappedClassifier(ImageModel):
    """A Keras model around a classifier that only asks it, and never trains it.

    Args:
        classifier: Keras model from images `(B, H, W, C)` to logits or probabilities `(B, K)`, or
            any `Predictor`. Around the latter the model runs eagerly, and can be neither saved nor
            exported.
        from_logits: Whether the classifier returns logits.
        classifier_range: What the classifier takes, (0, 255) or (0, 1). None takes its own
            `value_range`, as a `VicinalClassifier` has it, or else (0, 255).
        **kwargs: As of `keras.Model`.

    Raises:
        ValueError: If the range is another.

    Example:
        >>> from models import compact
        >>> model = WrappedClassifier(compact((8, 8, 1), 3))
        >>> model.logits(np.zeros((2, 8, 8, 1), "float32"), np.arange(2)).shape
        TensorShape([2, 3])
    """

    def __init__(
        self,
        classifier: keras.Model | Predictor,
        from_logits: bool = True,
        classifier_range: tuple[int, int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.classifier = classifier
        self.from_logits = bool(from_logits)
        if classifier_range is None:
            classifier_range = getattr(classifier, "value_range", VALUE_RANGE)
        self.classifier_range = check_value_range(classifier_range)

    @property
    def run_eagerly(self) -> bool:
        """Whether `predict` and `evaluate` build no graph, in which a function may not run."""
        return not self.wraps_keras_model or super().run_eagerly

    @run_eagerly.setter
    def run_eagerly(self, value: bool) -> None:
        keras.Model.run_eagerly.fset(self, value)

    @property
    def wraps_keras_model(self) -> bool:
        """Whether the classifier is a Keras model, and no function."""
        return isinstance(self.classifier, keras.Model)

    def logits(self, images: tf.Tensor, indices: tf.Tensor) -> tf.Tensor:
        """Classify images in inference mode.

        Args:
            images: `float32 (B, H, W, C)` in 0..255. A function gets them rounded to `uint8`.
            indices: `int32 (B,)`, the numbers of the images in the dataset.

        Returns:
            Logits, `float32 (B, K)`.
        """
        classifier: Any = self.classifier
        if self.wraps_keras_model:
            inputs = images if self.classifier_range == VALUE_RANGE else to_unit(images)
            outputs = classifier(inputs, training=False)
        else:
            outputs = classifier(to_uint8(images), indices)
        outputs = tf.cast(outputs, tf.float32)
        return outputs if self.from_logits else log_probabilities(outputs)

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse to train, which is for the classifier alone."""
        raise ValueError(
            f"Expected the classifier itself to be trained. Received: {type(self).__name__}.fit."
        )

    def save(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """Save the model as a `.keras` file.

        Args:
            filepath: The file, ending in `.keras`.
            *args: As of `keras.Model.save`.
            **kwargs: As of `keras.Model.save`.

        Raises:
            ValueError: If the classifier is a function.
        """
        self._check_is_whole("saved")
        super().save(filepath, *args, **kwargs)

    def export(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """Export the inference function as Keras does, for images `float32 (B, H, W, C)`.

        Args:
            filepath: As of `keras.Model.export`.
            *args: As of `keras.Model.export`.
            **kwargs: As of `keras.Model.export`.

        Raises:
            ValueError: If the classifier is a function.
        """
        self._check_is_whole("exported")
        super().export(filepath, *args, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments for Keras to save."""
        names = [name for name in inspect.signature(type(self)).parameters if name != "kwargs"]
        given = {name: getattr(self, name) for name in names}
        models = {
            name: keras.saving.serialize_keras_object(value)
            for name, value in given.items()
            if isinstance(value, keras.Model)
        }
        return {**super().get_config(), **given, **models}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "WrappedClassifier":
        """Create a model from what `get_config` returned."""
        return cls(
            **{
                name: keras.saving.deserialize_keras_object(value)
                if isinstance(value, dict) and "class_name" in value and name != "dtype"
                else value
                for name, value in config.items()
            }
        )

    def _check_is_whole(self, what: str) -> None:
        if not self.wraps_keras_model:
            raise ValueError(
                f"Expected a Keras model as classifier where it is to be {what}. "
                f"Received: {type(self.classifier).__name__}."
            )
