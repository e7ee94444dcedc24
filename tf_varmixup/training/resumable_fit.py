"""Fit a model so that a run that was stopped goes on where it stopped."""

import contextlib
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from tf_varmixup import data
from tf_varmixup.run import history
from tf_varmixup.run.folder import RunFolder
from tf_varmixup.run.recipe import ResolvedRecipe
from tf_varmixup.siblings import sibling
from tf_varmixup.training.batches import training_batches

# Shown beside the progress bar.
SHOWN = ("loss", "psnr", "val_psnr", "accuracy", "val_accuracy", "val_ece")


def resumable_fit(
    model: keras.Model,
    dataset: data.Dataset,
    recipe: ResolvedRecipe,
    run: RunFolder,
    name: str,
    epochs: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    mix: Callable[..., tf.data.Dataset] | None = None,
) -> None:
    """Fit from where an interrupted run stopped, or from the beginning.

    Args:
        model: A compiled `VicinalClassifier` or `VariationalAutoencoder`.
        dataset: A `tf_varmixup.data.Dataset`.
        recipe: A `ResolvedRecipe`.
        run: The run's folder, which keeps the checkpoints.
        name: Name of the checkpoint and of the progress bar.
        epochs: Number of epochs of the whole training.
        callbacks: Keras callbacks besides the checkpoint and the progress bar.
        mix: Turns the pipeline and `first_step` into one that draws from a vicinity, or None.

    Raises:
        FloatingPointError: If the loss is not finite at the end of an epoch.
    """
    own = sibling("callbacks")
    steps = data.steps_per_epoch(dataset.train, recipe.batch_size)
    checkpoint = own.EpochCheckpoint(run.checkpoints / f"{name}.weights.h5")
    first_epoch = checkpoint.restore(model, steps)
    for callback in callbacks:
        if isinstance(callback, keras.callbacks.CSVLogger):
            history.truncate(callback.filename, first_epoch)
    batches = training_batches(dataset, recipe, first_epoch)
    if mix is not None:
        batches = mix(batches, first_step=first_epoch * steps)
    validation = data.evaluation_batches(dataset.validation, recipe.batch_size, dataset.num_classes)
    with contextlib.closing(own.TrainingProgress(name, SHOWN)) as progress:
        model.fit(
            batches,
            epochs=epochs,
            initial_epoch=first_epoch,
            steps_per_epoch=steps,
            validation_data=validation,
            shuffle=False,
            callbacks=[*callbacks, checkpoint, progress],
            verbose=0,
        )
