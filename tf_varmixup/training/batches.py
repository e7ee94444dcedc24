"""The batches that a run trains on."""

import dataclasses
import functools

import tensorflow as tf

from tf_varmixup import data
from tf_varmixup.run.recipe import ResolvedRecipe

AUTOENCODER_BATCH = 128  # at most: its steps, and their rate, do not grow with the classifier's


def for_autoencoder(recipe: ResolvedRecipe) -> ResolvedRecipe:
    """Return a recipe whose batches are those of the autoencoder and of what judges it.

    Args:
        recipe: A `ResolvedRecipe`.

    Returns:
        The recipe with batches of at most `AUTOENCODER_BATCH` images.

    Example:
        >>> from tf_varmixup.run import Recipe
        >>> recipe = Recipe("cifar10").resolved(45_000, 10_000, True, "float32", "none")
        >>> recipe.batch_size, for_autoencoder(recipe).batch_size
        (256, 128)
    """
    return dataclasses.replace(recipe, batch_size=min(recipe.batch_size, AUTOENCODER_BATCH))


def training_batches(
    dataset: data.Dataset,
    recipe: ResolvedRecipe,
    first_epoch: int = 0,
    first_step: int = 0,
    context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
    """Serve a dataset for training as a recipe says: shuffled, shifted, and mirrored or not.

    Args:
        dataset: A `tf_varmixup.data.Dataset`.
        recipe: A `ResolvedRecipe`.
        first_epoch: The epoch to begin with.
        first_step: The step to begin with in that epoch.
        context: Which of several workers this is, whose parts of the batches are to be served; None
            for whole batches.

    Returns:
        An endless `tf.data.Dataset` of `(images, labels)`: `uint8 (B, H, W, C)` and one-hot
        `float32 (B, K)`.

    Example:
        >>> from tf_varmixup.data import load_data
        >>> from tf_varmixup.run import Recipe
        >>> recipe = Recipe("digits").resolved(1293, 359, False, "float32", "none")
        >>> next(iter(training_batches(load_data("digits"), recipe)))[0].shape
        TensorShape([64, 8, 8, 1])
    """
    pixels = int(recipe.shift * dataset.image_shape[0])
    padding = max(pixels, int(recipe.shift > 0))  # a pixel at least, if any
    augmentation = functools.partial(data.augment, flip=recipe.flip, padding=padding)
    return data.training_batches(
        dataset.train,
        recipe.batch_size,
        dataset.num_classes,
        recipe.seed,
        augmentation,
        first_epoch,
        first_step,
        context,
    )
