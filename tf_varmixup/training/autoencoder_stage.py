"""The first stage of a run: the variational autoencoder."""

import functools
import math
import pathlib

import keras
import numpy as np
import tensorflow as tf

from tf_varmixup import data
from tf_varmixup.loading import load_model
from tf_varmixup.methods.signatures import method_signature
from tf_varmixup.run.folder import RunFolder
from tf_varmixup.run.recipe import ResolvedRecipe
from tf_varmixup.siblings import sibling
from tf_varmixup.training.batches import for_autoencoder
from tf_varmixup.training.fitted_blur import fitted_names
from tf_varmixup.training.resumable_fit import resumable_fit
from tf_varmixup.training.schedules import warmup_and_decay
from tf_varmixup.training.tensorboard import autoencoder_loggers
from tf_varmixup.workers import distributed_batches

FILE = "vae.keras"
LEARNING_RATE = 4e-3


def make_autoencoder(
    image_shape: tuple[int, int, int], recipe: ResolvedRecipe
) -> keras.Model | None:
    """Make a new autoencoder for a recipe, or load the one that it names.

    Args:
        image_shape: `(H, W, C)`.
        recipe: A `ResolvedRecipe`.

    Returns:
        A `VariationalAutoencoder`, or None where the method needs none and none is named.

    Raises:
        FileNotFoundError: If the recipe names a file that is not there.
        ValueError: If the file is no autoencoder of such images.
    """
    if recipe.vae is not None:
        return load_autoencoder(recipe.vae, image_shape)
    if not (method_signature(recipe.method).needs_autoencoder or fitted_names(recipe)):
        return None
    return sibling("models").VariationalAutoencoder(
        image_shape,
        latent=recipe.vae_latent,
        likelihood_scale=recipe.likelihood_scale,
        objective=recipe.vae_objective,
        adversarial_radius=recipe.vae_adversarial_radius,
        seed=recipe.seed,
    )


def autoencoder_file(path: pathlib.Path) -> pathlib.Path:
    """Return the file of an autoencoder: the path itself, or the one in a run's folder."""
    return path / FILE if path.is_dir() else path


def load_autoencoder(path: pathlib.Path, image_shape: tuple[int, int, int]) -> keras.Model:
    """Load the autoencoder of a file, or of a run's folder, and check that it fits the images.

    Args:
        path: A `.keras` file, or a run's folder with a `vae.keras`.
        image_shape: `(H, W, C)` of the images.

    Returns:
        A `VariationalAutoencoder`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no autoencoder of such images.
    """
    file = autoencoder_file(path)
    autoencoder = load_model(file, compile=False)
    needed = ("posterior", "decode", "likelihood_scale")
    is_one = all(hasattr(autoencoder, name) for name in needed)
    found = getattr(autoencoder, "image_shape", None) if is_one else None
    if found is None or tuple(found) != tuple(image_shape):
        what = "no autoencoder" if found is None else f"one of images {tuple(found)}"
        raise ValueError(
            f"Expected vae to be an autoencoder of images {tuple(image_shape)}. "
            f"Received: {file}, {what}."
        )
    weights = map(keras.ops.convert_to_numpy, autoencoder.weights)
    if not all(np.isfinite(weight.astype("float32")).all() for weight in weights):
        raise ValueError(
            f"Expected vae to have finite weights. Received: {file}, in which some are not."
        )
    return autoencoder


def train_autoencoder(
    autoencoder: keras.Model,
    dataset: data.Dataset,
    recipe: ResolvedRecipe,
    run: RunFolder,
    strategy: tf.distribute.Strategy,
) -> dict[str, float]:
    """Fit the autoencoder to the training images, unless it came trained, and measure it.

    It is saved as `vae.keras` in the run's folder.

    Args:
        autoencoder: A `VariationalAutoencoder`, changed in place.
        dataset: A `tf_varmixup.data.Dataset`.
        recipe: A `ResolvedRecipe`.
        run: The run's folder.
        strategy: What distributes the training.

    Returns:
        A dict of `elbo`, `kl`, `mse`, `psnr` and `active_units`, of the test images.
    """
    recipe = for_autoencoder(recipe)
    if recipe.vae is None:
        steps = recipe.vae_epochs * data.steps_per_epoch(dataset.train, recipe.batch_size)
        with strategy.scope():
            autoencoder.compile(keras.optimizers.Adam(warmup_and_decay(LEARNING_RATE, steps)))
        loggers = autoencoder_loggers(autoencoder, dataset, recipe, run)
        resumable_fit(autoencoder, dataset, recipe, run, "vae", recipe.vae_epochs, loggers)
    run.save_model(autoencoder, FILE)
    with strategy.scope():  # by an optimizer that is no burden to a classifier's file
        autoencoder.compile(keras.optimizers.SGD())
    evaluated = dataset.test, recipe.batch_size, dataset.num_classes
    make = functools.partial(data.evaluation_batches, *evaluated)
    test = distributed_batches(autoencoder.distribute_strategy, make)
    steps = math.ceil(len(dataset.test) / recipe.batch_size)
    measured = autoencoder.evaluate(test, steps=steps, verbose=0, return_dict=True)
    metrics = {"elbo": measured["log_likelihood"] - measured["kl"], **measured}
    names = ("elbo", "kl", "mse", "psnr", "active_units")
    return {name: float(metrics[name]) for name in names}
