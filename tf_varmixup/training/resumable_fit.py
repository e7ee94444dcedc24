"""Fit a model so that a run that was stopped goes on where it stopped."""

import contextlib
import pathlib
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from tf_varmixup import data
from tf_varmixup.run.folder import RunFolder
from tf_varmixup.run.recipe import ResolvedRecipe
from tf_varmixup.siblings import sibling
from tf_varmixup.training.averaged_statistics import AveragedStatistics
from tf_varmixup.training.batches import training_batches
from tf_varmixup.training.run_checkpoint import RunCheckpoint
from tf_varmixup.workers import share_from_chief, spans_workers

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
    curves: pathlib.Path | None = None,
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
        curves: File of the learning curves, a row per epoch; or None.

    Raises:
        FloatingPointError: If the loss is not finite after a step.
        OSError: If a state cannot be written.
    """
    own = sibling("callbacks")
    steps = data.steps_per_epoch(dataset.train, recipe.batch_size)
    # The clocks of several machines differ, and a state is read from all replicas at once.
    minutes = None if recipe.strategy == "multi_worker" else recipe.checkpoint_minutes
    checkpoint = RunCheckpoint(run, name, steps, minutes, curves)
    if spans_workers(model.distribute_strategy):
        with model.distribute_strategy.scope():
            model.optimizer.build(model.trainable_variables)
        checkpoint.restore(model)  # the chief's; the others have none
        share_from_chief(model)
        first_step = int(keras.ops.convert_to_numpy(model.step))
    else:
        first_step = checkpoint.restore(model)
    if first_step >= epochs * steps:
        return
    for callback in callbacks:
        if hasattr(callback, "resumed"):
            callback.resumed = first_step > 0
    batches = training_batches(dataset, recipe, *divmod(first_step, steps))
    if mix is not None:
        batches = mix(batches, first_step=first_step)
    validation = data.evaluation_batches(dataset.validation, recipe.batch_size, dataset.num_classes)
    if first_step % steps:
        model.evaluate(validation.take(1), verbose=0)  # makes the metrics, which go on as they were
    with contextlib.closing(own.TrainingProgress(name, SHOWN)) as progress:
        model.fit(
            batches,
            epochs=epochs,
            initial_epoch=first_step // steps,
            steps_per_epoch=steps,
            validation_data=validation,
            shuffle=False,
            callbacks=[AveragedStatistics(), *callbacks, checkpoint, progress],
            verbose=0,
        )
