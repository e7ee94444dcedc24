"""Load classifiers from wherever they are: a run, a file, a SavedModel, or a function."""

import contextlib
import dataclasses
import functools
import importlib
import json
import os
import pathlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.evaluation.detection import ModelForm, are_probabilities, detect_form
from tf_varmixup.evaluation.predictor import (
    Predictor,
    in_range,
    log_probabilities,
    model_predictor,
)
from tf_varmixup.image_model import ImageModel
from tf_varmixup.images import VALUE_RANGE
from tf_varmixup.loading import load_model
from tf_varmixup.methods.registry import method_class

SIGNATURE = "serving_default"
RUN, KERAS_FILE, SAVED_MODEL, FUNCTION = "run", ".keras file", "SavedModel", "function"
ANY_IMAGES = tf.TensorSpec((None, None, None, None), tf.float32)
_EXPECTED = "Expected a run, a .keras file, a SavedModel or module:function."


@dataclasses.dataclass(frozen=True, eq=False)
class LoadedClassifier:
    """A classifier from wherever it was, whose form is yet to be found out.

    Attributes:
        kind: "run", ".keras file", "SavedModel" or "function".
        model: Function `(images, training)` to outputs `(B, K)`, such as a Keras model; or a
            `Predictor` where the kind is "function".
        specification: `tf.TensorSpec` of its images, `(None, H, W, C)`, None standing for any size.

    Example:
        >>> from models import compact
        >>> compact((8, 8, 1), 10).save("classifier.keras")
        >>> loaded = load_classifier("classifier.keras")
        >>> loaded.form().from_logits, loaded.form().value_range
        (True, (0, 255))
    """

    kind: str
    model: Callable[..., Any]
    specification: tf.TensorSpec

    def form(self, images: Any = None) -> ModelForm:
        """Find out what the classifier takes and returns.

        Args:
            images: `uint8 (B, H, W, C)`, a first batch; None takes noise.

        Returns:
            A `ModelForm`. It is known of functions, which are predictors, and of models of this
            library; others are looked into by `detect_form`.

        Raises:
            ValueError: As `detect_form`.
        """
        if self.kind == FUNCTION:
            because = "a function is a Predictor"
            return ModelForm(True, VALUE_RANGE, because, because, is_assumed=True)
        if isinstance(self.model, ImageModel):
            value_range = getattr(self.model, "value_range", VALUE_RANGE)
            because = "it is a model of this library"
            return ModelForm(True, value_range, because, because)
        return detect_form(self.model, self.specification, images)

    def stated_form(
        self,
        from_logits: bool | None = None,
        value_range: tuple[int, int] | None = None,
        images: Any = None,
    ) -> ModelForm:
        """Find out what a caller does not state of what the classifier takes and returns.

        Args:
            from_logits: Whether it returns logits; None finds out.
            value_range: One of `MODEL_RANGES`; None finds out.
            images: As of `form`.

        Returns:
            A `ModelForm`.

        Raises:
            ValueError: If anything is stated of a run, or cannot be; or as `detect_form`.
        """
        if self.kind == RUN and (from_logits, value_range) != (None, None):
            raise ValueError(
                "Expected from_logits and value_range to be left out for a run, of which both are "
                f"known. Received: {from_logits} and {value_range}."
            )
        return self.form(images).stated(from_logits, value_range)

    def predictor(self, form: ModelForm) -> Predictor:
        """Make a predictor of the classifier.

        Args:
            form: What it takes and returns, nothing of it None.

        Returns:
            A `Predictor`.
        """
        assert form.from_logits is not None
        assert form.value_range is not None
        if self.kind == FUNCTION:
            return functools.partial(self._call, form)
        return model_predictor(self.model, form.from_logits, form.value_range)

    def _call(self, form: ModelForm, images: Any, indices: Any) -> Any:
        """Call a function of the user's, and say which it was where it fails."""
        assert form.value_range is not None
        name = getattr(self.model, "__name__", type(self.model).__name__)
        what = "logits" if form.from_logits else "probabilities"
        try:
            outputs = self.model(in_range(images, form.value_range), indices)
        except Exception as error:
            raise ValueError(
                f"Expected {name}(images, indices) to return {what}. "
                f"Received: {type(error).__name__}: {error}."
            ) from error
        if form.from_logits:
            return outputs
        if tf.executing_eagerly() and not are_probabilities(outputs):
            raise ValueError(
                f"Expected {name}(images, indices) to return probabilities, as was stated. "
                "Received: outputs whose rows are not nonnegative with a sum of 1."
            )
        return log_probabilities(tf.cast(outputs, tf.float32))


