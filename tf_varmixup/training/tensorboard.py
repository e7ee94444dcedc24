"""What a run shows in TensorBoard."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from tf_varmixup import data
from tf_varmixup.methods.method import Method
from tf_varmixup.run.folder import RunFolder
from tf_varmixup.run.recipe import ResolvedRecipe
from tf_varmixup.siblings import sibling
from tf_varmixup.training.method_stage import drawn_batch

FOLDER = "tensorboard"
_SHOWN = 12  # images beside their reconstructions


def autoencoder_loggers(
    autoencoder: keras.Model, dataset: data.Dataset, recipe: ResolvedRecipe, run: RunFolder
) -> list[keras.callbacks.Callback]:
    """Make the callbacks that show the training of an autoencoder in TensorBoard.

    Args:
        autoencoder: A `VariationalAutoencoder`.
        dataset: A `tf_varmixup.data.Dataset`.
        recipe: A `ResolvedRecipe`.
        run: The run's folder.

    Returns:
        A list of one `TensorBoardLogger`, or of none where the recipe asks for none.
    """
    originals = dataset.validation.images[:_SHOWN]

    def reconstructions() -> np.ndarray:
        """Return images above what the autoencoder makes of them."""
        decoded = np.asarray(autoencoder.reconstruct(originals))
        return np.concatenate([originals.astype("float32"), decoded], axis=1)

    shown = {"reconstructions": reconstructions}
    return _loggers(recipe, run, "vae", images=shown, every=max(1, recipe.vae_epochs // 10))


def classifier_loggers(
    method: Method,
    classifier: keras.Model,
    dataset: data.Dataset,
    recipe: ResolvedRecipe,
    run: RunFolder,
) -> list[keras.callbacks.Callback]:
    """Make the callbacks that show the training of a classifier in TensorBoard.

    Args:
        method: What it is trained by.
        classifier: A `VicinalClassifier`.
        dataset: A `tf_varmixup.data.Dataset`.
        recipe: A `ResolvedRecipe`.
        run: The run's folder.

    Returns:
        A list of one `TensorBoardLogger`, or of none where the recipe asks for none.
    """

    def batch() -> tuple[Any, Any]:
        return drawn_batch(method, classifier, dataset, recipe)

    shown: Mapping[str, Callable[[], Any]] = {"training_batch": batch}
    names = dataset.class_names
    return _loggers(
        recipe, run, "classifier", data=dataset.validation, images=shown, class_names=names
    )


def _loggers(
    recipe: ResolvedRecipe, run: RunFolder, stage: str, **options: Any
) -> list[keras.callbacks.Callback]:
    if not recipe.tensorboard:
        return []
    return [sibling("callbacks").TensorBoardLogger(run / FOLDER / stage, **options)]
