"""What can go wrong with a training, found out before anything long begins."""

import concurrent.futures
import contextlib
import functools
import math
import random
from collections.abc import Iterator

import keras
import numpy as np
import psutil
import tensorflow as tf

from tf_varmixup import data
from tf_varmixup.run.recipe import ResolvedRecipe
from tf_varmixup.siblings import sibling
from tf_varmixup.training.classifier_stage import make_classifier
from tf_varmixup.training.fitted_blur import with_fitted
from tf_varmixup.training.method_stage import make_method

_BYTES_PER_WEIGHT = 12  # the weight, its gradient and its momentum in float32
_BYTES_PER_VALUE = 1  # some are kept for the gradient in 4 or 2 bytes, and others are not


def check_size(recipe: ResolvedRecipe, dataset: data.Dataset, replicas: int = 1) -> None:
    """Raise ValueError if the classifier of a recipe is too large for this machine.

    Args:
        recipe: A `ResolvedRecipe`.
        dataset: A `tf_varmixup.data.Dataset`.
        replicas: Among how many replicas a batch will be divided.

    Raises:
        ValueError: If its weights with their gradients and momenta, or what its layers make of a
            batch, exceed the memory, or it cannot be built for such images.
    """
    with undisturbed(), concurrent.futures.ThreadPoolExecutor(1) as thread:
        # In a thread of its own, since Keras keeps a list of what it is yet to initialize.
        counting = thread.submit(_count, recipe, dataset)
    size = " x ".join(map(str, dataset.image_shape))
    try:
        weights, values = counting.result()
    except RecursionError as error:  # Keras goes through a network layer by layer, in each other
        raise ValueError(
            f"Expected a classifier that Keras can build. Received: {recipe.classifier}, which has "
            "too many layers."
        ) from error
    batch = max(1, recipe.batch_size // replicas)
    for what, needed in (
        (f"{weights:,} weights with gradients and momenta", weights * _BYTES_PER_WEIGHT),
        (f"batches of {batch} images of {size}", batch * values * _BYTES_PER_VALUE),
    ):
        available = psutil.virtual_memory().total
        if needed > available:
            raise ValueError(
                "Expected a classifier that can be trained in the memory of this machine "
                f"({available / 2**30:.1f} GiB). Received: {recipe.classifier}, which takes about "
                f"{needed / 2**30:,.1f} GiB for {what}. Try a smaller classifier, batch_size or "
                "image_size."
            )


def _count(recipe: ResolvedRecipe, dataset: data.Dataset) -> tuple[int, int]:
    """Count a classifier's weights, and what its layers return for an image, without making it."""
    build = sibling("models").classifier_builder(recipe.classifier)
    with keras.StatelessScope(initialize_variables=False):
        network = build(dataset.image_shape, dataset.num_classes)
        weights = sum(math.prod(weight.shape) for weight in network.weights)
        return weights, sum(math.prod(layer.output.shape[1:]) for layer in network.layers)


def rehearse(
    recipe: ResolvedRecipe,
    autoencoder: keras.Model | None,
    dataset: data.Dataset,
    replicas: int = 1,
) -> None:
    """Train a classifier on one batch by the method of a recipe, and leave no trace of it.

    Args:
        recipe: A `ResolvedRecipe`.
        autoencoder: A `VariationalAutoencoder`, trained or not, or None.
        dataset: A `tf_varmixup.data.Dataset`.
        replicas: Among how many replicas a batch will be divided.

    Raises:
        ValueError: If the batch does not go through the autoencoder, the method and the classifier,
            or the loss is not finite.
    """
    images = dataset.train.images[: max(1, recipe.batch_size // replicas)]
    labels = keras.utils.to_categorical(dataset.train.labels[: len(images)], dataset.num_classes)
    try:
        with undisturbed():
            loss = _train_on_batch(recipe, autoencoder, dataset, images, labels)
    except (ImportError, KeyboardInterrupt):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        raise ValueError(
            f"Expected a batch of {len(images)} images to go through {recipe.method} and "
            f"{recipe.classifier}. Received: {type(error).__name__}: {reason}"
        ) from error
    finally:
        if autoencoder is not None:
            autoencoder.trainable = True  # the method froze it
    if not math.isfinite(loss):
        raise ValueError(
            f"Expected a finite loss of {recipe.classifier} on a first batch by {recipe.method}. "
            f"Received: {loss}."
        )


def _train_on_batch(
    recipe: ResolvedRecipe,
    autoencoder: keras.Model | None,
    dataset: data.Dataset,
    images: np.ndarray,
    labels: np.ndarray,
) -> float:
    method = make_method(with_fitted(recipe, sigma=1.0), autoencoder)
    classifier = make_classifier(method, dataset, recipe)
    # A graph takes long to make. Only a method of the user's own may fail in one and not without.
    classifier.run_eagerly = ":" not in recipe.method
    batches = tf.data.Dataset.from_tensors((images, labels.astype("float32")))
    if recipe.mix_in == "data":
        batches = functools.partial(method.map, seed=recipe.seed)(batches)
    return float(classifier.train_on_batch(*next(iter(batches)), return_dict=True)["loss"])


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Leave the generators that initial weights come from as they were."""
    before, arrays_before = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(before)
        np.random.set_state(arrays_before)