def load_classifier(path: str | os.PathLike[str]) -> LoadedClassifier:
    """Load a classifier from wherever it is, without a decision about its form.

    Args:
        path: As of `load_predictor`.

    Returns:
        A `LoadedClassifier`.

    Raises:
        FileNotFoundError: If there is nothing at the path.
        ValueError: If it is none of these, or damaged.

    Example:
        >>> from models import compact
        >>> compact((8, 8, 1), 10).save("classifier.keras")
        >>> load_classifier("classifier.keras").kind
        '.keras file'
    """
    text = os.fspath(path)
    file = pathlib.Path(text)
    if not file.exists() and ":" in text:
        found = _function(text)
        if isinstance(found, keras.Model):
            return LoadedClassifier(KERAS_FILE, found, _keras_specification(found, text))
        return LoadedClassifier(FUNCTION, found, ANY_IMAGES)
    if not file.exists():
        raise FileNotFoundError(f"{_EXPECTED} Received: {text}, which does not exist.")
    if (file / "classifier.keras").is_file():
        _import_method(file / "config.json")
        model = load_model(file / "classifier.keras", compile=False)
        return LoadedClassifier(RUN, model, _keras_specification(model, text))
    if file.suffix == ".keras":
        model = load_model(file, compile=False)
        if hasattr(model, "posterior"):
            raise ValueError(f"Expected a classifier. Received: {text}, an autoencoder.")
        return LoadedClassifier(KERAS_FILE, model, _keras_specification(model, text))
    if (file / "saved_model.pb").is_file():
        return LoadedClassifier(SAVED_MODEL, *_saved_model(file))
    raise ValueError(f"{_EXPECTED} Received: {text}.")


def _import_method(config: pathlib.Path) -> None:
    """Import the class of a method of the user's own, which a run's classifier holds."""
    settings = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
    if ":" in settings.get("method", ""):
        with _working_directory_on_path():
            method_class(settings["method"])


def _function(text: str) -> Any:
    module, _, name = text.partition(":")
    try:
        with _working_directory_on_path():
            function = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"Expected module:function. Received: {text} ({error}).") from error
    if not callable(function):
        raise ValueError(f"Expected {text} to be a function. Received: {type(function).__name__}.")
    return function


@contextlib.contextmanager
def _working_directory_on_path() -> Iterator[None]:
    folder = os.getcwd()
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def _keras_specification(model: keras.Model, text: str) -> tf.TensorSpec:
    if isinstance(model, ImageModel):
        return tf.TensorSpec((None, *model.image_shape), tf.float32)
    inputs, outputs = getattr(model, "inputs", None), getattr(model, "outputs", None)
    if inputs is None or outputs is None:  # a subclass says nothing of its images
        return ANY_IMAGES
    if len(inputs) != 1 or len(outputs) != 1:
        raise ValueError(
            "Expected a Keras model with one input, the images, and one output. "
            f"Received: {text} with {len(inputs)} and {len(outputs)}."
        )
    return _image_specification(inputs[0].shape, inputs[0].dtype, text)


def _image_specification(shape: Any, dtype: Any, text: str) -> tf.TensorSpec:
    shape = tf.TensorShape(shape)
    if shape.rank is None:
        return tf.TensorSpec(ANY_IMAGES.shape, dtype)
    if shape.rank != 4 or shape[0] is not None or shape[3] not in (1, 3, None):
        raise ValueError(
            "Expected a classifier of images (None, H, W, C), C 1 or 3. "
            f"Received: {text}, whose input is {tuple(shape)}."
        )
    return tf.TensorSpec(shape, dtype)


def _saved_model(folder: pathlib.Path) -> tuple[Callable[..., Any], tf.TensorSpec]:
    model = tf.saved_model.load(os.fspath(folder))
    if SIGNATURE not in model.signatures:
        raise ValueError(
            f"Expected a SavedModel with the signature {SIGNATURE!r}. Received: {folder} with "
            f"{', '.join(model.signatures) or 'none'}."
        )
    serve = model.signatures[SIGNATURE]
    inputs = serve.structured_input_signature[1]
    if len(inputs) != 1:
        raise ValueError(
            f"Expected a SavedModel with one input, the images. Received: {folder} with "
            f"{', '.join(sorted(inputs)) or 'none'}."
        )
    [(name, spec)] = inputs.items()
    outputs = serve.structured_outputs
    chosen = "logits" if "logits" in outputs else next(iter(outputs)) if len(outputs) == 1 else None
    if chosen is None:
        raise ValueError(
            f"Expected a SavedModel with one output, or one called 'logits'. Received: {folder} "
            f"with {', '.join(sorted(outputs))}."
        )

    def call(images: tf.Tensor, training: bool = False) -> tf.Tensor:
        return serve(**{name: tf.cast(images, spec.dtype)})[chosen]

    # The model must outlive its signature, which does not keep it.
    call.model = model  # type: ignore[attr-defined]
    return call, _image_specification(spec.shape, spec.dtype, os.fspath(folder))
