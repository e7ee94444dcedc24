"""What the callbacks share: when they run, how they run the model, and where their figures go."""

import keras
import numpy as np
import tensorflow as tf


class PeriodicEvaluation(keras.callbacks.Callback):
    """Abstract base of callbacks that evaluate the model at the end of some epochs and put the
    figures into `logs`.

    Every epoch whose number, counted from 0, is a multiple of `every` is evaluated, and also the
        first and the last one of each `fit`: the
    first, since `EarlyStopping` and `ModelCheckpoint` would keep a NaN as their best value for
    ever. In the other epochs the figures are
    NaN, unless something else has already logged the name: `CSVLogger` takes its columns from the
        first epoch and wants a value for each.

    The model runs in inference mode in one `tf.function`, which is traced once for a model:
        `Model.predict` builds a pipeline at each
    call, and `predict_on_batch` repeats the batch on every replica under a distribution strategy.

    Args:
        names: names of the figures.
        prefix: what precedes each name in `logs`.
        every: run every how many epochs, a positive integer.
        from_logits: whether the model returns logits or probabilities.

    Raises:
        ValueError: if `every` is not a positive integer or `prefix` is not a string.

    Example:
        >>> class MeanLogit(PeriodicEvaluation):
        ...     def evaluate(self, epoch):
        ...         return {"mean_logit": tf.reduce_mean(self.logits(images))}
        >>> model.fit(training, callbacks=[MeanLogit(["mean_logit"], prefix="val_", every=1, from_logits=True)])
    """

    def __init__(self, names, prefix, every, from_logits):
        super().__init__()
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ValueError(f"every must be a positive integer, received {every!r}")
        if not isinstance(prefix, str):
            raise ValueError(f"prefix must be a string, received {prefix!r}")
        self.names, self.prefix, self.every, self.from_logits = (
            tuple(names),
            prefix,
            every,
            from_logits,
        )
        self._first_epoch = None
        self._forward = None

    def evaluate(self, epoch):
        """Evaluate the model at the end of an epoch.

        Args:
            epoch: its number, counted from 0.

        Returns:
            A dict of name to float, with the names given to the constructor.
        """
        raise NotImplementedError

    def set_model(self, model):
        """Take the model to evaluate, as Keras calls it; the traced function stays while the model
        is the same."""
        if model is not self._model:
            self._forward = tf.function(self._forward_pass, reduce_retracing=True)
        super().set_model(model)

    def _forward_pass(self, images):
        outputs = tf.cast(self.model(images, training=False), tf.float32)
        # the smallest normal number keeps a probability of 0 finite
        return (
            outputs
            if self.from_logits
            else tf.math.log(tf.maximum(outputs, np.finfo(np.float32).tiny))
        )

    def logits(self, images):
        """Run the model in inference mode.

        Args:
            images: batch `(B, H, W, C)` of the type the model takes.

        Returns:
            A `float32` tensor `(B, K)` of logits, the logarithms of probabilities where the model
            returns these.
        """
        return self._forward(images)

    def on_train_begin(self, logs=None):
        """Forget which epoch was the first of an earlier `fit`."""
        self._first_epoch = None

    def on_epoch_end(self, epoch, logs=None):
        """Put the figures into `logs`, NaN in epochs that are not evaluated."""
        logs = {} if logs is None else logs
        if self._first_epoch is None:
            self._first_epoch = epoch
        last = self.model.stop_training or epoch + 1 == self.params.get("epochs")
        if epoch % self.every == 0 or epoch == self._first_epoch or last:
            figures = self.evaluate(epoch)
            logs.update({self.prefix + name: float(figures[name]) for name in self.names})
        else:
            for name in self.names:
                logs.setdefault(self.prefix + name, float("nan"))


def class_numbers(labels):
    """Convert labels to class numbers.

    Args:
        labels: integer array `(N,)` or `(N, 1)` of class numbers, or one-hot array `(N, K)`.

    Returns:
        An `int64` array `(N,)`.

    Raises:
        ValueError: if the labels have another shape or type.

    Example:
        >>> class_numbers(np.eye(3)).tolist()
        [0, 1, 2]
    """
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] > 1:
        return labels.argmax(axis=1)
    if labels.ndim in (1, 2) and np.array_equal(labels, labels.astype(np.int64)):
        return labels.reshape(-1).astype(np.int64)
    raise ValueError(
        f"expected class numbers (n,) or (n, 1) or one-hot labels (n, classes), received {labels.dtype} {labels.shape}"
    )
