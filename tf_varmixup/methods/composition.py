"""Several methods as one: one after the other."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.methods.method import Batch, Method

_Kind = type[Method]


@keras.saving.register_keras_serializable(package="tf_varmixup")
class Composition(Method):
    """Methods one after the other: each draws from what the one before has drawn.

    `compose` and `create("mixup+augmix")` make one, and for vicinal distributions alone a
    `VicinalComposition`, which is one too.

    Args:
        parts: Methods, at least two. One at most may have a penalty or a `forward` of its own, and
            one that hands on anything else than an image for each label must be the last.

    Raises:
        ValueError: If there are fewer than two methods, or they cannot be composed.

    Example:
        >>> from tf_varmixup.methods import Gaussian, Mixup
        >>> Composition([Mixup(alpha=0.2), Gaussian()]).keeps_rows
        True
    """

    def __init__(self, parts: Sequence[Method], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _check_parts(parts)
        self._parts = list(parts)

    @property
    def parts(self) -> tuple[Method, ...]:
        """The methods, in their order."""
        return tuple(self._parts)

    @property
    def keeps_rows(self) -> bool:
        """Whether the last of the methods does."""
        return self.parts[-1].keeps_rows

    @property
    def only_draws(self) -> bool:
        """Whether all of the methods only draw."""
        return all(part.only_draws for part in self.parts)

    @property
    def required_loss(self) -> keras.losses.Loss | None:
        """The loss that one of the methods requires, or None for any."""
        required = (part.required_loss for part in self.parts)
        return next((loss for loss in required if loss is not None), None)

    def check_network(self, network: Any) -> None:
        """Raise ValueError if one of the methods cannot train a network."""
        for part in self.parts:
            part.check_network(network)

    def draw(self, classifier: keras.Model, batch: Batch, seed: tf.Tensor) -> Batch:
        """Let each method draw from what the one before has drawn, with a seed of its own."""
        for number, part in enumerate(self.parts):
            batch = part.draw(classifier, batch, draws.fold(seed, number))
        return batch

    def forward(self, backbone: Callable[..., tf.Tensor], inputs: Any) -> tf.Tensor:
        """Run the network as the method does that has a way of its own."""
        return self._special().forward(backbone, inputs)

    def penalty(self, logits: tf.Tensor) -> tf.Tensor | None:
        """Return the penalty of the method that has one, or None."""
        return self._special().penalty(logits)

    def get_config(self) -> dict[str, Any]:
        """Return the methods for Keras to save, with an autoencoder that they share saved once."""
        config, shared = super().get_config(), self.autoencoder
        config["parts"] = [keras.saving.serialize_keras_object(part) for part in self.parts]
        for part in config["parts"]:
            if "autoencoder" in part["config"]:
                part["config"]["autoencoder"] = None
        return {**config, "autoencoder": keras.saving.serialize_keras_object(shared)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Composition":
        """Create a composition from what `get_config` returned."""
        config = dict(config)
        shared = config.pop("autoencoder")
        if not isinstance(shared, keras.Model):  # which a composition around this one has made
            shared = keras.saving.deserialize_keras_object(shared)
        parts = []
        for part in config.pop("parts"):
            own = part["config"]
            if "autoencoder" in own:
                own = {**own, "autoencoder": shared}
            parts.append(keras.saving.deserialize_keras_object({**part, "config": own}))
        return cls(parts=parts, **config)

    def _special(self) -> Method:
        """Return the method with a penalty or a way to run the network, or any if none has."""
        return next((part for part in self.parts if not part.only_draws), self.parts[-1])

    @property
    def autoencoder(self) -> keras.Model | None:
        """The autoencoder that its methods share, down to compositions within it, or None."""
        found = (getattr(part, "autoencoder", None) for part in self.parts)
        return next((one for one in found if one is not None), None)


def find_part(method: Method, kind: Any) -> Any:
    """Return the method itself or the first part of it that is of a class, or None.

    Args:
        method: A `Method`.
        kind: A subclass of `Method`.

    Returns:
        A `Method` of that class, or None.

    Example:
        >>> from tf_varmixup.methods import Gaussian, Mixup
        >>> find_part(Composition([Mixup(), Gaussian()]), Gaussian).noise
        0.1
    """
    if isinstance(method, kind):
        return method
    parts = method.parts if isinstance(method, Composition) else ()
    found = (find_part(part, kind) for part in parts)
    return next((one for one in found if one is not None), None)


def _check_parts(parts: Sequence[Method]) -> None:
    """Raise ValueError if methods cannot come one after the other."""
    names = "+".join(map(_name, parts))
    if len(parts) < 2:
        raise ValueError(f"Expected at least two methods to compose. Received: {names or 'none'}.")
    for part in parts[:-1]:
        if not part.keeps_rows:
            raise ValueError(
                f"Expected {_name(part)} as the last method of a composition, since what it hands "
                f"on is not one image for each label. Received: {names}."
            )
    special = [_name(part) for part in parts if not part.only_draws]
    if len(special) > 1:
        raise ValueError(
            "Expected at most one method with a penalty, such as a consistency term, or with its "
            f"own way to run the network. Received: {names}, of which {' and '.join(special)} are."
        )
    autoencoders = {
        id(part.autoencoder) for part in parts if getattr(part, "autoencoder", None) is not None
    }
    if len(autoencoders) > 1:
        raise ValueError(
            "Expected the methods of a composition to share one autoencoder. "
            f"Received: {names} with {len(autoencoders)}."
        )


def _name(part: Method) -> str:
    return part.method or type(part).__name__
