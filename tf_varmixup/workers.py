"""Keras' steps, values and statistics across the replicas of one or several workers.

Keras 3 does not fit models under `MultiWorkerMirroredStrategy` (its issue 20585): it averages the
logs of a step, which are scalars, over their first axis, and the images of a first batch, which are
integers, over the workers. What is here takes the place of these two and leaves the rest of `fit`
and `evaluate` to Keras.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tf_varmixup.draws import replica_id


def spans_workers(strategy: tf.distribute.Strategy) -> bool:
    """Return whether a strategy trains by several processes that are told of each other.

    Args:
        strategy: A `tf.distribute.Strategy`.

    Example:
        >>> spans_workers(tf.distribute.get_strategy())
        False
    """
    return isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)


def distributed_batches(
    strategy: tf.distribute.Strategy, make: Callable[..., tf.data.Dataset]
) -> Any:
    """Make the batches that a model is fitted to or evaluated on.

    Whoever fits or evaluates says how many batches these are: Keras takes each part for one where a
    worker has several replicas.

    Args:
        strategy: What distributes the run.
        make: Function of `context`, a `tf.distribute.InputContext` where each of several workers
            makes its own parts of the batches, None where it is to make whole batches.

    Returns:
        A `tf.data.Dataset`, which `fit` divides among the replicas of this process, or a
        `tf.distribute.DistributedDataset`.

    Example:
        >>> batches = tf.data.Dataset.range(6).batch(2)
        >>> distributed_batches(tf.distribute.get_strategy(), lambda context: batches) is batches
        True
    """
    if not spans_workers(strategy):
        return make(None)
    return strategy.distribute_datasets_from_function(make)


def function_of_steps(model: keras.Model, step: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make what `fit` or `evaluate` calls for each step, under `MultiWorkerMirroredStrategy`.

    XLA is not used, whatever `compile` was told, as Keras has it under that strategy.

    Args:
        model: A compiled model, made in the scope of the strategy.
        step: Its `train_step` or `test_step`.

    Returns:
        A function from an iterator over distributed batches to the logs of a step, each the mean
        over all replicas of all workers.
    """
    strategy = model.distribute_strategy

    def function(iterator: Any) -> Any:
        for _ in range(model.steps_per_execution):
            logs = strategy.run(step, args=(next(iterator),))
        return keras.tree.map_structure(
            lambda value: strategy.reduce("MEAN", value, axis=None), logs
        )

    if model.run_eagerly:
        return function
    return tf.function(function, reduce_retracing=True, autograph=False)  # as Keras


def first_local_batch(strategy: tf.distribute.Strategy, batches: Any) -> Any:
    """Return what the first replica of this worker gets of the first of distributed batches.

    Args:
        strategy: A `tf.distribute.Strategy`.
        batches: An iterator over distributed batches.

    Returns:
        A batch of tensors.
    """
    return keras.tree.map_structure(
        lambda value: strategy.experimental_local_results(value)[0], next(batches)
    )


def average_over_replicas(model: keras.Model) -> None:
    """Average the moving statistics of batch normalization over the replicas of a model.

    Each replica keeps those of its own share of the batches. All weights that no gradient changes
    are averaged; what is the same on all replicas stays as it is, to the bit.

    Args:
        model: A model; nothing happens where it has one replica. All workers must come here.

    Example:
        >>> average_over_replicas(keras.Sequential([keras.layers.BatchNormalization()]))
    """
    strategy = model.distribute_strategy
    if strategy.num_replicas_in_sync == 1:
        return
    variables = [one for one in model.non_trainable_variables if "float" in one.dtype]
    # TPUs run graphs alone.
    means = tf.function(lambda: [_mean(strategy, one) for one in variables], autograph=False)()
    for variable, mean in zip(variables, means, strict=True):
        _assign(strategy, variable, mean)


def share_from_chief(model: keras.Model) -> None:
    """Give every replica the variables of the first worker, the optimizer's among them.

    Args:
        model: A compiled model whose optimizer is built. All workers must come here.
    """
    strategy = model.distribute_strategy
    variables = [*model.variables, *model.optimizer.variables]
    values = tf.function(
        lambda: [_of_first_replica(strategy, one) for one in variables], autograph=False
    )()
    for variable, value in zip(variables, values, strict=True):
        _assign(strategy, variable, value)


def sum_over_workers(strategy: tf.distribute.Strategy, array: np.ndarray) -> np.ndarray:
    """Return the sum of what the workers have.

    Args:
        strategy: What distributes the run. All workers must come here.
        array: This worker's array; those of all workers have one shape and dtype.

    Returns:
        An array of that shape, the same on all workers.

    Raises:
        tf.errors.OpError: If one of them ended.

    Example:
        >>> sum_over_workers(tf.distribute.get_strategy(), np.array([1, 2])).tolist()
        [1, 2]
    """
    if not spans_workers(strategy):
        return array
    first = _number_of_first_replica(strategy)

    def part(context: Any) -> tf.Tensor:  # of a worker's replicas, the first has it all
        own = context.replica_id_in_sync_group == first
        return tf.constant(array if own else np.zeros_like(array))

    parts = strategy.experimental_distribute_values_from_function(part)
    return np.asarray(strategy.reduce("SUM", parts, axis=None))


def _number_of_first_replica(strategy: tf.distribute.Strategy) -> int:
    numbers: list[int] = []

    def number(context: Any) -> tf.Tensor:
        numbers.append(context.replica_id_in_sync_group)
        return tf.constant(0)

    strategy.experimental_distribute_values_from_function(number)
    return min(numbers)


def _of_first_replica(strategy: tf.distribute.Strategy, variable: Any) -> tf.Tensor:
    def value() -> tf.Tensor:
        own = tf.convert_to_tensor(variable.value)
        return tf.where(replica_id() == 0, own, tf.zeros_like(own))

    return strategy.reduce("SUM", strategy.run(value), axis=None)


def _mean(strategy: tf.distribute.Strategy, variable: Any) -> tf.Tensor:
    """Return the mean over replicas, which of equal values is that value."""
    first = _of_first_replica(strategy, variable)
    apart = strategy.run(lambda: tf.convert_to_tensor(variable.value) - first)
    return first + strategy.reduce("MEAN", apart, axis=None)


def _assign(strategy: tf.distribute.Strategy, variable: Any, value: tf.Tensor) -> None:
    with strategy.scope():
        variable.assign(value)
