"""The classifier that is trained by a method."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.checks import check_seed, renamed
from tf_varmixup.data.first_batch import check_first_batch
from tf_varmixup.image_model import ImageModel
from tf_varmixup.images import VALUE_RANGE, check_images, check_value_range, to_unit
from tf_varmixup.methods.from_levels import FromLevels
from tf_varmixup.methods.method import Batch, Method


@keras.saving.register_keras_serializable(package="tf_varmixup")
class VicinalClassifier(ImageModel):
    """A Keras classifier that is trained by a method, such as on draws from a vicinal distribution.

    Only the training step is special: it draws the seed of this step, asks the method for a batch,
    and leaves the rest to Keras. `evaluate` and `predict` see the images as they are. Training
    metrics are therefore those on the drawn images and labels.

    Args:
        backbone: Keras model from images `(B, H, W, C)` in 0..255 to logits `(B, K)`, which scales
            its input itself, as those of `models` do.
        method: A `Method`; None trains on the data alone (ERM), with any labels that the loss
            takes.
        seed: Python integer, the run's seed.
        value_range: (0, 255), or (0, 1) if images, the backbone's too, lie in [0, 1].
        backbone_range: The range that the backbone takes where it is another one. (0, 1) is what
            the backbones of version 0.1 took.

    Raises:
        ValueError: If a range is another, the method cannot train the backbone, or Keras is set to
            channels first or float64.

    Example:
        >>> from models import compact
        >>> from tf_varmixup import Mixup
        >>> model = VicinalClassifier(compact((8, 8, 1), 10), Mixup(alpha=1.0), seed=0)
        >>> model.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True))
        >>> images, labels = np.full((4, 8, 8, 1), 200, "uint8"), np.eye(10, dtype="float32")[:4]
        >>> history = model.fit(images, labels, verbose=0)
        >>> model.predict(images, verbose=0).shape
        (4, 10)

    Source: Chapelle et al., "Vicinal Risk Minimization", NeurIPS 2000.
    """

    @renamed(vicinity="method")
    def __init__(
        self,
        backbone: keras.Model,
        method: Method | None = None,
        seed: int = 0,
        value_range: tuple[int, int] = VALUE_RANGE,
        backbone_range: tuple[int, int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.backbone = backbone
        shape = getattr(backbone, "input_shape", None)
        if isinstance(shape, tuple) and len(shape) == 4:
            self.image_shape = shape[1:]
        if method is not None:
            method.check_network(backbone)
        self.method = method
        self.seed = check_seed(seed)
        self.value_range = check_value_range(value_range)
        self.backbone_range = check_value_range(
            value_range if backbone_range is None else backbone_range
        )
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

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return `float32` logits `(B, K)` of images `(B, H, W, C)`.

        In training, it takes what the method's `draw` returned.
        """
        if training and self.method is not None:
            if self._get_call_context().entry_layer is not self:
                raise ValueError(
                    f"Expected {self.name} to be fitted itself, since its own training step draws "
                    "what its method trains on. Received: a training of a model around it. Put the "
                    "other layers into its backbone, or augmentation into the pipeline."
                )
            backbone = self.backbone
            if self.backbone_range != VALUE_RANGE:
                backbone = FromLevels(backbone)
            logits = tf.cast(self.method.forward(backbone, images), tf.float32)
            penalty = self.method.penalty(logits)
            if penalty is not None:
                # A replica may be without images in the last batch, of which the mean is NaN.
                self.add_loss(tf.where(tf.shape(logits)[0] > 0, penalty, 0.0))
            return logits
        check_images(images, self.image_shape)
        images = tf.cast(images, tf.float32)
        if self.value_range != self.backbone_range:
            images = to_unit(images) if self.value_range == VALUE_RANGE else 255.0 * images
        return tf.cast(self.backbone(images, training=training), tf.float32)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Draw a batch by the method and take Keras' own step on it."""
        images, labels, weights = keras.utils.unpack_x_y_sample_weight(data)
        check_images(images, self.image_shape)
        self._check_loss()
        if self.method is not None:
            if self.value_range != VALUE_RANGE:
                images = 255.0 * tf.cast(images, tf.float32)
            seed = draws.fold(
                draws.run_seed(self.seed), tf.convert_to_tensor(self.step), draws.replica_id()
            )
            images, labels, weights = self.method.draw(self, Batch(images, labels, weights), seed)
        logs = super().train_step((images, labels, weights))
        self.step.assign_add(1)
        return logs

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Compute the loss of the labeled rows, and add the method's penalty."""
        return super().compute_loss(x, y, self._labeled(y, y_pred), sample_weight, training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Update the metrics with the labeled rows."""
        return super().compute_metrics(x, y, self._labeled(y, y_pred), sample_weight)

    def fit(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Fit as Keras does, once the loss was found to fit and first batches to be in range."""
        self._check_loss()
        self._check_first(x, y)
        held_out = kwargs.get("validation_data")
        self._check_first(*(held_out[:2] if isinstance(held_out, list | tuple) else (held_out,)))
        return super().fit(x, y, *args, **kwargs)

    def evaluate(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Evaluate as Keras does, once the first batch was found to be one of images in range."""
        if not kwargs.get("_use_cached_eval_dataset", False):  # of `fit`, which has looked at it
            self._check_first(x, y)
        return super().evaluate(x, y, *args, **kwargs)

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Predict as Keras does, once the first batch was found to be one of images in range."""
        self._check_first(x)
        return super().predict(x, *args, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments for Keras to save."""
        return {
            **super().get_config(),
            "backbone": keras.saving.serialize_keras_object(self.backbone),
            "method": keras.saving.serialize_keras_object(self.method),
            "seed": self.seed,
            "value_range": self.value_range,
            "backbone_range": self.backbone_range,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "VicinalClassifier":
        """Create a classifier from what `get_config` returned, in version 0.1 too."""
        if "vicinity" in config:
            rest = {name: value for name, value in config.items() if name != "vicinity"}
            config = {**rest, "method": config["vicinity"], "backbone_range": (0, 1)}
        parts = {
            name: keras.saving.deserialize_keras_object(config[name])
            for name in ("backbone", "method")
        }
        return cls(**{**config, **parts})

    @property
    def vicinity(self) -> Method | None:
        """The method, under the name that it had in version 0.1."""
        return self.method

    def _check_loss(self) -> None:
        """Raise ValueError unless the loss takes logits and is what the method requires."""
        loss = getattr(self, "loss", None)  # there is none before `compile`, as Keras says
        if _takes_probabilities(loss):
            name = getattr(loss, "__name__", None) or getattr(loss, "name", loss)
            raise ValueError(
                "Expected a loss of logits, such as CategoricalCrossentropy(from_logits=True). "
                f"Received: {name}, which takes probabilities."
            )
        required = None if self.method is None else self.method.required_loss
        if required is not None and not isinstance(loss, type(required)):
            raise ValueError(
                f"Expected the loss {type(required).__name__}, which {self.method!r} requires. "
                f"Received: {loss!r}."
            )

    def _check_first(self, x: Any = None, y: Any = None) -> None:
        check_first_batch(x, y, self.image_shape, self._num_classes, self.value_range)

    @property
    def _num_classes(self) -> int | None:
        shape = getattr(self.backbone, "output_shape", None)
        return shape[-1] if isinstance(shape, tuple) else None

    def _labeled(self, labels: Any, logits: tf.Tensor) -> tf.Tensor:
        """Return the first rows of the logits, as many as there are labels."""
        if self.method is None or not hasattr(labels, "shape"):
            return logits
        if len(labels.shape) == 2 and labels.shape[1] not in (1, None, logits.shape[1]):
            raise ValueError(
                f"Expected labels (B, {logits.shape[1]}), a column per class. "
                f"Received: shape {labels.shape}."
            )
        return logits[: tf.shape(labels)[0]]


def _takes_probabilities(loss: Any) -> bool:
    """Return whether a loss of Keras takes probabilities, as far as it tells."""
    if isinstance(loss, str):
        try:
            loss = keras.losses.get(loss)
        except ValueError:  # Keras says so itself
            return False
    names = "categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy"
    if loss in [getattr(keras.losses, name) for name in names]:
        return True
    return getattr(loss, "from_logits", None) is False
