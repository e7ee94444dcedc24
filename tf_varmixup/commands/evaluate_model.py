"""What is said and asked about the model of an evaluation."""

import numpy as np
import tensorflow as tf

from tf_varmixup import data
from tf_varmixup.commands.evaluate_flags import RANGES
from tf_varmixup.evaluation.detection import ModelForm, are_probabilities
from tf_varmixup.evaluation.loaded_classifier import LoadedClassifier
from tf_varmixup.evaluation.prediction import collect_logits
from tf_varmixup.evaluation.predictor import Predictor


def decided_form(loaded: LoadedClassifier, form: ModelForm, first: data.Split) -> ModelForm:
    """Return a form, or raise ValueError that says what must be stated.

    Args:
        loaded: The classifier.
        form: What was found or stated.
        first: The first test images, of which the message says how many are right in each range.

    Returns:
        The form, nothing of which is None.
    """
    if form.from_logits is None:
        raise ValueError(
            "Expected --from_logits, or a model that returns logits or probabilities. "
            f"Received: neither is plain, since {form.outputs_because}."
        )
    if form.value_range is not None:
        return form
    evidence = []
    for text, value_range in RANGES.items():
        predict = loaded.predictor(form.stated(value_range=value_range))
        logits = collect_logits(predict, first.images, len(first))
        evidence.append(f"{np.mean(logits.argmax(1) == first.labels):.0%} as {text}")
    raise ValueError(
        "Expected --value_range 0,255 or 0,1 or -1,1, the images that the model takes. Received: "
        f"none, and {form.images_because}; of the first {len(first)} test images it has "
        f"{', '.join(evidence)} right."
    )


def check_first_batch(
    predict: Predictor,
    form: ModelForm,
    first: data.Split,
    dataset: data.Dataset,
    is_promised: bool = True,
) -> np.ndarray:
    """Return the first logits, or raise ValueError unless they can be of the dataset's classes.

    Args:
        predict: The classifier.
        form: What it takes and returns.
        first: The first test images.
        dataset: The dataset.
        is_promised: Whether it is known, and not only taken for granted, that these are logits.

    Returns:
        Array `(B, K)`.
    """
    logits = collect_logits(predict, first.images, len(first))
    if logits.shape[1] != dataset.num_classes:
        raise ValueError(
            f"Expected a classifier of the {dataset.num_classes} classes of {dataset.name!r}. "
            f"Received: one of {logits.shape[1]} classes."
        )
    if not np.isfinite(logits).all():
        raise ValueError("Expected finite outputs. Received: NaN or infinity for the first images.")
    if form.from_logits and are_probabilities(logits):
        raise ValueError(
            "Expected logits. Received: outputs whose rows are nonnegative and sum to 1, which are "
            "probabilities; say --no-from_logits."
        )
    if not is_promised and logits.min() >= 0.0 and logits.max() <= 1.0:
        raise ValueError(
            "Expected logits. Received: outputs that all lie in [0, 1], as those of a sigmoid do; "
            "say --from_logits if they are logits nevertheless."
        )
    return logits


def of_form(model: str, loaded: LoadedClassifier, form: ModelForm) -> str:
    """Say what was found."""
    low, high = form.value_range or RANGES["0,255"]
    outputs = "logits" if form.from_logits else "probabilities"
    return (
        f"{model}, a {loaded.kind}: takes images in {low}..{high} ({form.images_because}), "
        f"returns {outputs} ({form.outputs_because})"
    )


def check_gradient(predict: Predictor, images: np.ndarray) -> None:
    """Raise ValueError unless logits can be differentiated by the images."""
    try:
        with tf.GradientTape() as tape:
            points = tf.constant(images, tf.float32)
            tape.watch(points)
            logits = tf.convert_to_tensor(predict(points, tf.range(len(points))))
        gradient = tape.gradient(logits, points)
    except (TypeError, tf.errors.OpError, NotImplementedError):
        gradient = None
    if gradient is None:
        raise ValueError(
            "Expected a classifier whose outputs TensorFlow can differentiate by its images, for "
            "--attack and --local_linearity. Received: one that rounds them or is no TensorFlow; "
            "of a SavedModel of ours take the run or its .keras file."
        )
