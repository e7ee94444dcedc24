"""What the Keras models of this library that take images share."""

import os
from collections.abc import Iterable
from typing import Any

import keras

from tf_varmixup.keras_settings import check_keras_settings
from tf_varmixup.workers import first_local_batch, function_of_steps, spans_workers


class ImageModel(keras.Model):
    """A Keras model of images, saved as a `.keras` file.

    Images come to `call` as they are given, in 0..255: half precision, into which Keras would cast
    them under a mixed dtype policy, cannot tell two neighboring values in 0..255 apart.

    Attributes:
        image_shape: `(H, W, C)`; None stands for any size.

    Args:
        **kwargs: `name`, `dtype` and `trainable`, as of `keras.Model`.

    Raises:
        ValueError: If Keras is set to channels first, float64 or another backend.

    Example:
        >>> class Mean(ImageModel):
        ...     def call(self, images):
        ...         return tf.reduce_mean(images, (1, 2, 3))
        >>> Mean().predict(np.full((2, 8, 8, 1), 200.0), verbose=0).tolist()
        [200.0, 200.0]
    """

    image_shape: tuple[int | None, ...] = (None, None, None)
    # Keras' own, which has no annotations.
    train_function: Any
    test_function: Any

    def __init__(self, **kwargs: Any) -> None:
        check_keras_settings()
        super().__init__(autocast=False, **kwargs)

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """Fit as Keras does, once the callbacks were found to save models in a format that works.

        Args:
            *args: As of `keras.Model.fit`.
            **kwargs: As of `keras.Model.fit`.

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: If a `ModelCheckpoint` is to save whole models as HDF5.
        """
        for callback in _as_list(kwargs.get("callbacks")):
            is_checkpoint = isinstance(callback, keras.callbacks.ModelCheckpoint)
            if is_checkpoint and not callback.save_weights_only:
                check_model_file(callback.filepath)
        return super().fit(*args, **kwargs)

    def make_train_function(self, force: bool = False) -> Any:
        """Make what `fit` calls for each step; Keras' own does not work with several workers.

        Args:
            force: Whether to make it again.

        Returns:
            A function from an iterator over batches to the logs of a step.
        """
        if not spans_workers(self.distribute_strategy):
            return super().make_train_function(force)
        if self.train_function is None or force:
            self.train_function = function_of_steps(self, self.train_step)
        return self.train_function

    def make_test_function(self, force: bool = False) -> Any:
        """Make what `evaluate` calls for each step, as `make_train_function`.

        Args:
            force: Whether to make it again.

        Returns:
            A function from an iterator over batches to the logs of a step.
        """
        if not spans_workers(self.distribute_strategy):
            return super().make_test_function(force)
        if self.test_function is None or force:
            self.test_function = function_of_steps(self, self.test_step)
        return self.test_function

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        """Build metrics from a part of the first batch.

        Keras takes the mean over the replicas' parts, which fails if these are not equally many
        images, and across workers if they are integers.
        """
        strategy = self.distribute_strategy
        if iterator is not None and strategy.num_replicas_in_sync > 1:
            iterator.reset()  # it may be used up, and is reset once more after this
            _, _, batches = next(iter(iterator))
            data_batch = first_local_batch(strategy, batches)
            iterator = None
        super()._maybe_symbolic_build(iterator, data_batch)

    def save(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """Save the model as a `.keras` file.

        Args:
            filepath: The file, ending in `.keras`.
            *args: As of `keras.Model.save`.
            **kwargs: As of `keras.Model.save`.

        Raises:
            ValueError: If the file is an HDF5 file, which holds no models of this kind.
        """
        check_model_file(filepath)
        super().save(filepath, *args, **kwargs)

    def export(
        self,
        filepath: Any,
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> None:
        """Export the inference function as Keras does, for images `float32 (B, H, W, C)`.

        Args:
            filepath: As of `keras.Model.export`.
            format: As of `keras.Model.export`.
            verbose: As of `keras.Model.export`.
            input_signature: As of `keras.Model.export`; None takes `image_shape`.
            **kwargs: As of `keras.Model.export`.
        """
        if input_signature is None:
            input_signature = [keras.InputSpec("float32", (None, *self.image_shape))]
        super().export(filepath, format, verbose, input_signature, **kwargs)


def check_model_file(path: Any) -> None:
    """Raise ValueError if a model is to be saved in Keras' former format, HDF5.

    Args:
        path: The file that the model is to be saved to.

    Raises:
        ValueError: If it ends in `.h5` or `.hdf5`.

    Example:
        >>> check_model_file("best.keras")
    """
    if isinstance(path, str | os.PathLike) and str(path).endswith((".h5", ".hdf5")):
        raise ValueError(
            f"Expected a file ending in .keras. Received: {os.fspath(path)!r}. "
            "HDF5 files hold only the weights of such a model: save_weights writes them."
        )


def _as_list(callbacks: Any) -> Iterable[Any]:
    if isinstance(callbacks, keras.callbacks.CallbackList):
        return list(callbacks.callbacks)
    if isinstance(callbacks, list | tuple):
        return callbacks
    return [] if callbacks is None else [callbacks]
