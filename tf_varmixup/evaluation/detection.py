"""Find out what a classifier of another origin takes and returns."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tf_varmixup.evaluation.detection_graph import inlined_graph, last_operation, preprocessing
from tf_varmixup.evaluation.predictor import check_model_range, in_range
from tf_varmixup.images import VALUE_RANGE

# What logits come from, also where all happen to lie in [0, 1].
_LINEAR = {"BiasAdd", "MatMul", "Add", "AddV2", "Mean"}
UNKNOWN_SIDE = 64  # of images where neither the model nor the caller says


@dataclasses.dataclass(frozen=True)
class ModelForm:
    """What a classifier takes and returns, and how that is known.

    Attributes:
        from_logits: Whether it returns logits; None where that cannot be told.
        value_range: (0, 255), (0, 1) or (-1, 1), the range of its images; None where that cannot be
            told.
        outputs_because: Why, or why not, for the outputs.
        images_because: Why, or why not, for the images.
        is_assumed: Whether the outputs are taken for what they are without a look at them, so that
            the opposite may be stated.

    Example:
        >>> form = ModelForm(True, None, "of its outputs", "of its layers")
        >>> form.stated(value_range=(0, 1)).value_range
        (0, 1)
    """

    from_logits: bool | None
    value_range: tuple[int, int] | None
    outputs_because: str
    images_because: str
    is_assumed: bool = False

    def stated(
        self, from_logits: bool | None = None, value_range: tuple[int, int] | None = None
    ) -> "ModelForm":
        """Put what a caller states in the place of what was found.

        Args:
            from_logits: Whether the classifier returns logits; None leaves what was found.
            value_range: One of `MODEL_RANGES`; None leaves what was found.

        Returns:
            A `ModelForm`.

        Raises:
            ValueError: If the outputs cannot be what is stated, or the range is another.
        """
        form = self
        if from_logits is not None and self.is_assumed:
            form = dataclasses.replace(form, from_logits=from_logits, outputs_because="as stated")
        elif from_logits is not None:
            # Where the outputs are neither, they may be taken for logits, but sum to no 1.
            if (self.from_logits is not False) != from_logits:
                raise ValueError(
                    f"Expected from_logits={not from_logits}, since {self.outputs_because}. "
                    f"Received: {from_logits}."
                )
            if self.from_logits is None:
                form = dataclasses.replace(form, from_logits=True, outputs_because="as stated")
        if value_range is not None:
            value_range = check_model_range(value_range)
            because = "as stated"
            if self.value_range not in (None, value_range):
                because += f", although {self.images_because}"
            if value_range != self.value_range:
                form = dataclasses.replace(form, value_range=value_range, images_because=because)
        return form


def detect_form(
    model: Callable[..., Any], specification: tf.TensorSpec, images: Any = None
) -> ModelForm:
    """Find out whether a classifier returns logits or probabilities, and which images it takes.

    The range of the images is read off the operations before the first one with a kernel, a
    convolution or a dense layer: a model that takes 0 and 255 to -1 and 1 there is made for 0..255.
    Nothing is concluded from how well the model does. Outputs are probabilities if every row of a
    batch is nonnegative and sums to 1.

    Args:
        model: Function `(images, training)` to outputs `(B, K)`, such as a Keras model.
        specification: Of the images that it takes, `(None, H, W, C)`; None stands for any size.
        images: `uint8 (B, H, W, C)`, a first batch; None takes noise.

    Returns:
        A `ModelForm`.

    Raises:
        ValueError: If the outputs are not `(B, K)` or not finite.

    Example:
        >>> model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Rescaling(1 / 255)])
        >>> model.add(keras.layers.Flatten())
        >>> model.add(keras.layers.Dense(3, activation="softmax"))
        >>> form = detect_form(model, tf.TensorSpec((None, 8, 8, 1)))
        >>> form.from_logits, form.value_range
        (False, (0, 255))
    """
    if images is None:
        height, width, channels = specification.shape[1:]
        shape = (height or UNKNOWN_SIDE, width or UNKNOWN_SIDE, channels or 3)
        images = np.random.RandomState(0).randint(0, 256, (8, *shape)).astype("uint8")
    sizes = tf.TensorSpec((None, *images.shape[1:]), specification.dtype)
    traced = tf.function(lambda images: model(images, training=False)).get_concrete_function(sizes)
    try:
        graph = inlined_graph(traced)
    except Exception:  # where TensorFlow cannot do it, the first batch has to do
        graph = None
    value_range, images_because = _value_range(traced, graph, sizes)
    scaled = tf.cast(in_range(images, value_range or VALUE_RANGE), specification.dtype)
    outputs = np.asarray(tf.cast(traced(scaled), tf.float32))
    from_logits, outputs_because = _from_logits(
        outputs, len(images), None if graph is None else last_operation(traced, graph)
    )
    return ModelForm(from_logits, value_range, outputs_because, images_because)


def are_probabilities(outputs: Any) -> bool:
    """Return whether every row is nonnegative and sums to 1, within half precision.

    Args:
        outputs: Array `(B, K)`.

    Example:
        >>> are_probabilities(np.array([[0.25, 0.75]])), are_probabilities(np.array([[2.0, -1.0]]))
        (True, False)
    """
    outputs = np.asarray(outputs)
    return bool(outputs.min() >= 0.0 and np.all(np.abs(outputs.sum(1) - 1.0) < 0.02))


def _from_logits(outputs: np.ndarray, count: int, last: str | None) -> tuple[bool | None, str]:
    if outputs.ndim != 2 or len(outputs) != count or outputs.shape[1] < 2:
        raise ValueError(
            f"Expected a classifier with outputs ({count}, K), K at least 2. "
            f"Received: shape {outputs.shape}."
        )
    if not np.isfinite(outputs).all():
        raise ValueError(
            "Expected a classifier with finite outputs. Received: NaN or infinity for the first "
            "images."
        )
    if are_probabilities(outputs):
        return False, "every row of its outputs is nonnegative and sums to 1"
    sums = outputs.sum(1)
    rows_differ = np.ptp(outputs, axis=0).max() > 0.0
    if rows_differ and outputs.min() >= 0.0 and np.ptp(sums) < 0.01 * sums.mean():
        return None, (
            f"its outputs are nonnegative and each row sums to {sums.mean():.3g}, so that they are "
            "neither logits nor probabilities of classes"
        )
    if last not in _LINEAR and outputs.min() >= 0.0 and outputs.max() <= 1.0:
        return None, (
            "its outputs lie in [0, 1] but do not sum to 1, so that they are neither logits nor "
            "probabilities of classes"
        )
    return True, "the rows of its outputs do not sum to 1"


def _value_range(
    traced: Any, graph: Any, specification: tf.TensorSpec
) -> tuple[tuple[int, int] | None, str]:
    if specification.dtype.is_integer:
        return VALUE_RANGE, f"it takes {specification.dtype.name}"
    found = None if graph is None else preprocessing(traced, graph, specification)
    if found is None:
        return None, "what its layers do to the images before their first kernel cannot be told"
    zero, unit = found
    value_range = _range_of(zero, unit)
    seen = " and ".join(
        f"{level} to {(level - zero) / unit:.3g}" for level in value_range or VALUE_RANGE
    )
    if value_range is not None:
        return value_range, f"its own layers take {seen}"
    if 0.5 < unit < 2.0 and zero <= 1.5:
        return None, "its own layers leave the images as they are, or nearly so"
    return None, f"its own layers take {seen}, as for images of no usual range"


def _range_of(zero: float, unit: float) -> tuple[int, int] | None:
    """Return the range of which a model makes something in the order of 1, None where unclear.

    Args:
        zero: The level that it takes to 0.
        unit: How far apart levels are that become 1 apart.
    """
    if unit > 16.0 or zero > 50.0:
        # Levels of the other ranges would all become about the same. Some networks only subtract a
        # mean, of about half of 255.
        return VALUE_RANGE
    if zero > 1.5 or unit > 2.0:
        return None  # 255 would be far out, and 1 next to 0
    if zero < -0.1:
        return (-1, 1)  # in no other range a level below 0 is the middle or the least
    if unit < 1 / 16:
        return (0, 1)  # spread to 0..255, before what follows scales it again
    if max(abs(zero - 0.5), abs(unit - 0.5)) < 1e-3:
        return (0, 1)  # to -1 and 1, which is no mean and deviation of images
    # A mean and standard deviation of images in [0, 1]; those in [-1, 1] deviate by more.
    return (0, 1) if zero > 0.02 and unit < 0.36 else None
