"""Fit a model so that a run that was stopped goes on where it stopped."""

import contextlib
import functools
import math
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
from tf_varmixup.workers import distributed_batches, share_from_chief, spans_workers

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
    own, strategy = sibling("callbacks"), model.distribute_strategy
    steps = data.steps_per_epoch(dataset.train, recipe.batch_size)
    # The clocks of several machines differ, and a state is read from all replicas at once.
    minutes = None if recipe.strategy == "multi_worker" else recipe.checkpoint_minutes
    checkpoint = RunCheckpoint(run, name, steps, minutes, curves)
    if spans_workers(strategy):
        with strategy.scope():
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
    begun = divmod(first_step, steps)
    train = functools.partial(training_batches, dataset, recipe, *begun)
    batches = distributed_batches(strategy, train)
    if mix is not None:
        batches = mix(batches, first_step=first_step)
    measured = dataset.validation, recipe.batch_size, dataset.num_classes
    measure = functools.partial(data.evaluation_batches, *measured)
    validation = distributed_batches(strategy, measure)
    if first_step % steps:  # makes the metrics, which go on as they were
        model.evaluate(validation, steps=1, verbose=0)
    with contextlib.closing(own.TrainingProgress(name, SHOWN)) as progress:
        model.fit(
            batches,
            epochs=epochs,
            initial_epoch=first_step // steps,
            steps_per_epoch=steps,
            validation_data=validation,
            validation_steps=math.ceil(len(dataset.validation) / recipe.batch_size),
            shuffle=False,
            callbacks=[AveragedStatistics(), *callbacks, checkpoint, progress],
            verbose=0,
        )
