"""The contract of a way of training: draw a batch, run the network, add a penalty."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import tensorflow as tf


class Batch(NamedTuple):
    """A batch as a method hands it on.

    Attributes:
        inputs: Images `float32 (B, H, W, C)` in 0..255, or whatever the method's `forward` takes.
        labels: As the loss takes them; in a pipeline of this library one-hot or soft
            `float32 (B, K)`.
        weights: Sample weights `float32 (B,)`, or None.
    """

    inputs: Any
    labels: Any
    weights: Any = None


class Method(keras.layers.Layer):
    """A way of training a classifier, in three verbs of which a subclass defines what it needs.

    `draw` turns a batch into the one to train on, `forward` runs the network on it, `penalty` is
    added to the loss. It is a Keras layer so that a network it holds is saved with the classifier
    that it serves; calling it as a layer is not what it is for.

    A subclass keeps each parameter of its constructor in an attribute of the same name. From the
    constructor come the flags of the command line, `get_config` and `repr`.

    Example:
        >>> from tf_varmixup.methods import register
        >>> @register("confidence_penalty")
        ... class ConfidencePenalty(Method):
        ...     def __init__(self, strength: float = 0.1, **kwargs):
        ...         super().__init__(**kwargs)
        ...         self.strength = float(strength)
        ...
        ...     def penalty(self, logits):
        ...         entropy = -tf.reduce_sum(tf.nn.softmax(logits) * tf.nn.log_softmax(logits), 1)
        ...         return -self.strength * tf.reduce_mean(entropy)
        >>> ConfidencePenalty()
        ConfidencePenalty(strength=0.1)
    """

    method: str | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.built = True

    def draw(self, classifier: keras.Model, batch: Batch, seed: tf.Tensor) -> Batch:
        """Turn a batch into the one to train on, before gradients are recorded.

        Args:
            classifier: The `VicinalClassifier` in training, for methods that ask it.
            batch: Images in 0..255, `uint8` or floating, with their labels and weights.
            seed: `int32 (2,)`, what every random number is drawn from.

        Returns:
            A `Batch`.
        """
        return batch

    def forward(self, backbone: Callable[..., tf.Tensor], inputs: Any) -> tf.Tensor:
        """Run the network in training mode.

        Args:
            backbone: The network, a Keras model from images in 0..255 to logits. Where the
                classifier's backbone takes [0, 1], it is a function that scales before.
            inputs: What `draw` returned.

        Returns:
            Logits `(R, K)`, R at least the number of labels. The first rows are the labeled ones.
        """
        return backbone(inputs, training=True)

    def penalty(self, logits: tf.Tensor) -> tf.Tensor | None:
        """Return what is added to the loss.

        Args:
            logits: `float32 (R, K)`, all that `forward` returned.

        Returns:
            A scalar, the mean over this replica's images, or None for nothing.
        """
        return None

    @property
    def keeps_rows(self) -> bool:
        """Whether `draw` hands on one image for each label, so that another method may draw next.

        A method with a `draw` of its own says so itself; else it is the last of a composition.
        """
        return type(self).draw is Method.draw

    @property
    def only_draws(self) -> bool:
        """Whether the network runs and the loss is computed as if there were no method.

        A composition may have one method at most for which that is not so.
        """
        kind = type(self)
        return kind.penalty is Method.penalty and kind.forward is Method.forward

    @property
    def required_loss(self) -> keras.losses.Loss | None:
        """The loss that the classifier must be compiled with, or None for any."""
        return None

    def check_network(self, network: Any) -> None:
        """Raise ValueError if the method cannot train a network.

        Args:
            network: Keras model from images to logits.
        """

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """No metrics, so that those of a network it holds stay out of the classifier's logs."""
        return []

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        """Return the names of the constructor's parameters, an autoencoder included."""
        kinds = inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL
        parameters = inspect.signature(cls).parameters.values()
        return tuple(one.name for one in parameters if one.kind not in kinds)

    def parameters(self) -> dict[str, Any]:
        """Return the constructor's parameters with their values.

        Raises:
            AttributeError: If the method does not keep one of them under its name.
        """
        missing = [name for name in self.parameter_names() if not hasattr(self, name)]
        if missing:
            raise AttributeError(
                f"Expected {type(self).__name__} to keep the parameters of its constructor as "
                f"attributes. Received: no attribute {', '.join(missing)}."
            )
        return {name: getattr(self, name) for name in self.parameter_names()}

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's parameters for Keras to save."""
        parts = {
            name: keras.saving.serialize_keras_object(value)
            if isinstance(value, keras.layers.Layer)
            else value
            for name, value in self.parameters().items()
        }
        return {**super().get_config(), **parts}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Method":
        """Create a method from what `get_config` returned."""
        parts = {
            name: keras.saving.deserialize_keras_object(value)
            for name, value in config.items()
            if isinstance(value, dict) and name in cls.parameter_names()
        }
        return cls(**{**config, **parts})

    def __repr__(self) -> str:
        values = (
            f"{name}={type(value).__name__ if isinstance(value, keras.Model) else repr(value)}"
            for name, value in self.parameters().items()
        )
        return f"{type(self).__name__}({', '.join(values)})"
