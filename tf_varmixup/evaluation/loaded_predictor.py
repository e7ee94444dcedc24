"""Classifiers from wherever they are: a run, a file, a SavedModel, or a function."""

import contextlib
import importlib
import json
import os
import pathlib
import sys
from collections.abc import Iterator

import tensorflow as tf

from tf_varmixup.evaluation.predictor import Predictor, log_probabilities, model_predictor
from tf_varmixup.images import VALUE_RANGE, check_value_range, to_unit
from tf_varmixup.loading import load_model
from tf_varmixup.methods.registry import method_class

SIGNATURE = "serving_default"


def load_predictor(
    path: str | os.PathLike[str],
    from_logits: bool = True,
    value_range: tuple[int, int] = VALUE_RANGE,
) -> Predictor:
    """Load a classifier from wherever it is.

    Args:
        path: A run's folder, a `.keras` file, a SavedModel's folder with one image input in the
            signature `serving_default`, or `"module:function"`, a `Predictor` in a module that
            Python finds. Of the outputs of a SavedModel, the one called `logits` or the only one is
            taken.
        from_logits: Whether a `.keras` file or a SavedModel of another origin returns logits.
        value_range: The range of the images that they take, (0, 255) or (0, 1).

    Returns:
        A `Predictor`.

    Raises:
        FileNotFoundError: If there is nothing at the path.
        ValueError: If it is none of these, or damaged.

    Example:
        >>> from models import compact
        >>> compact((8, 8, 1), 10).save("classifier.keras")
        >>> predict = load_predictor("classifier.keras")
        >>> predict(np.zeros((2, 8, 8, 1), "uint8"), np.arange(2)).shape
        TensorShape([2, 10])
    """
    text = os.fspath(path)
    file = pathlib.Path(text)
    if not file.exists() and ":" in text:
        return _function(text)
    if not file.exists():
        raise FileNotFoundError(
            "Expected a run, a .keras file, a SavedModel or module:function. "
            f"Received: {text}, which does not exist."
        )
    if (file / "classifier.keras").is_file():
        _import_method(file / "config.json")
        return model_predictor(load_model(file / "classifier.keras"))
    if file.suffix == ".keras":
        return model_predictor(load_model(file), from_logits, value_range)
    if (file / "saved_model.pb").is_file():
        return _saved_model(file, from_logits, value_range)
    raise ValueError(
        f"Expected a run, a .keras file, a SavedModel or module:function. Received: {text}."
    )


def _import_method(config: pathlib.Path) -> None:
    """Import the class of a method of the user's own, which a run's classifier holds."""
    settings = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
    if ":" in settings.get("method", ""):
        with _working_directory_on_path():
            method_class(settings["method"])


def _function(text: str) -> Predictor:
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


def _saved_model(
    folder: pathlib.Path, from_logits: bool, value_range: tuple[int, int]
) -> Predictor:
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
    in_unit = check_value_range(value_range) != VALUE_RANGE

    def predict(images: tf.Tensor, indices: tf.Tensor) -> tf.Tensor:
        given = tf.cast(to_unit(images) if in_unit else images, spec.dtype)
        result = tf.cast(serve(**{name: given})[chosen], tf.float32)
        return result if from_logits or chosen == "logits" else log_probabilities(result)

    # The model must outlive its signature, which does not keep it.
    predict.model = model  # type: ignore[attr-defined]
    return predict
