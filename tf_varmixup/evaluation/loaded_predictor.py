"""Predictors from wherever a classifier is: a run, a file, a SavedModel, or a function."""

import os
import warnings

from tf_varmixup.evaluation.loaded_classifier import load_classifier
from tf_varmixup.evaluation.predictor import Predictor, check_model_range
from tf_varmixup.images import VALUE_RANGE


def load_predictor(
    path: str | os.PathLike[str],
    from_logits: bool | None = None,
    value_range: tuple[int, int] | None = None,
) -> Predictor:
    """Load a classifier from wherever it is.

    Args:
        path: A run's folder, a `.keras` file, a SavedModel's folder with one image input in the
            signature `serving_default`, or `"module:function"`, a `Predictor` or a Keras model in a
            module that Python finds. Of the outputs of a SavedModel, the one called `logits` or the
            only one is taken.
        from_logits: Whether a classifier of another origin returns logits; None finds out, see
            `detect_form`, and takes a function's for logits. Of a run it is known.
        value_range: The range of the images that it takes, (0, 255), (0, 1) or (-1, 1). None finds
            out; a model that does not scale images itself is given 0..255, with a warning.

    Returns:
        A `Predictor`.

    Raises:
        FileNotFoundError: If there is nothing at the path.
        ValueError: If it is none of these, or damaged, or does not return what is stated.

    Example:
        >>> from models import compact
        >>> compact((8, 8, 1), 10).save("classifier.keras")
        >>> predict = load_predictor("classifier.keras")
        >>> predict(np.zeros((2, 8, 8, 1), "uint8"), np.arange(2)).shape
        TensorShape([2, 10])
    """
    if value_range is not None:
        value_range = check_model_range(value_range)
    loaded = load_classifier(path)
    form = loaded.stated_form(from_logits, value_range)
    if form.from_logits is None:
        raise ValueError(
            f"Expected a classifier that returns logits or probabilities, or from_logits=True. "
            f"Received: {os.fspath(path)}; {form.outputs_because}."
        )
    if form.value_range is None:
        warnings.warn(
            f"{os.fspath(path)} is given images in 0..255, since {form.images_because}; "
            "value_range says otherwise.",
            stacklevel=2,
        )
        form = form.stated(value_range=VALUE_RANGE)
    return loaded.predictor(form)
