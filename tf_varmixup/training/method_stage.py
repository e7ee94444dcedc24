"""The method of a run, made once its autoencoder is trained."""

from typing import Any

import keras
import tensorflow as tf

from tf_varmixup import data, draws
from tf_varmixup.methods import Batch, Method, create, method_signature
from tf_varmixup.run.recipe import Recipe, ResolvedRecipe
from tf_varmixup.siblings import sibling
from tf_varmixup.training.batches import training_batches
from tf_varmixup.training.fitted_blur import with_fitted


def make_method(recipe: Recipe, autoencoder: keras.Model | None) -> Method:
    """Make the method of a recipe.

    Args:
        recipe: A `Recipe`.
        autoencoder: A trained `VariationalAutoencoder`, which is frozen if the method takes it.

    Returns:
        A `Method`.

    Raises:
        ValueError: If a parameter is bad, or batches are to be mixed in the tf.data graph by a
            method that does more than draw them.

    Example:
        >>> make_method(Recipe("digits", method="mixup", method_parameters={"alpha": 0.2}), None)
        Mixup(alpha=0.2, lambda_per='image', clean_share=0.0)
    """
    parameters: dict[str, Any] = dict(recipe.method_parameters)
    if method_signature(recipe.method).needs_autoencoder:
        parameters["autoencoder"] = autoencoder
    method = create(recipe.method, **parameters)
    if recipe.mix_in == "data" and not (hasattr(method, "map") and method.only_draws):
        raise ValueError(
            "Expected a vicinal distribution, which only draws batches, with mix_in 'data'. "
            f"Received: {recipe.method}."
        )
    return method


def check_method(
    recipe: ResolvedRecipe, autoencoder: keras.Model | None, dataset: data.Dataset
) -> None:
    """Raise ValueError if the method of a recipe cannot be made or cannot train its classifier.

    Args:
        recipe: A `ResolvedRecipe`.
        autoencoder: A `VariationalAutoencoder`, which can be trained afterwards, or None.
        dataset: A `tf_varmixup.data.Dataset`.
    """
    method = make_method(with_fitted(recipe, sigma=1.0), autoencoder)
    if type(method).check_network is not Method.check_network:
        build = sibling("models").classifier_builder(recipe.classifier, recipe.classifier_weights)
        method.check_network(build(dataset.image_shape, dataset.num_classes))
    if autoencoder is not None:
        autoencoder.trainable = True  # the method froze it


def drawn_batch(
    method: Method, classifier: keras.Model, dataset: data.Dataset, recipe: ResolvedRecipe
) -> tuple[Any, Any]:
    """Draw the first batch as the classifier was trained on it, to be looked at.

    Args:
        method: The run's `Method`.
        classifier: The run's `VicinalClassifier`, for methods that ask it.
        dataset: A `tf_varmixup.data.Dataset`.
        recipe: A `ResolvedRecipe`.

    Returns:
        A pair of images `float32 (B, H, W, C)` in 0..255 and labels `float32 (B, K)`.
    """
    images, labels = next(iter(training_batches(dataset, recipe)))
    seed = draws.fold(draws.run_seed(recipe.seed), 0, 0)
    batch = method.draw(classifier, Batch(images, labels), seed)
    # What comes first of several inputs is the images, if any of them is.
    first = tf.nest.flatten(batch.inputs)[0]
    shown = first if len(first.shape) == 4 else images
    count = min(len(shown), len(batch.labels))
    return shown[:count], batch.labels[:count]
